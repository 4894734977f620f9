// y = x / sqrt(mean(x^2) + epsilon) * scale with the mean over the dims from `axis` on, as ONNX Runtime writes it in the domain
// of ONNX (SimplifiedLayerNormalization).
#include "../reference/axis_split.h"
#include "broadcast_reader.h"
#include "contrib.h"
#include "row_normalization.h"

namespace tenon::microsoft {
using namespace sdk;

struct SimplifiedLayerNormalization {
    std::int64_t axis = -1;
    float epsilon = 1e-5F;
    DataType stashType = DataType::f32;
    static constexpr Identity identity{.name = "SimplifiedLayerNormalization", .since = 1, .implementation = kImplementation};
    static constexpr Slot T = var('T', floats), V = var('V', floats), U = f32 | f64;
    static constexpr auto formats = rows(row(in(T, V), out(V, optional(U))));
    static constexpr auto attributes() {
        using Op = SimplifiedLayerNormalization;
        return std::tuple{attr(1, "axis", &Op::axis, "first normalized dimension"),
                          attr(2, "epsilon", &Op::epsilon, "added to the mean of squares"),
                          attr(3, "stash_type", &Op::stashType, "type of the output inv_std_var")};
    }
    void check(const abi::LayerInfo&) const {
        if (stashType != DataType::f32 && stashType != DataType::f64)
            throw Error(std::string("stash_type must be float32 or float64, found ") + typeName(stashType));
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        for (DataType& t : out)
            t = stashType;
        out[0] = in[1];
    }
    bool accepts(int pos, std::span<const abi::TensorDesc> all, int inputCount) const {
        return pos != inputCount + 1 || all[static_cast<std::size_t>(pos)].type == stashType;
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        reference::checkBroadcastsTo(x[0], x[1], "scale");
        const int first = x[0].axis(axis);
        if (y.count() < 2) return;
        y[1] = x[0].dims();
        for (int i = first; i < y[1].rank(); ++i)
            y[1][i] = 1;
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() {
            dispatch<floats>(l.outputType(0), [&]<class Y>() { this->template runAs<E, Y>(l); });
        });
    }

private:
    template <class E, class Y>
    void runAs(const Launch& l) const {
        const auto x = l.input<E>(0);
        const auto y = l.output<Y>(0);
        const BroadcastReader<Y> scale(l.input<Y>(1), y.dims);
        const reference::AxisSplit s = reference::splitAt(x.dims, axis, x.rank());
        reference::forLines(s, [&](std::int64_t at) {
            const reference::Moments m = momentsAboutZero(x.data + at, s.extent);
            const double inverse = m.inverseDeviation(epsilon);
            for (std::int64_t i = at; i < at + s.extent; ++i)
                y[i] = reference::elementFrom<Y>(Compute<E>(x[i]) * inverse * Compute<Y>(scale[i]));
            if (l.hasOutput(1)) reference::setNumber(l, 1, at / s.extent, inverse);
        });
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(simplified_layer_normalization, tenon::microsoft::SimplifiedLayerNormalization)
