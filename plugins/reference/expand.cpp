// y = x repeated to the dims that x and the given shape broadcast to (ONNX Expand opset 8 and later).
#include "broadcast.h"
#include "strided_copy.h"

namespace tenon::reference {
using namespace sdk;

struct Expand {
    static constexpr Identity identity{.name = "Expand", .since = 8};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(in(T, Slot(i64)), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(1);
    void infer(Shapes x, Shapes y) const {
        Shape wanted = Shape::ofRank(0);
        if (!x[1].content) {
            const std::int64_t rank = std::min<std::int64_t>(x[1].elements().value(), abi::kMaxRank);
            wanted = Shape::ofRank(static_cast<int>(rank));
        } else {
            for (const Dim& d : *x[1].content) {
                if (d.isConstant() && d.value() < 0) throw Error("the shape has an entry " + std::to_string(d.value()));
                wanted.append(d);
            }
        }
        y[0] = broadcast(x[0], wanted);
        broadcastContent(
            y[0], [](const Dim& d) { return d; }, x[0]);
    }
    void run(const Launch& l) const {
        const auto dims = dimsOf(l.outputDesc(0));
        const auto from = broadcastStrides(dimsOf(l.inputDesc(0)), dims), to = denseSteps(dims);
        StridedCopy copy;
        for (std::size_t d = 0; d < dims.size(); ++d)
            copy.add(dims[d], from[d], to[d]);
        copy.run(l.inputType(0), l.inputData(0), l.outputData(0));
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(expand, tenon::reference::Expand)
