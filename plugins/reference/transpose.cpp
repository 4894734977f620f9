// y[i_perm[0], i_perm[1], ...] = x[i_0, i_1, ...] (ONNX Transpose opset 1 and later).
#include "strided_copy.h"
#include "whole_bytes.h"

namespace tenon::reference {
using namespace sdk;

struct Transpose : OnWholeBytes<Transpose> {
    std::vector<std::int64_t> perm;
    static constexpr Identity identity{.name = "Transpose", .since = 1};
    static constexpr Slot T = var('T', anyType | halfBytes);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "perm", &Transpose::perm, "the input's axis of each output axis; empty: reversed")};
    }
    void infer(Shapes x, Shapes y) const {
        const int rank = x[0].rank();
        if (!perm.empty()) checkPermutation(rank);
        y[0] = Shape::ofRank(rank);
        for (int i = 0; i < rank; ++i)
            y[0][i] = x[0][source(i, rank)];
        if (rank <= 1) y[0].content = x[0].content;
    }
    void runWhole(const Launch& l) const {
        const auto dims = dimsOf(l.inputDesc(0));
        const auto from = denseSteps(dims), to = denseSteps(dimsOf(l.outputDesc(0)));
        const int rank = static_cast<int>(dims.size());
        StridedCopy copy;
        for (int i = 0; i < rank; ++i) {
            const auto s = static_cast<std::size_t>(source(i, rank));
            copy.add(dims[s], from[s], to[static_cast<std::size_t>(i)]);
        }
        copy.run(l.inputType(0), l.inputData(0), l.outputData(0));
    }

private:
    int source(int axis, int rank) const {
        if (perm.empty()) return rank - 1 - axis;
        const auto p = static_cast<int>(perm[static_cast<std::size_t>(axis)]);
        return p < 0 ? p + rank : p;
    }
    void checkPermutation(int rank) const {
        if (perm.size() != static_cast<std::size_t>(rank))
            throw Error("perm has " + std::to_string(perm.size()) + " entries, the input has rank " + std::to_string(rank));
        const Shape ranked = Shape::ofRank(rank);
        std::uint32_t seen = 0;
        for (const std::int64_t p : perm)
            seen |= 1U << ranked.axis(p);
        if (seen != (std::uint64_t{1} << rank) - 1) throw Error("perm is not a permutation of the axes");
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(transpose, tenon::reference::Transpose)
