// y = the vectors of x, one for each head and token, turned for their positions (com.microsoft RotaryEmbedding).
#include "contrib.h"
#include "rotary.h"

namespace tenon::microsoft {
using namespace sdk;

struct RotaryEmbedding {
    std::int64_t heads = 0, rotaryDim = 0;
    bool interleaved = false, packedBatching = false;
    float scale = 1.0F;
    static constexpr Identity identity = contrib("RotaryEmbedding");
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(in(T, Slot(i64), T, T), out(T)));
    static constexpr auto attributes() {
        using Op = RotaryEmbedding;
        return std::tuple{
            attr(1, "interleaved", &Op::interleaved, "whether pairs are neighbours"),
            attr(2, "is_packed_batching", &Op::packedBatching, "whether sequences of several lengths follow each other"),
            attr(3, "num_heads", &Op::heads, "heads of an input of rank 3; needed with rotary_embedding_dim").range(0, INT32_MAX),
            attr(4, "rotary_embedding_dim", &Op::rotaryDim, "elements of each vector that are turned; 0: all")
                .range(0, INT32_MAX),
            attr(5, "scale", &Op::scale, "accepted and not used, as in ONNX Runtime")};
    }
    void infer(Shapes x, Shapes y) const {
        const int rank = x[0].rank();
        if (rank != 3 && rank != 4) throw Error("the input must have rank 3 or 4, found " + std::to_string(rank));
        y[0] = x[0].dims();
        if (rank == 3 && rotaryDim > 0 && heads == 0) throw Error("rotary_embedding_dim needs num_heads");
        checkPositions(x[0], x[1]);
        if (x[2].rank() != 2) throw Error("cos_cache and sin_cache must have rank 2");
        if (rotaryDim > 0 && x[2][1].isConstant() && !x[2][1].is(rotaryDim / 2))
            throw Error("the caches must have rotary_embedding_dim / 2 columns");
        const Dim& hidden = x[0][rank - 1];
        if (!hidden.isConstant() || !x[2][1].isConstant()) return;
        const std::int64_t size = headSize(rank, hidden.value(), x[2][1].value());
        if (size == 0 || hidden.value() % size != 0)
            throw Error("vectors of " + std::to_string(hidden.value()) + " elements do not divide into heads");
        checkCaches(x[2], x[3], size);
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() { this->template runAs<E>(l); });
    }

private:
    static void checkPositions(const Shape& x, const Shape& positions) {
        if (positions.rank() == 1 && !(positions[0].isConstant() && !positions[0].is(1))) return;
        if (positions.rank() != 2) throw Error("position_ids must have dims (1) or (batches, tokens)");
        for (int d = 0; d < 2; ++d) {
            const Dim &found = positions[d], &wanted = x[d == 1 && x.rank() == 4 ? 2 : d];
            if (found.isConstant() && wanted.isConstant() && !found.same(wanted))
                throw Error("position_ids must have dims (1) or (batches, tokens)");
        }
    }
    std::int64_t headSize(int rank, std::int64_t last, std::int64_t pairs) const {
        if (rank == 4) return last;
        return heads > 0 && rotaryDim > 0 ? last / heads : 2 * pairs;
    }
    template <class E>
    void runAs(const Launch& l) const {
        const auto x = l.input<E>(0);
        const auto y = l.output<E>(0);
        if (y.size() == 0) return;
        const auto cosines = l.input<E>(2);
        const Rotary<E> rotary{cosines.data, l.input<E>(3).data, cosines.dim(0), cosines.dim(1), interleaved};
        const auto positions = l.input<std::int64_t>(1);
        const bool isOffset = positions.rank() == 1;
        const std::int64_t size = headSize(x.rank(), x.dims.back(), rotary.pairs), tokens = x.dim(x.rank() == 4 ? 2 : 1);
        const std::int64_t perBatch = x.size() / size / x.dim(0);
        // Heads lie within tokens (rank 3) or tokens within heads (rank 4).
        const auto tokenOf = [&](std::int64_t i) { return x.rank() == 4 ? i % tokens : i % perBatch / (perBatch / tokens); };
        const auto positionOf = [&](std::int64_t i) {
            return isOffset ? positions[0] + tokenOf(i) : positions[i / perBatch * tokens + tokenOf(i)];
        };
        for (std::int64_t i = 0; i < positions.size(); ++i)
            rotary.checkPosition(positions[i]);
        if (isOffset) rotary.checkPosition(positions[0] + tokens - 1);
        parallelFor(x.size() / size, std::max<std::int64_t>(1, 4096 / size), [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                rotary.apply(x.data + i * size, positionOf(i), size, y.data + i * size);
        });
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(rotary_embedding, tenon::microsoft::RotaryEmbedding)
