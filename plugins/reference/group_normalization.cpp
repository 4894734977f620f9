// y = (x - mean) / sqrt(variance + epsilon) * scale + bias with the statistics of one image and group of channels:
// InstanceNormalization has one group per channel (ONNX opset 6 and later), GroupNormalization num_groups (opset 21; 18: scale
// and bias per group).
#include "statistics.h"

namespace tenon::reference {
using namespace sdk;

// Normalizes each group of consecutive elements; the scales and biases serve equal parts of every image.
inline void normalizeGroups(const Launch& l, std::int64_t groupsPerImage, float epsilon) {
    const std::int64_t elements = elementCount(l.inputDesc(0).dims), parameters = l.inputDesc(1).dims.d[0];
    if (elements == 0) return;
    const std::int64_t images = l.inputDesc(0).dims.d[0], groups = images * groupsPerImage;
    const std::int64_t size = elements / groups, perParameter = elements / images / parameters;
    dispatch<floats>(l.inputType(0), [&]<class E>() {
        const auto x = l.input<E>(0), scale = l.input<E>(1), bias = l.input<E>(2);
        const auto y = l.output<E>(0);
        using C = Compute<E>;
        parallelFor(groups, std::max<std::int64_t>(1, 16384 / size), [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t g = begin; g < end; ++g) {
                const Moments m = momentsOf(x.data + g * size, size);
                const auto mean = static_cast<C>(m.mean), inverse = static_cast<C>(m.inverseDeviation(epsilon));
                for (std::int64_t from = g * size; from < (g + 1) * size; from += perParameter) {
                    const C factor = inverse * C(scale[from / perParameter % parameters]),
                            shift = bias[from / perParameter % parameters];
                    for (std::int64_t i = from; i < from + perParameter; ++i)
                        y[i] = E((C(x[i]) - mean) * factor + shift);
                }
            }
        });
    });
}

struct InstanceNormalization {
    float epsilon = 1e-5F;
    static constexpr Identity identity{.name = "InstanceNormalization", .since = 1};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T, T, T));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "epsilon", &InstanceNormalization::epsilon, "added to the variance")};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        if (x[0].rank() < 2) throw Error("the input must have rank 2 at least, found " + std::to_string(x[0].rank()));
        checkPerChannel(x[1], x[0][1], "scale");
        checkPerChannel(x[2], x[0][1], "bias");
    }
    void run(const Launch& l) const { normalizeGroups(l, l.inputDesc(0).dims.d[1], epsilon); }
};

struct GroupNormalization {
    float epsilon = 1e-5F;
    std::int64_t groupCount = 1, stashType = 1;
    static constexpr Identity identity{.name = "GroupNormalization", .since = 18};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T, T, T));
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "epsilon", &GroupNormalization::epsilon, "added to the variance"),
            attr(2, "num_groups", &GroupNormalization::groupCount, "groups of channels").required().range(1, 1LL << 53),
            attr(3, "stash_type", &GroupNormalization::stashType, "type of the first stage; double is used for all")};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        if (x[0].rank() < 2) throw Error("the input must have rank 2 at least, found " + std::to_string(x[0].rank()));
        const Dim channels = x[0][1];
        if (channels.isConstant() && channels.value() % groupCount != 0)
            throw Error(std::to_string(channels.value()) + " channels do not divide into " + std::to_string(groupCount) +
                        " groups");
        for (const int i : {1, 2})
            checkPerChannel(x[i], x[i].rank() == 1 && x[i][0].is(groupCount) ? Dim(groupCount) : channels,
                            i == 1 ? "scale" : "bias");
    }
    void run(const Launch& l) const { normalizeGroups(l, groupCount, epsilon); }
};

}  // namespace tenon::reference

TENON_OPERATORS(group_normalization, tenon::reference::GroupNormalization, tenon::reference::InstanceNormalization)
