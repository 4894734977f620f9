// What the random operators share: a generator that each plugin object owns, and its seed.
#pragma once

#include "arithmetic.h"

#include <random>

namespace tenon::reference {

inline constexpr sdk::TypeSet randomTypes = sdk::floats;

class RandomSource {
public:
    // The generator: the same stream from every plugin with this seed; without one, another stream for each.
    std::mt19937_64& operator()(const std::optional<float>& seed) const {
        if (!generator_) generator_.emplace(seed ? std::bit_cast<std::uint32_t>(*seed) : std::random_device{}());
        return *generator_;
    }

private:
    mutable std::optional<std::mt19937_64> generator_;
};

// Fills a float tensor with draws of a distribution over doubles.
template <class Distribution>
void fillRandom(const sdk::Launch& l, std::mt19937_64& generator, Distribution distribution) {
    sdk::dispatch<randomTypes>(l.outputType(0), [&]<class E>() {
        for (E& v : l.output<E>(0))
            v = elementFrom<E>(distribution(generator));
    });
}

inline void checkRandomType(const std::optional<sdk::DataType>& dtype, sdk::TypeSet allowed) {
    if (dtype && !allowed.has(*dtype)) throw sdk::Error(std::string("no random numbers of type ") + sdk::typeName(*dtype));
}

// Dims given as an attribute.
inline sdk::Shape shapeOf(const std::vector<std::int64_t>& dims) {
    sdk::Shape s = sdk::Shape::ofRank(0);
    for (const std::int64_t d : dims) {
        if (d < 0) throw sdk::Error("the shape has an entry " + std::to_string(d));
        s.append(d);
    }
    return s;
}

}  // namespace tenon::reference
