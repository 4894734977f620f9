// y = the inputs, each a tensor with its scale and zero point, quantized anew and joined along one axis (com.microsoft
// QLinearConcat).
#include "../reference/axis_split.h"
#include "affine.h"
#include "contrib.h"

namespace tenon::microsoft {
using namespace sdk;

struct QLinearConcat {
    std::int64_t axis = 0;
    static constexpr Identity identity = contrib("QLinearConcat");
    static constexpr Slot S = f32, T = var('T', codes);
    static constexpr auto formats = rows(row(in(S, T, variadic(Slot(codes | f32))), out(T)));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &QLinearConcat::axis, "axis along which inputs are joined").required()};
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        if (in.size() < 5 || in.size() % 3 != 2) throw Error("inputs must come with a scale and a zero point each");
        out[0] = in[1];
    }
    // Tensor and zero point have the type of y, scales are float32.
    bool accepts(int pos, std::span<const abi::TensorDesc> all, int inputCount) const {
        if (pos < 2 || pos >= inputCount) return true;
        return all[static_cast<std::size_t>(pos)].type == (pos % 3 == 0 ? DataType::f32 : all[1].type);
    }
    void infer(Shapes x, Shapes y) const {
        expectSingle(x, {0, 1});
        Shape out = x[2].dims();
        const int at = out.axis(axis);
        for (int i = 2; i < x.count(); i += 3) {
            expectSingle(x, {i + 1, i + 2});
            if (x[i].rank() != out.rank())
                throw Error("inputs of ranks " + std::to_string(out.rank()) + " and " + std::to_string(x[i].rank()));
            if (i == 2) continue;
            for (int d = 0; d < out.rank(); ++d) {
                if (d == at) out[d] = out[d] + x[i][d];
                else if (out[d].isConstant() && x[i][d].isConstant() && !out[d].same(x[i][d]))
                    throw Error("inputs differ in dimension " + std::to_string(d));
            }
        }
        y[0] = out;
    }
    void run(const Launch& l) const {
        dispatch<codes>(l.outputType(0), [&]<class E>() { this->template runAs<E>(l); });
    }

private:
    template <class E>
    void runAs(const Launch& l) const {
        const auto y = l.output<E>(0);
        const reference::AxisSplit whole = reference::splitAt(y.dims, axis);
        const Affine to = Affine::of(l, 0, 1);
        std::int64_t at = 0;
        for (int i = 2; i < l.layer().inputCount(); i += 3) {
            const auto x = l.input<E>(i);
            const Affine from = Affine::of(l, i + 1, i + 2);
            const reference::AxisSplit part = reference::splitAt(x.dims, axis);
            const std::int64_t run = part.extent * part.inner;
            for (std::int64_t o = 0; o < part.outer && run > 0; ++o)
                std::transform(x.data + o * run, x.data + (o + 1) * run, y.data + (o * whole.extent + at) * whole.inner,
                               [&](E v) { return to.code<E>(from.number(v)); });
            at += part.extent;
        }
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(qlinear_concat, tenon::microsoft::QLinearConcat)
