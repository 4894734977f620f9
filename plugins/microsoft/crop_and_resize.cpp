// y = regions of images, resized to one size: the corners of a region, given in parts of the image's extent, lie on the corners
// of the result (com.microsoft CropAndResize).
#include "../reference/arithmetic.h"
#include "contrib.h"

namespace tenon::microsoft {
using namespace sdk;

struct CropAndResize {
    float extrapolation = 0.0F;
    std::string mode = "bilinear";
    static constexpr Identity identity = contrib("CropAndResize");
    static constexpr Slot T = var('T', floats), I = i32;
    static constexpr auto formats = rows(row(in(T, T, I, I), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(3);
    static constexpr auto attributes() {
        return std::tuple{attr(1, "extrapolation_value", &CropAndResize::extrapolation, "value outside the image"),
                          attr(2, "mode", &CropAndResize::mode, "how values are found").oneOf("bilinear|nearest")};
    }
    void infer(Shapes x, Shapes y) const {
        const int ranks[] = {4, 2, 1, 1};
        for (int i = 0; i < 4; ++i)
            if (x[i].rank() != ranks[i])
                throw Error("input " + std::to_string(i) + " must have rank " + std::to_string(ranks[i]));
        if (x[1][1].isConstant() && !x[1][1].is(4)) throw Error("a region must have four corners");
        if (x[1][0].isConstant() && x[2][0].isConstant() && !x[1][0].same(x[2][0]))
            throw Error("every region must have a batch index");
        y[0] = Shape{x[1][0], x[0][1], Dim::unknown(), Dim::unknown()};
        const auto size = x[3].integers();
        if (size.size() != 2 || size[0] < 1 || size[1] < 1) throw Error("crop_size must be two positive numbers");
        y[0] = Shape{x[1][0], x[0][1], size[0], size[1]};
    }
    void run(const Launch& l) const {
        const auto batch = l.input<std::int32_t>(2);
        for (const std::int32_t b : batch)
            if (b < 0 || b >= l.inputDesc(0).dims.d[0]) throw Error("there is no image " + std::to_string(b));
        dispatch<floats>(l.inputType(0), [&]<class E>() { this->template runAs<E>(l); });
    }

private:
    // Where output i of `count` lies on an axis of `extent` between two parts of it.
    static double position(double from, double to, std::int64_t i, std::int64_t count, std::int64_t extent) {
        const auto last = static_cast<double>(extent - 1);
        if (count == 1) return 0.5 * (from + to) * last;
        return (from + (to - from) * static_cast<double>(i) / static_cast<double>(count - 1)) * last;
    }
    static bool inside(double at, std::int64_t extent) { return at >= 0 && at <= static_cast<double>(extent - 1); }
    template <class E>
    double sample(const E* image, std::int64_t height, std::int64_t width, double row, double column) const {
        const auto at = [&](std::int64_t r, std::int64_t c) { return static_cast<double>(Compute<E>(image[r * width + c])); };
        if (mode == "nearest")
            return at(static_cast<std::int64_t>(std::round(row)), static_cast<std::int64_t>(std::round(column)));
        const auto top = static_cast<std::int64_t>(row), left = static_cast<std::int64_t>(column);
        const std::int64_t bottom = std::min(top + 1, height - 1), right = std::min(left + 1, width - 1);
        const double down = row - static_cast<double>(top), across = column - static_cast<double>(left);
        const double upper = at(top, left) + (at(top, right) - at(top, left)) * across;
        const double lower = at(bottom, left) + (at(bottom, right) - at(bottom, left)) * across;
        return upper + (lower - upper) * down;
    }
    template <class E>
    void runAs(const Launch& l) const {
        const auto x = l.input<E>(0), regions = l.input<E>(1);
        const auto y = l.output<E>(0);
        const std::int32_t* batch = l.input<std::int32_t>(2).data;
        const std::int64_t channels = x.dim(1), height = x.dim(2), width = x.dim(3), rows = y.dim(2), columns = y.dim(3);
        for (std::int64_t i = 0; i < y.size(); ++i) {
            const std::int64_t region = i / columns / rows / channels, channel = i / columns / rows % channels;
            const auto corner = [&](int k) { return static_cast<double>(Compute<E>(regions[region * 4 + k])); };
            const double row = position(corner(0), corner(2), i / columns % rows, rows, height);
            const double column = position(corner(1), corner(3), i % columns, columns, width);
            const E* image = x.data + (batch[region] * channels + channel) * height * width;
            const bool isInside = inside(row, height) && inside(column, width);
            y[i] = reference::elementFrom<E>(isInside ? sample(image, height, width, row, column) : extrapolation);
        }
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(crop_and_resize, tenon::microsoft::CropAndResize)
