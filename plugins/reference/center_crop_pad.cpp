// y = x with some dims given another extent: the middle is cut out, or zeros are put evenly around (ONNX CenterCropPad opset 18).
#include "strided_copy.h"

namespace tenon::reference {
using namespace sdk;

struct CenterCropPad {
    std::optional<std::vector<std::int64_t>> axes;
    static constexpr Identity identity{.name = "CenterCropPad", .since = 18};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(in(T, Slot(i32 | i64)), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(1);
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axes", &CenterCropPad::axes, "axes that the shape is for; default: all")};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape::ofRank(x[0].rank());
        if (!x[1].content) return;
        const std::vector<Dim>& wanted = *x[1].content;
        if (wanted.size() != (axes ? axes->size() : static_cast<std::size_t>(x[0].rank())))
            throw Error("the shape has " + std::to_string(wanted.size()) + " entries, not one for each axis");
        y[0] = x[0].dims();
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            if (wanted[i].isConstant() && wanted[i].value() < 0)
                throw Error("the shape has an entry " + std::to_string(wanted[i].value()));
            y[0][axes ? x[0].axis((*axes)[i]) : static_cast<int>(i)] = wanted[i];
        }
    }
    void run(const Launch& l) const {
        const auto dims = dimsOf(l.inputDesc(0)), outDims = dimsOf(l.outputDesc(0));
        const auto from = denseSteps(dims), to = denseSteps(outDims);
        const std::int64_t bytes = elementCount(l.outputDesc(0).dims) * elementBits(l.outputType(0)) / 8;
        if (bytes > 0) std::memset(l.outputData(0), 0, static_cast<std::size_t>(bytes));
        StridedCopy copy;
        std::int64_t fromOffset = 0, toOffset = 0;
        for (std::size_t d = 0; d < dims.size(); ++d) {
            const std::int64_t more = outDims[d] - dims[d];
            copy.add(std::min(dims[d], outDims[d]), from[d], to[d]);
            if (more > 0) toOffset += more / 2 * to[d];
            else fromOffset += -more / 2 * from[d];
        }
        copy.run(l.inputType(0), l.inputData(0), l.outputData(0), fromOffset, toOffset);
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(center_crop_pad, tenon::reference::CenterCropPad)
