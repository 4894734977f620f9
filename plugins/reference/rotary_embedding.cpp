// Each pair (a, b) of elements of a head becomes (cos a - sin b, sin a + cos b) with the angles of the token's position (Su et
// al., RoFormer, 2021; ONNX RotaryEmbedding opset 23). Pairs are neighbours when interleaved, else they lie half a head apart.
#include "arithmetic.h"

namespace tenon::reference {
using namespace sdk;

struct RotaryEmbedding {
    bool interleaved = false;
    std::int64_t headCount = 0, rotaryDim = 0;
    static constexpr Identity identity{.name = "RotaryEmbedding", .since = 23};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(in(T, T, T, optional(Slot(i64))), out(T)));
    static constexpr auto attributes() {
        using R = RotaryEmbedding;
        return std::tuple{
            attr(1, "interleaved", &R::interleaved, "whether pairs are neighbours"),
            attr(2, "num_heads", &R::headCount, "heads that a 3-D input holds").range(0, INT32_MAX),
            attr(3, "rotary_embedding_dim", &R::rotaryDim, "leading elements of a head to rotate; 0: all").range(0, INT32_MAX)};
    }
    void infer(Shapes x, Shapes y) const {
        const int rank = x[0].rank();
        if (rank != 3 && rank != 4) throw Error("the input must have rank 3 or 4, found " + std::to_string(rank));
        if (rank == 3 && headCount == 0) throw Error("an input of rank 3 needs the attribute 'num_heads'");
        y[0] = x[0].dims();
        const Dim &batches = x[0][0], &tokens = x[0][rank == 3 ? 1 : 2];
        const Dim pairs = pairsOf(x[0][rank - 1], rank);
        for (int i = 1; i <= 2; ++i) {
            const Shape& cache = x[i];
            if (cache.rank() != (x.has(3) ? 2 : 3))
                throw Error(x.has(3) ? "with position_ids, a cache has rank 2" : "without position_ids, a cache has rank 3");
            match(cache[cache.rank() - 1], pairs, "angles of a position");
            if (!x.has(3)) matchTokens(cache, batches, tokens);
        }
        match(x[1][0], x[2][0], "positions of the caches");
        if (!x.has(3)) return;
        if (x[3].rank() != 2) throw Error("position_ids must have rank 2, found " + std::to_string(x[3].rank()));
        matchTokens(x[3], batches, tokens);
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() { rotate<E>(l); });
    }

private:
    static void match(const Dim& found, const Dim& wanted, const char* what) {
        if (found.isConstant() && wanted.isConstant() && !found.same(wanted))
            throw Error(std::string(what) + ": found " + std::to_string(found.value()) + ", expected " +
                        std::to_string(wanted.value()));
    }
    static void matchTokens(const Shape& s, const Dim& batches, const Dim& tokens) {
        match(s[0], batches, "batches");
        match(s[1], tokens, "positions");
    }
    // Pairs to rotate in a head, given the last dim of the input.
    Dim pairsOf(const Dim& last, int rank) const {
        if (!last.isConstant()) return rotaryDim > 0 ? Dim(rotaryDim / 2) : Dim::unknown();
        if (rank == 3 && last.value() % headCount != 0)
            throw Error(std::to_string(last.value()) + " elements do not divide into " + std::to_string(headCount) + " heads");
        const std::int64_t head = rank == 3 ? last.value() / headCount : last.value();
        const std::int64_t rotated = rotaryDim > 0 ? rotaryDim : head;
        if (rotated % 2 != 0 || rotated > head)
            throw Error("cannot rotate " + std::to_string(rotated) + " of the " + std::to_string(head) + " elements of a head");
        return rotated / 2;
    }
    // Calls body(head of x, batch, token) for every head of every token.
    template <class F>
    void forHeads(std::span<const std::int64_t> dims, F&& body) const {
        const bool isFlat = dims.size() == 3;
        const std::int64_t heads = isFlat ? headCount : dims[1], tokens = isFlat ? dims[1] : dims[2];
        parallelFor(dims[0] * heads * tokens, 64, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                body(i, i / (heads * tokens), isFlat ? i / heads % tokens : i % tokens);
        });
    }
    template <class E>
    void rotate(const Launch& l) const {
        const View<const E> x = l.input<E>(0), cosines = l.input<E>(1), sines = l.input<E>(2);
        const View<E> y = l.output<E>(0);
        if (y.size() == 0) return;
        const std::int64_t head = x.rank() == 3 ? x.dim(2) / headCount : x.dim(3);
        const std::int64_t pairs = (rotaryDim > 0 ? rotaryDim : head) / 2, tokens = x.dim(x.rank() == 3 ? 1 : 2);
        const std::int64_t* positions = l.hasInput(3) ? l.input<std::int64_t>(3).data : nullptr;
        for (std::int64_t i = 0; positions != nullptr && i < x.dim(0) * tokens; ++i)
            if (positions[i] < 0 || positions[i] >= cosines.dim(0))
                throw Error("position " + std::to_string(positions[i]) + " is outside a cache of " +
                            std::to_string(cosines.dim(0)));
        forHeads(x.dims, [&](std::int64_t index, std::int64_t batch, std::int64_t token) {
            const std::int64_t place = batch * tokens + token, angle = (positions != nullptr ? positions[place] : place) * pairs;
            const E* from = x.data + index * head;
            E* to = y.data + index * head;
            for (std::int64_t k = 0; k < pairs; ++k) {
                const std::int64_t first = interleaved ? 2 * k : k, second = interleaved ? 2 * k + 1 : k + pairs;
                const double a = number(from[first]), b = number(from[second]);
                const double c = number(cosines[angle + k]), s = number(sines[angle + k]);
                to[first] = elementFrom<E>(c * a - s * b);
                to[second] = elementFrom<E>(s * a + c * b);
            }
            std::copy_n(from + 2 * pairs, head - 2 * pairs, to + 2 * pairs);
        });
    }
    template <class E>
    static double number(E v) {
        return static_cast<double>(Compute<E>(v));
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(rotary_embedding, tenon::reference::RotaryEmbedding)
