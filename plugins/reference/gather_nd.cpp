// y[b..., i...] = x[b...][indices[b..., i..., :]]: each row of indices names an element or a slice (ONNX GatherND opset 11 and
// later; batch_dims opset 12).
#include "indices.h"

namespace tenon::reference {
using namespace sdk;

struct GatherND {
    std::int64_t batchDims = 0;
    static constexpr Identity identity{.name = "GatherND", .since = 11};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(in(T, Slot(i64)), out(T)));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "batch_dims", &GatherND::batchDims, "leading dims that data and indices share")};
    }
    void infer(Shapes x, Shapes y) const {
        const int rank = x[0].rank(), last = x[1].rank() - 1;
        if (batchDims < 0 || batchDims > last || batchDims >= rank)
            throw Error("batch_dims is " + std::to_string(batchDims) + ", data has rank " + std::to_string(rank) +
                        ", indices have rank " + std::to_string(last + 1));
        const std::int64_t depth = x[1][last].value();
        if (depth < 1 || depth > rank - batchDims)
            throw Error("rows of " + std::to_string(depth) + " indices do not fit data of rank " + std::to_string(rank) +
                        " with " + std::to_string(batchDims) + " batch dims");
        Shape out = Shape::ofRank(0);
        for (int i = 0; i < last; ++i)
            out.append(x[1][i]);
        for (int i = 0; i < batchDims; ++i)
            if (x[0][i].isConstant() && x[1][i].isConstant() && !x[0][i].same(x[1][i]))
                throw Error("batch dimension " + std::to_string(i) + " of data and indices differs");
        for (int i = static_cast<int>(batchDims + depth); i < rank; ++i)
            out.append(x[0][i]);
        y[0] = out;
    }
    void run(const Launch& l) const {
        if (elementCount(l.outputDesc(0).dims) == 0) return;
        const auto dims = dimsOf(l.inputDesc(0)), indexDims = dimsOf(l.inputDesc(1));
        const auto depth = static_cast<std::size_t>(indexDims.back()), batch = static_cast<std::size_t>(batchDims);
        std::int64_t batches = 1, data = 1, slice = 1, rows = 1;
        for (std::size_t i = 0; i < dims.size(); ++i) {
            if (i < batch) batches *= dims[i];
            else data *= dims[i];
            if (i >= batch + depth) slice *= dims[i];
        }
        for (std::size_t i = 0; i + 1 < indexDims.size(); ++i)
            rows *= indexDims[i];
        const SliceIndices indices(Indices(l, 1), dims, batch, depth);
        indices.check(rows);
        const std::int64_t perBatch = rows / batches;
        dispatchSize(l.inputType(0), [&]<class E>() {
            const E* x = l.input<E>(0).data;
            E* y = l.output<E>(0).data;
            parallelFor(rows, std::max<std::int64_t>(1, 16384 / slice), [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t r = begin; r < end; ++r)
                    std::memcpy(y + r * slice, x + r / perBatch * data + indices.offset(r),
                                static_cast<std::size_t>(slice) * sizeof(E));
            });
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(gather_nd, tenon::reference::GatherND)
