// y = x[:, :, top : H - bottom, left : W - right], or height x width elements from (top, left) on (experimental ONNX Crop: opset
// 1, removed in opset 10).
#include <strided_copy.h>

namespace tenon::legacy {
using namespace sdk;

struct Crop {
    std::vector<std::int64_t> border, scale;
    static constexpr Identity identity{.name = "Crop", .implementation = "reference"};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "border", &Crop::border, "left, top, right, bottom").required(),
                          attr(2, "scale", &Crop::scale, "height, width; then right and bottom have no effect")};
    }
    void check(const abi::LayerInfo&) const {
        if (border.size() != 4) throw Error("border must have 4 entries: left, top, right, bottom");
        if (!scale.empty() && scale.size() != 2) throw Error("scale must have 2 entries: height, width");
        for (const std::vector<std::int64_t>* list : {&border, &scale})
            for (const std::int64_t v : *list)
                if (v < 0) throw Error("an entry of border or scale is negative: " + std::to_string(v));
    }
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() != 4) throw Error("the input must be [N, C, H, W]");
        y[0] = x[0].dims();
        for (int i = 0; i < 2; ++i)
            y[0][2 + i] = extent(x[0][2 + i], static_cast<std::size_t>(i));
    }
    void run(const Launch& l) const {
        const auto dims = dimsOf(l.inputDesc(0)), outDims = dimsOf(l.outputDesc(0));
        const auto from = reference::denseSteps(dims), to = reference::denseSteps(outDims);
        reference::StridedCopy copy;
        for (std::size_t d = 0; d < dims.size(); ++d) {
            const std::int64_t start = d < 2 ? 0 : border[3 - d];
            if (start > dims[d] || outDims[d] > dims[d] - start) throw Error("the border exceeds the input");
            copy.add(outDims[d], from[d], to[d]);
        }
        copy.run(l.inputType(0), l.inputData(0), l.outputData(0), border[1] * from[2] + border[0] * from[3]);
    }

private:
    // Height (i = 0) or width (1) of the output.
    Dim extent(const Dim& whole, std::size_t i) const {
        const std::int64_t start = border[1 - i], end = border[3 - i];
        const Dim size = scale.empty() ? whole - Dim(start) - Dim(end) : Dim(scale[i]);
        if (whole.isConstant() && (size.value() < 0 || start > whole.value() || size.value() > whole.value() - start))
            throw Error("the border exceeds the input");
        return size;
    }
};

}  // namespace tenon::legacy

TENON_OPERATORS(crop, tenon::legacy::Crop)
