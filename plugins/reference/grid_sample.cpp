// y[n, c, p...] = x[n, c] interpolated at the coordinates grid[n, p..., :] (ONNX GridSample opset 16 and later; any spatial rank
// since opset 20). Coordinates are in [-1, 1], the last axis of x first.
#include "arithmetic.h"
#include "resize_axis.h"

namespace tenon::reference {
using namespace sdk;

struct GridSample {
    bool alignCorners = false;
    std::string mode = "linear", paddingMode = "zeros";
    static constexpr TypeSet kGridTypes = floats, kInterpolated = numeric | c64 | c128;
    static constexpr Identity identity{.name = "GridSample", .since = 16};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(in(T, Slot(kGridTypes)), out(T)));
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "align_corners", &GridSample::alignCorners, "whether -1 and 1 are centres of elements, not edges"),
            attr(2, "mode", &GridSample::mode, "interpolation").oneOf("linear|bilinear|nearest|cubic|bicubic"),
            attr(3, "padding_mode", &GridSample::paddingMode, "what lies outside").oneOf("zeros|border|reflection")};
    }
    void infer(Shapes x, Shapes y) const {
        const int rank = x[0].rank();
        if (rank < 3 || x[1].rank() != rank) throw Error("the input and the grid must have the same rank, 3 or more");
        const Dim& last = x[1][rank - 1];
        if (last.isConstant() && !last.is(rank - 2))
            throw Error("the grid has " + std::to_string(last.value()) + " coordinates a point");
        if (x[0][0].isConstant() && x[1][0].isConstant() && !x[0][0].same(x[1][0]))
            throw Error("the grid is for another batch size");
        y[0] = x[0].dims();
        for (int i = 2; i < rank; ++i)
            y[0][i] = x[1][i - 1];
    }
    void configure(const Layer& layer) {
        const DataType type = layer.input(0).type;
        if (mode != "nearest" && !kInterpolated.has(type)) throw declined("mode \"" + mode + "\" of " + typeName(type));
    }
    void run(const Launch& l) const {
        if (elementCount(l.outputDesc(0).dims) == 0) return;
        if (elementCount(l.inputDesc(0).dims) == 0) throw Error("there is nothing to sample");
        if (mode == "nearest")
            dispatchSize(l.inputType(0), [&]<class E>() {
                forPoints<E>(
                    l, [](const Point& at, std::span<const std::int64_t> dims, const E* x) { return nearest(at, dims, x); });
            });
        else
            dispatch<kInterpolated>(l.inputType(0), [&]<class E>() {
                forPoints<E>(l, [](const Point& at, std::span<const std::int64_t> dims, const E* x) {
                    const Sample<E> v = sample(at, dims, x, 0, 0);
                    if constexpr (std::is_same_v<Sample<E>, double>) return elementFrom<E>(v);
                    else return E(v);
                });
            });
    }

private:
    // Elements and weights along each spatial axis; index -1 is a zero outside.
    struct Taps {
        std::array<std::int64_t, 4> index{};
        std::array<double, 4> weight{};
        std::size_t count = 0;
    };
    using Point = std::array<Taps, abi::kMaxRank>;

    // What weighted elements add up to.
    template <class E>
    using Sample = std::conditional_t<std::is_convertible_v<E, double>, double, std::complex<double>>;

    // Sets every element of y to what valueAt(taps, extents, plane of x) returns at its point.
    template <class E, class F>
    void forPoints(const Launch& l, F&& valueAt) const {
        const auto dims = dimsOf(l.inputDesc(0)), outDims = dimsOf(l.outputDesc(0)), extents = dims.subspan(2);
        std::int64_t points = 1, plane = 1;
        for (std::size_t d = 2; d < dims.size(); ++d) {
            points *= outDims[d];
            plane *= dims[d];
        }
        double (*coordinate)(const void*, std::int64_t) = nullptr;
        dispatch<kGridTypes>(l.inputType(1), [&]<class G>() { coordinate = readCoordinate<G>; });
        const E* x = l.input<E>(0).data;
        E* y = l.output<E>(0).data;
        const auto rank = static_cast<std::int64_t>(extents.size());
        parallelFor(dims[0] * points, 256, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t p = begin; p < end; ++p) {
                const Point at = locate(
                    extents, [&](std::size_t k) { return coordinate(l.inputData(1), p * rank + static_cast<std::int64_t>(k)); });
                for (std::int64_t c = 0; c < dims[1]; ++c) {
                    const std::int64_t image = p / points * dims[1] + c;
                    y[image * points + p % points] = valueAt(at, extents, x + image * plane);
                }
            }
        });
    }
    template <class G>
    static double readCoordinate(const void* grid, std::int64_t i) {
        return static_cast<double>(static_cast<const G*>(grid)[i]);
    }
    template <class F>
    Point locate(std::span<const std::int64_t> dims, F&& coordinate) const {
        Point at;
        for (std::size_t d = 0; d < dims.size(); ++d)
            at[d] = tapsOf(coordinate(dims.size() - 1 - d), dims[d]);
        return at;
    }
    Taps tapsOf(double g, std::int64_t extent) const {
        constexpr double kFar = 0x1p50;
        const auto n = static_cast<double>(extent);
        double x = alignCorners ? (g + 1) / 2 * (n - 1) : ((g + 1) * n - 1) / 2;
        x = std::isnan(x) ? -1 : std::clamp(x, -kFar, kFar);
        if (mode == "nearest") x = std::nearbyint(x);
        else if (!cubic()) x = padded(x, n);
        Taps t;
        const auto base = static_cast<std::int64_t>(std::floor(x));
        const double r = x - std::floor(x);
        if (mode == "nearest") add(t, base, 1, extent);
        for (std::int64_t i = 0; mode != "nearest" && !cubic() && i < 2; ++i)
            add(t, base + i, i == 0 ? 1 - r : r, extent);
        for (std::int64_t i = -1; cubic() && i < 3; ++i)
            add(t, base + i, cubicWeight(static_cast<double>(i) - r, -0.75), extent);
        return t;
    }
    bool cubic() const { return mode == "cubic" || mode == "bicubic"; }
    void add(Taps& t, std::int64_t index, double weight, std::int64_t extent) const {
        if (index < 0 || index >= extent) {
            if (paddingMode == "zeros") index = -1;
            else index = static_cast<std::int64_t>(padded(static_cast<double>(index), static_cast<double>(extent)));
        }
        t.index[t.count] = index;
        t.weight[t.count++] = weight;
    }
    // A coordinate brought inside: to the border, or mirrored there; zeros leave it outside.
    double padded(double x, double n) const {
        if (paddingMode == "border") return std::clamp(x, 0.0, n - 1);
        if (paddingMode != "reflection") return x;
        const double low = alignCorners ? 0 : -0.5, span = alignCorners ? n - 1 : n;
        if (span == 0) return 0;
        const double turned = std::fmod(std::fabs(x - low), 2 * span);
        return std::clamp(low + std::min(turned, 2 * span - turned), 0.0, n - 1);
    }
    template <class E>
    static E nearest(const Point& at, std::span<const std::int64_t> dims, const E* x) {
        std::int64_t offset = 0;
        for (std::size_t d = 0; d < dims.size(); ++d) {
            if (at[d].index[0] < 0) return E{};
            offset = offset * dims[d] + at[d].index[0];
        }
        return x[offset];
    }
    template <class E>
    static Sample<E> sample(const Point& at, std::span<const std::int64_t> dims, const E* x, std::size_t axis,
                            std::int64_t offset) {
        if (axis == dims.size()) return static_cast<Sample<E>>(x[offset]);
        Sample<E> sum = 0;
        for (std::size_t i = 0; i < at[axis].count; ++i)
            if (at[axis].index[i] >= 0 && at[axis].weight[i] != 0)
                sum += at[axis].weight[i] * sample(at, dims, x, axis + 1, offset * dims[axis] + at[axis].index[i]);
        return sum;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(grid_sample, tenon::reference::GridSample)
