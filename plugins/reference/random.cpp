// y = numbers drawn from a uniform or a normal distribution: RandomUniform, RandomNormal with dims from an attribute; the Like
// forms with the dims of x (ONNX opset 1 and later).
#include "random_source.h"

namespace tenon::reference {
using namespace sdk;

struct UniformOf {
    static constexpr const char *kName = "RandomUniform", *kLikeName = "RandomUniformLike";
    static constexpr const char *kFirst = "low", *kSecond = "high";
    static constexpr float kFirstDefault = 0.0F, kSecondDefault = 1.0F;
    static auto distribution(float low, float high) {
        if (!(low <= high)) throw Error("low is above high");
        return std::uniform_real_distribution<double>(low, high);
    }
};

struct NormalOf {
    static constexpr const char *kName = "RandomNormal", *kLikeName = "RandomNormalLike";
    static constexpr const char *kFirst = "mean", *kSecond = "scale";
    static constexpr float kFirstDefault = 0.0F, kSecondDefault = 1.0F;
    static auto distribution(float mean, float scale) {
        if (!(scale >= 0)) throw Error("scale is negative");
        return [mean, scale, unit = std::normal_distribution<double>()](std::mt19937_64& g) mutable {
            return mean + scale * unit(g);
        };
    }
};

template <class F>
struct Random {
    DataType dtype = DataType::f32;
    float first = F::kFirstDefault, second = F::kSecondDefault;
    std::optional<float> seed;
    std::vector<std::int64_t> shape;
    RandomSource source;
    static constexpr Identity identity{.name = F::kName, .since = 1};
    static constexpr auto formats = rows(row(in(), out(Slot(randomTypes))));
    static constexpr std::uint32_t flags = abi::kNotFoldable;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "dtype", &Random::dtype, "type of the output"),
                          attr(2, F::kFirst, &Random::first, "of the distribution"),
                          attr(3, F::kSecond, &Random::second, "of the distribution"),
                          attr(4, "seed", &Random::seed, "start of the stream; default: another one for each layer"),
                          attr(5, "shape", &Random::shape, "dims of the output").required()};
    }
    void check(const abi::LayerInfo&) const { checkRandomType(dtype, randomTypes); }
    void types(std::span<const DataType>, std::span<DataType> out) const { std::ranges::fill(out, dtype); }
    void infer(Shapes, Shapes y) const { y[0] = shapeOf(shape); }
    void run(const Launch& l) const { fillRandom(l, source(seed), F::distribution(first, second)); }
};

template <class F>
struct RandomLike {
    std::optional<DataType> dtype;
    float first = F::kFirstDefault, second = F::kSecondDefault;
    std::optional<float> seed;
    RandomSource source;
    static constexpr Identity identity{.name = F::kLikeName, .since = 1};
    static constexpr auto formats = rows(row(anyType, randomTypes));
    static constexpr std::uint64_t dimsOnlyInputs = bits(0);
    static constexpr std::uint32_t flags = abi::kNotFoldable;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "dtype", &RandomLike::dtype, "type of the output; default: the input's"),
                          attr(2, F::kFirst, &RandomLike::first, "of the distribution"),
                          attr(3, F::kSecond, &RandomLike::second, "of the distribution"),
                          attr(4, "seed", &RandomLike::seed, "start of the stream; default: another one for each layer")};
    }
    void check(const abi::LayerInfo&) const { checkRandomType(dtype, randomTypes); }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        const DataType type = dtype.value_or(in[0]);
        checkRandomType(type, randomTypes);
        std::ranges::fill(out, type);
    }
    void run(const Launch& l) const { fillRandom(l, source(seed), F::distribution(first, second)); }
};

}  // namespace tenon::reference

TENON_OPERATORS(random, tenon::reference::Random<tenon::reference::UniformOf>,
                tenon::reference::Random<tenon::reference::NormalOf>, tenon::reference::RandomLike<tenon::reference::UniformOf>,
                tenon::reference::RandomLike<tenon::reference::NormalOf>)
