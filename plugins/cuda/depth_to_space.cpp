// DepthToSpace: blocks of channels become squares of pixels (ONNX opset 13). SpaceToDepth: the reverse.
#include "block_copy.h"

namespace tenon::cuda {
using namespace sdk;

// The extents of both are six axes: images, channels, two of the block, height and width.
struct DepthToSpace {
    std::int64_t blocksize = 0;
    std::string mode = "DCR";
    static constexpr Identity identity{.name = "DepthToSpace", .since = 1, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', movable);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "blocksize", &DepthToSpace::blocksize, "edge of the squares").required().range(1, 1 << 20),
            attr(2, "mode", &DepthToSpace::mode, "whether the block or the depth is outer in the channels").oneOf("DCR|CRD")};
    }
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() != 4) throw Error("the input must have rank 4, found " + std::to_string(x[0].rank()));
        const Dim block = blocksize, area = block * block, channels = x[0][1];
        if (channels.isConstant() && channels.value() % area.value() != 0)
            throw Error(std::to_string(channels.value()) + " channels do not divide by " + std::to_string(area.value()));
        y[0] = Shape{x[0][0], floorDiv(channels, area), x[0][2] * block, x[0][3] * block};
    }
    void run(const Launch& l) const {
        const abi::TensorDesc &x = l.inputDesc(0), &y = l.outputDesc(0);
        const std::int64_t b = blocksize, depth = y.dims.d[1], height = x.dims.d[2], width = x.dims.d[3], plane = height * width;
        const bool blockOuter = mode == "DCR";
        const std::int64_t column = blockOuter ? depth * plane : plane, channel = blockOuter ? plane : b * b * plane;
        Walk<2> w;
        w.enclose(b, {1, column});
        w.enclose(width, {b, 1});
        w.enclose(b, {b * width, b * column});
        w.enclose(height, {b * b * width, width});
        w.enclose(depth, {b * b * plane, channel});
        w.enclose(x.dims.d[0], {b * b * plane * depth, b * b * plane * depth});
        check(copyStrided(w, elementBytes(x.type), l.outputData(0), l.inputData(0), streamOf(l)));
    }
};

struct SpaceToDepth {
    std::int64_t blocksize = 0;
    static constexpr Identity identity{.name = "SpaceToDepth", .since = 1, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', movable);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "blocksize", &SpaceToDepth::blocksize, "edge of the squares").required().range(1, 1 << 20)};
    }
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() != 4) throw Error("the input must have rank 4, found " + std::to_string(x[0].rank()));
        const Dim block = blocksize;
        for (const int d : {2, 3})
            if (x[0][d].isConstant() && x[0][d].value() % blocksize != 0)
                throw Error("extent " + std::to_string(x[0][d].value()) + " does not divide by " + std::to_string(blocksize));
        y[0] = Shape{x[0][0], x[0][1] * block * block, floorDiv(x[0][2], block), floorDiv(x[0][3], block)};
    }
    void run(const Launch& l) const {
        const abi::TensorDesc &x = l.inputDesc(0), &y = l.outputDesc(0);
        const std::int64_t b = blocksize, depth = x.dims.d[1], height = y.dims.d[2], width = y.dims.d[3], plane = height * width;
        Walk<2> w;
        w.enclose(width, {1, b});
        w.enclose(height, {width, b * b * width});
        w.enclose(depth, {plane, b * b * plane});
        w.enclose(b, {depth * plane, 1});
        w.enclose(b, {b * depth * plane, b * width});
        w.enclose(x.dims.d[0], {b * b * depth * plane, b * b * depth * plane});
        check(copyStrided(w, elementBytes(x.type), l.outputData(0), l.inputData(0), streamOf(l)));
    }
};

}  // namespace tenon::cuda

TENON_OPERATORS(depth_to_space, tenon::cuda::DepthToSpace, tenon::cuda::SpaceToDepth)
