// Blocks of channels become squares of pixels: DepthToSpace; and back: SpaceToDepth (ONNX opset 1 and later; CRD opset 11).
#include "strided_copy.h"

namespace tenon::reference {
using namespace sdk;

inline void checkBlock(const Shape& x, std::int64_t block) {
    constexpr std::int64_t kLargest = 1 << 20;
    if (block < 1 || block > kLargest) throw Error("blocksize is " + std::to_string(block));
    if (x.rank() != 4) throw Error("the input must have rank 4, it has rank " + std::to_string(x.rank()));
}
inline Dim exactly(const Dim& d, std::int64_t divisor, const char* what) {
    if (d.isConstant() && d.value() % divisor != 0)
        throw Error(std::string(what) + " " + std::to_string(d.value()) + " is no multiple of " + std::to_string(divisor));
    return floorDiv(d, divisor);
}

struct DepthToSpace {
    std::int64_t blocksize = 1;
    std::string mode = "DCR";
    static constexpr Identity identity{.name = "DepthToSpace", .since = 1};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "blocksize", &DepthToSpace::blocksize, "side of a square").required(),
            attr(2, "mode", &DepthToSpace::mode, "order of the channels: pixels first or channels first").oneOf("DCR|CRD")};
    }
    void infer(Shapes x, Shapes y) const {
        checkBlock(x[0], blocksize);
        y[0] = Shape{x[0][0], exactly(x[0][1], blocksize * blocksize, "the number of channels"), x[0][2] * blocksize,
                     x[0][3] * blocksize};
    }
    void run(const Launch& l) const {
        const auto dims = dimsOf(l.outputDesc(0));
        const std::int64_t c = dims[1], h = dims[2] / blocksize, w = dims[3] / blocksize, plane = h * w;
        const bool pixelsFirst = mode == "DCR";
        const std::int64_t channel = pixelsFirst ? plane : plane * blocksize * blocksize,
                           column = pixelsFirst ? plane * c : plane;
        StridedCopy copy;
        copy.add(dims[0], c * plane * blocksize * blocksize, c * plane * blocksize * blocksize);
        copy.add(c, channel, plane * blocksize * blocksize);
        copy.add(h, w, w * blocksize * blocksize);
        copy.add(blocksize, column * blocksize, w * blocksize);
        copy.add(w, 1, blocksize);
        copy.add(blocksize, column, 1);
        copy.run(l.inputType(0), l.inputData(0), l.outputData(0));
    }
};

struct SpaceToDepth {
    std::int64_t blocksize = 1;
    std::string mode = "DCR";
    static constexpr Identity identity{.name = "SpaceToDepth", .since = 1};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "blocksize", &SpaceToDepth::blocksize, "side of a square").required(),
            attr(2, "mode", &SpaceToDepth::mode, "order of the channels: pixels first or channels first").oneOf("DCR|CRD")};
    }
    void infer(Shapes x, Shapes y) const {
        checkBlock(x[0], blocksize);
        y[0] = Shape{x[0][0], x[0][1] * (blocksize * blocksize), exactly(x[0][2], blocksize, "the height"),
                     exactly(x[0][3], blocksize, "the width")};
    }
    void run(const Launch& l) const {
        const auto dims = dimsOf(l.inputDesc(0));
        const std::int64_t c = dims[1], h = dims[2] / blocksize, w = dims[3] / blocksize, plane = h * w;
        const bool pixelsFirst = mode == "DCR";
        const std::int64_t channel = pixelsFirst ? plane : plane * blocksize * blocksize,
                           column = pixelsFirst ? plane * c : plane;
        StridedCopy copy;
        copy.add(dims[0], c * plane * blocksize * blocksize, c * plane * blocksize * blocksize);
        copy.add(blocksize, w * blocksize, column * blocksize);
        copy.add(blocksize, 1, column);
        copy.add(c, plane * blocksize * blocksize, channel);
        copy.add(h, w * blocksize * blocksize, w);
        copy.add(w, blocksize, 1);
        copy.run(l.inputType(0), l.inputData(0), l.outputData(0));
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(depth_to_space, tenon::reference::DepthToSpace, tenon::reference::SpaceToDepth)
