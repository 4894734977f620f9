// y = x laid out repeats[d] times along each dimension d (ONNX Tile opset 6 and later).
#include "strided_copy.h"

namespace tenon::reference {
using namespace sdk;

struct Tile {
    static constexpr Identity identity{.name = "Tile", .since = 6};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(in(T, Slot(i64)), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(1);
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape::ofRank(x[0].rank());
        if (!x[1].content) return;
        const std::vector<Dim>& repeats = *x[1].content;
        if (repeats.size() != static_cast<std::size_t>(x[0].rank()))
            throw Error(std::to_string(repeats.size()) + " repeats for an input of rank " + std::to_string(x[0].rank()));
        for (int i = 0; i < x[0].rank(); ++i) {
            const Dim& r = repeats[static_cast<std::size_t>(i)];
            if (r.isConstant() && r.value() < 0) throw Error("a dimension is repeated " + std::to_string(r.value()) + " times");
            y[0][i] = x[0][i] * r;
        }
    }
    void run(const Launch& l) const {
        const auto dims = dimsOf(l.inputDesc(0)), outDims = dimsOf(l.outputDesc(0));
        if (elementCount(l.outputDesc(0).dims) == 0) return;
        const auto from = denseSteps(dims), to = denseSteps(outDims);
        StridedCopy copy;
        for (std::size_t d = 0; d < dims.size(); ++d) {
            copy.add(outDims[d] / dims[d], 0, dims[d] * to[d]);
            copy.add(dims[d], from[d], to[d]);
        }
        copy.run(l.inputType(0), l.inputData(0), l.outputData(0));
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(tile, tenon::reference::Tile)
