// y = attention of q to k and v with (q, k, v) = x weights + bias, split into heads; keys and values of earlier tokens come in
// `past` and go out, with the new ones, in `present` (com.microsoft Attention).
#include "self_attention.h"

namespace tenon::microsoft {
using namespace sdk;

struct Attention : SelfAttention {
    std::int64_t rotaryDim = 0;
    std::vector<std::int64_t> hiddenSizes;
    static constexpr Identity identity = contrib("Attention");
    static constexpr Slot T = var('T', floats), M = i32;
    static constexpr auto formats =
        rows(row(in(T, T, optional(T), optional(M), optional(T), optional(T), optional(M)), out(T, optional(T))));
    static constexpr SelfAttentionInputs kInputs{.mask = 3, .past = 4, .bias = 5, .pastLength = 6};
    static constexpr auto attributes() {
        return std::tuple_cat(selfAttributes(), std::tuple{attr(7, "qkv_hidden_sizes", &Attention::hiddenSizes,
                                                                "columns of the weights for q, k and v; default: a third each"),
                                                           attr(8, "rotary_embedding_dim", &Attention::rotaryDim,
                                                                "elements of each vector that do_rotary turns")});
    }
    void check(const abi::LayerInfo&) const {
        checkRotary();
        if (hiddenSizes.empty()) return;
        if (hiddenSizes.size() != 3 || hiddenSizes[0] != hiddenSizes[1])
            throw Error("qkv_hidden_sizes must be three numbers, those of q and k the same");
        for (const std::int64_t n : hiddenSizes)
            if (n < 1 || n > INT32_MAX || n % heads != 0) throw Error("qkv_hidden_sizes must be multiples of num_heads");
    }
    void infer(Shapes x, Shapes y) const {
        expectRank(x[0], 3, "the input");
        expectRank(x[1], 2, "the weights");
        expectDim(x[1][0], x[0][2], "the weights");
        if (x.has(2)) reference::checkPerChannel(x[2], x[1][1], "the bias");
        const Dim& columns = x[1][1];
        if (hiddenSizes.empty()) {
            if (columns.isConstant() && columns.value() % (3 * heads) != 0)
                throw Error("the weights have " + std::to_string(columns.value()) +
                            " columns, not a multiple of three times the heads");
            return inferSelf(x, y, kInputs, floorDiv(columns, 3), floorDiv(columns, 3));
        }
        expectDim(columns, hiddenSizes[0] + hiddenSizes[1] + hiddenSizes[2], "the weights");
        inferSelf(x, y, kInputs, hiddenSizes[0], hiddenSizes[2]);
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() {
            const abi::Dims &x = l.inputDesc(0).dims, &w = l.inputDesc(1).dims;
            const std::int64_t query = hiddenSizes.empty() ? w.d[1] / 3 : hiddenSizes[0], value = w.d[1] - 2 * query;
            attendSelf<E>(l, kInputs, {x.d[0], heads, heads, x.d[1], 0, query / heads, value / heads}, project<E>(l));
        });
    }

private:
    // x weights + bias, (batches, tokens, q k v).
    template <class E>
    static std::vector<E> project(const Launch& l) {
        using reference::Range;
        const auto x = l.input<E>(0), w = l.input<E>(1);
        const std::int64_t columns = w.dim(1), depth = w.dim(0);
        const E* bias = dataOf<E>(l, 2);
        std::vector<E> y(static_cast<std::size_t>(x.dim(0) * x.dim(1) * columns));
        reference::forProducts<double>(
            {1, x.dim(0) * x.dim(1), columns, depth},
            [&](std::int64_t, Range lanes, Range depths, auto& p) {
                reference::packMatrix(x.data, {depth, 1}, lanes, depths, p);
            },
            [&](std::int64_t, Range lanes, Range depths, auto& p) {
                reference::packMatrix(w.data, {1, columns}, lanes, depths, p);
            },
            [&](std::int64_t, std::int64_t m, std::int64_t n, double sum) {
                if (bias != nullptr) sum += static_cast<double>(Compute<E>(bias[n]));
                y[static_cast<std::size_t>(m * columns + n)] = reference::elementFrom<E>(sum);
            });
        return y;
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(attention, tenon::microsoft::Attention)
