// y = x sampled on a finer or coarser grid: nearest, linear or cubic (ONNX Resize opset 11 to 19; older forms normalised to it).
#include "arithmetic.h"
#include "resize_shape.h"
#include "strided_copy.h"

namespace tenon::reference {
using namespace sdk;

struct Resize {
    bool antialias = false, excludeOutside = false;
    std::vector<std::int64_t> axes;
    std::string coordinates = "half_pixel", policy = "stretch", mode = "nearest", nearestMode = "round_prefer_floor";
    float cubicA = -0.75F, extrapolationValue = 0;
    static constexpr Identity identity{.name = "Resize", .since = 10};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(in(T, optional(f32 | f64 | f16), optional(f32), optional(i64)), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(1, 2, 3);
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "antialias", &Resize::antialias, "whether filters widen when shrinking"),
            attr(2, "axes", &Resize::axes, "axes that roi, scales and sizes are for; empty: all"),
            attr(3, "coordinate_transformation_mode", &Resize::coordinates, "how coordinates correspond")
                .oneOf("half_pixel|half_pixel_symmetric|pytorch_half_pixel|align_corners|asymmetric|tf_half_pixel_for_nn|tf_crop_"
                       "and_resize"),
            attr(4, "cubic_coeff_a", &Resize::cubicA, "parameter of the cubic"),
            attr(5, "exclude_outside", &Resize::excludeOutside, "whether elements outside the input weigh nothing"),
            attr(6, "extrapolation_value", &Resize::extrapolationValue, "what tf_crop_and_resize gives outside the input"),
            attr(7, "keep_aspect_ratio_policy", &Resize::policy, "how sizes are read").oneOf("stretch|not_larger|not_smaller"),
            attr(8, "mode", &Resize::mode, "interpolation").oneOf("nearest|linear|cubic"),
            attr(9, "nearest_mode", &Resize::nearestMode, "rounding of coordinates")
                .oneOf("round_prefer_floor|round_prefer_ceil|floor|ceil")};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape::ofRank(x[0].rank());
        const std::vector<int> resized = resizedAxes(x[0]);
        const bool bySizes = given(x, 3);
        if (bySizes == given(x, 2)) throw Error("give either scales or sizes");
        Shape out = x[0].dims();
        for (const int a : resized)
            out[a] = Dim::unknown();
        y[0] = out;
        const std::vector<Dim> extents = bySizes ? bySize(x[0], x[3], resized) : byScale(x, resized);
        for (std::size_t i = 0; i < resized.size(); ++i) {
            if (x[0][resized[i]].is(0) && extents[i].isConstant() && !extents[i].is(0)) throw Error("there is nothing to resize");
            y[0][resized[i]] = extents[i];
        }
    }
    void configure(const Layer& layer) {
        if (mode != "nearest" && !numeric.has(layer.input(0).type))
            throw declined("mode \"" + mode + "\" of " + typeName(layer.input(0).type));
    }
    void run(const Launch& l) const;

private:
    bool crops() const { return coordinates == "tf_crop_and_resize"; }
    std::vector<int> resizedAxes(const Shape& x) const {
        std::vector<int> all;
        for (int i = 0; axes.empty() && i < x.rank(); ++i)
            all.push_back(i);
        for (const std::int64_t a : axes) {
            all.push_back(x.axis(a));
            if (std::count(all.begin(), all.end(), all.back()) > 1) throw Error("axis " + std::to_string(a) + " is named twice");
        }
        return all;
    }
    static bool given(const Shapes& x, int i) { return x.has(i) && !(x[i].hasRank() && x[i].elements().is(0)); }
    static void checkLength(std::size_t found, std::size_t wanted, const char* what) {
        if (found != wanted)
            throw Error(std::string(what) + " has " + std::to_string(found) + " entries for " + std::to_string(wanted) + " axes");
    }
    std::vector<Dim> bySize(const Shape& x, const Shape& sizes, const std::vector<int>& resized) const {
        if (!sizes.content) throw Unresolved{};
        checkLength(sizes.content->size(), resized.size(), "sizes");
        for (const Dim& d : *sizes.content)
            if (d.isConstant() && d.value() < 0) throw Error("sizes has an entry " + std::to_string(d.value()));
        if (policy == "stretch") return *sizes.content;
        std::vector<std::int64_t> in;
        for (const int a : resized)
            in.push_back(x[a].value());
        const double scale = commonScale(policy == "not_smaller", in, sizes.integers());
        std::vector<Dim> out;
        for (const std::int64_t d : in) {
            const double extent = std::floor(scale * static_cast<double>(d) + 0.5);
            if (!(extent < 0x1p60)) throw Error("sizes are too large");
            out.push_back(static_cast<std::int64_t>(extent));
        }
        return out;
    }
    // The scale alone gives the extent, also where a region is cropped: so say ONNX's shape inference and ONNX Runtime, against
    // the formula in the operator's text.
    std::vector<Dim> byScale(const Shapes& x, const std::vector<int>& resized) const {
        const std::vector<double> scales = x[2].numbers();
        checkLength(scales.size(), resized.size(), "scales");
        if (crops()) checkLength(given(x, 1) ? x[1].numbers().size() : 0, 2 * resized.size(), "roi");
        std::vector<Dim> out;
        for (std::size_t i = 0; i < resized.size(); ++i)
            out.push_back(scaledExtent(x[0][resized[i]], scales[i]));
        return out;
    }
    std::vector<ResizeGeometry> geometry(const Launch& l) const;
    template <class E>
    void runNearest(const Launch& l, const std::vector<ResizeTable>& tables, E outside) const;
    template <class E>
    void interpolate(const Launch& l, const std::vector<ResizeTable>& tables) const;
};

// The numbers of a floating-point shape input; none when it is absent.
inline std::vector<double> numbersOf(const Launch& l, int i) {
    std::vector<double> v;
    if (!l.hasInput(i)) return v;
    dispatch<f32 | f64 | f16>(l.inputType(i), [&]<class E>() {
        for (const E& e : l.input<E>(i))
            v.push_back(static_cast<double>(e));
    });
    return v;
}

std::vector<ResizeGeometry> Resize::geometry(const Launch& l) const {
    const auto dims = dimsOf(l.inputDesc(0)), outDims = dimsOf(l.outputDesc(0));
    const std::vector<int> resized = resizedAxes(Shape::ofRank(static_cast<int>(dims.size())));
    const std::vector<double> scales = numbersOf(l, 2), roi = numbersOf(l, 1);
    if (crops()) checkLength(roi.size(), 2 * resized.size(), "roi");
    std::vector<ResizeGeometry> all(dims.size());
    for (std::size_t d = 0; d < dims.size(); ++d)
        all[d] = {dims[d], outDims[d], 1, static_cast<double>(outDims[d])};
    std::vector<std::int64_t> in;
    for (const int a : resized)
        in.push_back(dims[static_cast<std::size_t>(a)]);
    const double common = scales.empty() && policy != "stretch" ? commonScale(policy == "not_smaller", in, l.integers(3)) : 0;
    for (std::size_t i = 0; i < resized.size(); ++i) {
        ResizeGeometry& g = all[static_cast<std::size_t>(resized[i])];
        g.scale = !scales.empty() ? scales[i] : common != 0 ? common : static_cast<double>(g.out) / static_cast<double>(g.in);
        if (!scales.empty() || common != 0) g.length = g.scale * static_cast<double>(g.in);
        if (!crops()) continue;
        g.start = roi[i];
        g.end = roi[i + resized.size()];
    }
    return all;
}

void Resize::run(const Launch& l) const {
    if (elementCount(l.outputDesc(0).dims) == 0) return;
    const ResizeRule rule{mode, coordinates, nearestMode, antialias, excludeOutside, cubicA};
    std::vector<ResizeTable> tables;
    for (const ResizeGeometry& g : geometry(l)) {
        const bool untouched = g.in == g.out && g.scale == 1 && !crops();
        tables.emplace_back(untouched ? ResizeRule{"nearest", "asymmetric", "floor"} : rule, g);
    }
    if (mode != "nearest") {
        dispatch<numeric>(l.inputType(0), [&]<class E>() { interpolate<E>(l, tables); });
        return;
    }
    std::array<std::byte, 16> outside{};
    if (numeric.has(l.inputType(0)))
        dispatch<numeric>(l.inputType(0), [&]<class E>() {
            const E value = elementFrom<E>(extrapolationValue);
            std::memcpy(outside.data(), &value, sizeof value);
        });
    dispatchSize(l.inputType(0), [&]<class E>() {
        E value;
        std::memcpy(&value, outside.data(), sizeof value);
        runNearest(l, tables, value);
    });
}

template <class E>
void Resize::runNearest(const Launch& l, const std::vector<ResizeTable>& tables, E outside) const {
    const auto dims = dimsOf(l.inputDesc(0)), outDims = dimsOf(l.outputDesc(0));
    const E* x = l.input<E>(0).data;
    E* y = l.output<E>(0).data;
    if (dims.empty()) {
        *y = *x;
        return;
    }
    const auto steps = denseSteps(dims);
    const std::int64_t width = outDims.back(), rows = l.output<E>(0).size() / width;
    parallelFor(rows, std::max<std::int64_t>(1, 16384 / width), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t r = begin; r < end; ++r) {
            const E* from = x;
            std::int64_t left = r;
            for (std::size_t d = dims.size() - 1; d-- > 0; left /= outDims[d]) {
                const auto taps = tables[d].taps(left % outDims[d]);
                from = taps.empty() || from == nullptr ? nullptr : from + taps[0].index * steps[d];
            }
            for (std::int64_t i = 0; i < width; ++i) {
                const auto taps = tables.back().taps(i);
                y[r * width + i] = taps.empty() || from == nullptr ? outside : from[taps[0].index];
            }
        }
    });
}

// The weighted sum of input rows that the outer coordinates of one output row ask for.
template <class E>
struct ResizeRows {
    const E* x;
    std::span<const std::int64_t> dims;
    std::array<std::int64_t, abi::kMaxRank> steps;
    const std::vector<ResizeTable>* tables;
    std::array<std::int64_t, abi::kMaxRank> at{};  // coordinates of the output row

    void add(std::size_t axis, std::int64_t offset, double weight, std::span<double> line) const {
        if (axis + 1 == dims.size()) {
            for (std::size_t i = 0; i < line.size(); ++i)
                line[i] += weight * static_cast<double>(x[offset + static_cast<std::int64_t>(i)]);
            return;
        }
        for (const ResizeTable::Tap& t : (*tables)[axis].taps(at[axis]))
            add(axis + 1, offset + t.index * steps[axis], weight * t.weight, line);
    }
};

// Integers are cut off as a cast cuts them, but what rounding errors left just short of a whole number is that number.
template <class E>
E interpolated(double v) {
    if constexpr (std::is_integral_v<E>) {
        const double whole = std::nearbyint(v);
        if (std::fabs(v - whole) < 1e-9 * std::max(1.0, std::fabs(v))) v = whole;
    }
    return elementFrom<E>(v);
}

template <class E>
void Resize::interpolate(const Launch& l, const std::vector<ResizeTable>& tables) const {
    const auto dims = dimsOf(l.inputDesc(0)), outDims = dimsOf(l.outputDesc(0));
    E* y = l.output<E>(0).data;
    if (dims.empty()) {
        *y = l.input<E>(0)[0];
        return;
    }
    const std::int64_t width = outDims.back(), rows = l.output<E>(0).size() / width;
    const std::int64_t threads = host != nullptr ? std::max(1, host->maxThreads()) : 1, pieces = std::min(threads, rows);
    const auto inWidth = static_cast<std::size_t>(dims.back());
    std::vector<double> lines(static_cast<std::size_t>(pieces) * inWidth);
    const E outside = elementFrom<E>(extrapolationValue);
    parallelFor(pieces, 1, [&](std::int64_t firstPiece, std::int64_t lastPiece) {
        ResizeRows<E> source{l.input<E>(0).data, dims, denseSteps(dims), &tables};
        const std::span<double> line(lines.data() + static_cast<std::size_t>(firstPiece) * inWidth, inWidth);
        for (std::int64_t r = rows * firstPiece / pieces; r < rows * lastPiece / pieces; ++r) {
            bool isOutside = false;
            std::int64_t left = r;
            for (std::size_t d = dims.size() - 1; d-- > 0; left /= outDims[d]) {
                source.at[d] = left % outDims[d];
                isOutside = isOutside || tables[d].taps(source.at[d]).empty();
            }
            std::ranges::fill(line, 0.0);
            if (!isOutside) source.add(0, 0, 1, line);
            for (std::int64_t i = 0; i < width; ++i) {
                double sum = 0;
                for (const ResizeTable::Tap& t : tables.back().taps(i))
                    sum += t.weight * line[static_cast<std::size_t>(t.index)];
                y[r * width + i] = isOutside || tables.back().taps(i).empty() ? outside : interpolated<E>(sum);
            }
        }
    });
}

}  // namespace tenon::reference

TENON_OPERATORS(resize, tenon::reference::Resize)
