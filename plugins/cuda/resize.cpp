// y = x sampled at another resolution (ONNX Resize opset 11 to 19, modes nearest and linear, without antialiasing or cropping).
#include "../reference/resize_shape.h"
#include "cuda_op.h"
#include "kernels/pool.h"

namespace tenon::cuda {
using namespace sdk;

struct Resize {
    bool antialias = false, excludeOutside = false;
    std::vector<std::int64_t> axes;
    std::string coordinates = "half_pixel", policy = "stretch", mode = "nearest", nearestMode = "round_prefer_floor";
    float cubicCoefficient = -0.75F, extrapolationValue = 0.0F;
    static constexpr Identity identity{.name = "Resize", .since = 10, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', floats), X = T.with(kImageLayouts);
    static constexpr auto formats = rows(row(in(X, optional(floats), optional(f32), optional(i64)), out(X)));
    static constexpr std::uint64_t shapeInputs = bits(1, 2, 3);
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "antialias", &Resize::antialias, "must be 0"),
            attr(2, "axes", &Resize::axes, "axes of scales and sizes; empty: all"),
            attr(3, "coordinate_transformation_mode", &Resize::coordinates, "how output coordinates become input coordinates")
                .oneOf("half_pixel|half_pixel_symmetric|pytorch_half_pixel|align_corners|asymmetric|tf_crop_and_resize"),
            attr(4, "cubic_coeff_a", &Resize::cubicCoefficient, "for mode cubic"),
            attr(5, "exclude_outside", &Resize::excludeOutside, "for mode cubic"),
            attr(6, "extrapolation_value", &Resize::extrapolationValue, "for tf_crop_and_resize"),
            attr(7, "keep_aspect_ratio_policy", &Resize::policy, "how sizes are meant").oneOf("stretch|not_larger|not_smaller"),
            attr(8, "mode", &Resize::mode, "nearest or linear").oneOf("nearest|linear|cubic"),
            attr(9, "nearest_mode", &Resize::nearestMode, "rounding of mode nearest")
                .oneOf("round_prefer_floor|round_prefer_ceil|floor|ceil")};
    }
    void check(const abi::LayerInfo&) const {
        if (mode == "cubic" || antialias || coordinates == "tf_crop_and_resize" || policy != "stretch")
            throw declined("only modes nearest and linear, stretched, without antialiasing or cropping");
    }
    bool accepts(int pos, std::span<const abi::TensorDesc> all, int inputCount) const {
        return pos != inputCount || all[static_cast<std::size_t>(pos)].layout == all[0].layout;
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape::ofRank(x[0].rank());
        Shape out = x[0].dims();
        if (isGiven(x, 3)) {
            const auto resized = resizedAxes(out, x[3].elements().value());
            for (std::size_t i = 0; i < resized.size(); ++i)
                out[resized[i]] = x[3].content ? x[3].content->at(i) : Dim::unknown();
        } else if (isGiven(x, 2)) {
            const auto scales = x[2].numbers();
            const auto resized = resizedAxes(out, static_cast<std::int64_t>(scales.size()));
            for (std::size_t i = 0; i < resized.size(); ++i)
                out[resized[i]] = reference::scaledExtent(out[resized[i]], scales[i]);
        } else {
            throw Error("either scales or sizes must be given");
        }
        for (const int a : resizedAxes(out, isGiven(x, 3) ? x[3].elements().value() : x[2].elements().value()))
            if (out[a].isConstant() && out[a].value() < 0)
                throw Error("a resized dimension would be negative: " + std::to_string(out[a].value()));
        y[0] = out;
    }
    void configure(const Layer& l) const {
        if (l.input(0).dims.rank > kResizeAxes) throw declined("rank " + std::to_string(l.input(0).dims.rank) + " is above 5");
    }
    void run(const Launch& l) const {
        const abi::TensorDesc &x = l.inputDesc(0), &y = l.outputDesc(0);
        ResizeShape s{};
        s.isLinear = mode == "linear";
        s.coordinates = coordinateMode();
        s.nearest = nearest();
        std::array<double, abi::kMaxRank> scales{}, lengths{};
        for (int d = 0; d < x.dims.rank; ++d) {
            const auto axis = static_cast<std::size_t>(d);
            scales[axis] = static_cast<double>(y.dims.d[d]) / static_cast<double>(x.dims.d[d]);
            lengths[axis] = static_cast<double>(y.dims.d[d]);
        }
        if (isGiven(l, 2) && !isGiven(l, 3)) {
            const auto given = l.input<float>(2);
            const auto resized = resizedAxes(Shape::ofRank(x.dims.rank), given.size());
            for (std::size_t i = 0; i < resized.size(); ++i) {
                const auto axis = static_cast<std::size_t>(resized[i]);
                scales[axis] = given[static_cast<std::int64_t>(i)];
                lengths[axis] = scales[axis] * static_cast<double>(x.dims.d[resized[i]]);
            }
        }
        const Strides strides = stridesOf(x);
        for (const int d : memoryOrder(y)) {
            const auto axis = static_cast<std::size_t>(d);
            s.axis[s.rank++] = {x.dims.d[d], y.dims.d[d], strides[axis], scales[axis], lengths[axis]};
        }
        cuda::check(resize(x.type, s, l.inputData(0), l.outputData(0), streamOf(l)));
    }

private:
    static bool isGiven(Shapes x, int i) { return x.has(i) && !(x[i].hasRank() && x[i].elements().is(0)); }
    static bool isGiven(const Launch& l, int i) { return l.hasInput(i) && elementCount(l.inputDesc(i).dims) > 0; }
    std::vector<int> resizedAxes(const Shape& x, std::int64_t count) const {
        std::vector<int> resized;
        for (const std::int64_t a : axes)
            resized.push_back(x.axis(a));
        for (int i = 0; axes.empty() && i < x.rank(); ++i)
            resized.push_back(i);
        if (static_cast<std::int64_t>(resized.size()) != count)
            throw Error(std::to_string(count) + " scales or sizes for " + std::to_string(resized.size()) + " axes");
        return resized;
    }
    CoordinateMode coordinateMode() const {
        if (coordinates == "align_corners") return CoordinateMode::alignCorners;
        if (coordinates == "asymmetric") return CoordinateMode::asymmetric;
        if (coordinates == "half_pixel_symmetric") return CoordinateMode::halfPixelSymmetric;
        return coordinates == "pytorch_half_pixel" ? CoordinateMode::pytorchHalfPixel : CoordinateMode::halfPixel;
    }
    NearestMode nearest() const {
        if (nearestMode == "ceil") return NearestMode::ceil;
        if (nearestMode == "floor") return NearestMode::floor;
        return nearestMode == "round_prefer_ceil" ? NearestMode::roundPreferCeil : NearestMode::roundPreferFloor;
    }
};

}  // namespace tenon::cuda

TENON_OPERATORS(resize, tenon::cuda::Resize)
