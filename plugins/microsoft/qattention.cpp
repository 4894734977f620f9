// y = attention of q to k and v with (q, k, v) = x weights + bias, where x and the weights have 8 bits (com.microsoft
// QAttention).
#include "affine.h"
#include "self_attention.h"

namespace tenon::microsoft {
using namespace sdk;

struct QAttention : SelfAttention {
    static constexpr Identity identity = contrib("QAttention");
    static constexpr Slot A = var('A', codes), B = var('B', codes), T = var('T', f32 | f16);
    static constexpr auto formats =
        rows(row(in(A, B, T, T, T, optional(Slot(i32)), optional(A), optional(B), optional(T)), out(T, optional(T))));
    static constexpr SelfAttentionInputs kInputs{.mask = 5, .past = 8};
    enum Input { kX, kWeights, kBias, kScaleX, kScaleWeights, kMask, kZeroX, kZeroWeights };
    static constexpr auto attributes() { return selfAttributes(); }
    void check(const abi::LayerInfo&) const {
        checkRotary();
        if (sharesBuffer) throw declined("past_present_share_buffer needs past_sequence_length, which the operator lacks");
    }
    void infer(Shapes x, Shapes y) const {
        expectRank(x[kX], 3, "the input");
        expectRank(x[kWeights], 2, "the weights");
        const Dim columns = x[kWeights][1];
        expectDim(x[kWeights][0], x[kX][2], "the weights");
        reference::checkPerChannel(x[kBias], columns, "the bias");
        expectSingle(x, {kScaleX, kZeroX});
        for (const int i : {kScaleWeights, kZeroWeights})
            if (x.has(i)) reference::checkPerLane(x[i], columns, columns, "a scale or zero point of the weights");
        if (columns.isConstant() && columns.value() % (3 * heads) != 0)
            throw Error("the weights have " + std::to_string(columns.value()) +
                        " columns, not a multiple of three times the heads");
        inferSelf(x, y, kInputs, floorDiv(columns, 3), floorDiv(columns, 3));
    }
    void run(const Launch& l) const {
        dispatch<codes>(l.inputType(kX), [&]<class X>() {
            dispatch<codes>(l.inputType(kWeights), [&]<class W>() {
                dispatch<f32 | f16>(l.outputType(0), [&]<class E>() { this->template runAs<X, W, E>(l); });
            });
        });
    }

private:
    template <class X, class W, class E>
    void runAs(const Launch& l) const {
        const abi::Dims &x = l.inputDesc(kX).dims, &w = l.inputDesc(kWeights).dims;
        const std::int64_t columns = w.d[1], rows = x.d[0] * x.d[1];
        const std::int64_t flat[] = {rows, x.d[2]};
        const reference::MatrixProduct product(flat, dimsOf(l.inputDesc(kWeights)));
        const reference::PerLane zeroX(l, kZeroX, 1), scaleW(l, kScaleWeights, columns), zeroW(l, kZeroWeights, columns);
        const Affine from = Affine::of(l, kScaleX, kZeroX);
        const E* bias = l.input<E>(kBias).data;
        std::vector<E> qkv(static_cast<std::size_t>(rows * columns));
        reference::forIntegerProducts(product, l.input<X>(kX).data, l.input<W>(kWeights).data, zeroX, zeroW,
                                      [&](std::int64_t, std::int64_t m, std::int64_t n, reference::IntegerSum sum) {
                                          const float v = static_cast<float>(static_cast<std::int32_t>(sum)) *
                                                          (from.scale * static_cast<float>(scaleW.at(0, n)));
                                          qkv[static_cast<std::size_t>(m * columns + n)] = E(v + static_cast<float>(bias[n]));
                                      });
        const std::int64_t size = columns / 3 / heads;
        attendSelf<E>(l, kInputs, {x.d[0], heads, heads, x.d[1], 0, size, size}, qkv);
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(qattention, tenon::microsoft::QAttention)
