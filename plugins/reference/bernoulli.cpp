// y = 1 with probability x, else 0, element by element (ONNX Bernoulli opset 15 and later).
#include "random_source.h"

namespace tenon::reference {
using namespace sdk;

struct Bernoulli {
    std::optional<DataType> dtype;
    std::optional<float> seed;
    RandomSource source;
    static constexpr TypeSet kTypes = numeric | boolean;
    static constexpr Identity identity{.name = "Bernoulli", .since = 15};
    static constexpr auto formats = rows(row(floats, kTypes));
    static constexpr std::uint32_t flags = abi::kNotFoldable;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "dtype", &Bernoulli::dtype, "type of the output; default: the input's"),
                          attr(2, "seed", &Bernoulli::seed, "start of the stream; default: another one for each layer")};
    }
    void check(const abi::LayerInfo&) const { checkRandomType(dtype, kTypes); }
    void types(std::span<const DataType> in, std::span<DataType> out) const { std::ranges::fill(out, dtype.value_or(in[0])); }
    void run(const Launch& l) const {
        std::mt19937_64& generator = source(seed);
        std::uniform_real_distribution<double> uniform;
        dispatch<floats>(l.inputType(0), [&]<class P>() {
            const auto x = l.input<P>(0);
            dispatch<kTypes>(l.outputType(0), [&]<class E>() {
                for (std::int64_t i = 0; i < x.size(); ++i)
                    l.output<E>(0)[i] = static_cast<E>(uniform(generator) < static_cast<double>(x[i]) ? 1 : 0);
            });
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(bernoulli, tenon::reference::Bernoulli)
