// Gathers the points of a cloud in vertical pillars, in the order of the grid: of each point its numbers, its distance from the
// mean of its pillar's points and from the pillar's centre; of each pillar (0, 0, row, column); and how many there are (Lang et
// al., PointPillars, 2019; TensorRT's VoxelGeneratorPlugin).
#include "trt_plugin.h"

namespace tenon::tensorrt {

struct VoxelGenerator {
    std::int64_t mostPoints = 0, mostPillars = 0, features = 0;
    std::vector<float> range, size;
    static constexpr Identity identity = pluginIdentity("VoxelGeneratorPlugin");
    static constexpr auto formats = rows(row(in(f32, indexInts), out(f32, i32, i32)));
    static constexpr auto attributes() {
        using V = VoxelGenerator;
        return std::tuple{
            attr(1, "max_num_points_per_voxel", &V::mostPoints, "points of a pillar; more are dropped")
                .required()
                .range(1, 1 << 20),
            attr(2, "max_voxels", &V::mostPillars, "pillars; more are dropped").required().range(1, INT32_MAX),
            attr(3, "point_cloud_range", &V::range, "lowest x, y and z, highest x, y and z; points outside are dropped")
                .required(),
            attr(4, "voxel_feature_num", &V::features, "numbers of a point in a pillar").required().range(1, 1 << 10),
            attr(5, "voxel_size", &V::size, "extents of a pillar").required()};
    }
    void check(const abi::LayerInfo&) {
        require(range.size() == 6 && size.size() == 3, "'point_cloud_range' must have 6 elements, 'voxel_size' 3");
        for (std::size_t i = 0; i < 3; ++i) {
            require(range[i] < range[i + 3] && size[i] > 0, "the range or the size of the pillars is empty");
            cells_[i] = cellCount(i);
        }
        require(cells_[0] > 0 && cells_[1] > 0 && cells_[0] * cells_[1] <= kMostCells, "there are no pillars, or too many");
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = {x[0][0], mostPillars, mostPoints, features};
        y[1] = {x[0][0], mostPillars, 4};
        y[2] = {x[0][0]};
        requireRank(x[0], 3, "the points");
        require(agree(x[1].elements(), x[0][0]), "there must be one number of points for each cloud");
        const Dim numbers = x[0][2];
        require(!numbers.isConstant() || numbers.value() >= 3, "a point must have 3 numbers at least");
        require(!numbers.isConstant() || features <= numbers.value() + kAdded, "'voxel_feature_num' is more than a point has");
    }
    // The pillar of each cell.
    std::uint64_t workspace(const Layer&) const {
        return static_cast<std::uint64_t>(cells_[0] * cells_[1]) * sizeof(std::int64_t);
    }
    void run(const Launch& l) const {
        dispatch<indexInts>(l.inputType(1), [&]<class N>() {
            const View<const float> points = l.input<float>(0);
            const View<const N> counts = l.input<N>(1);
            require(points.dim(2) >= 3 && features <= points.dim(2) + kAdded && counts.size() == points.dim(0),
                    "the inputs do not fit the attributes");
            const std::int64_t perCloud = points.dim(1) * points.dim(2), perPillar = mostPoints * features;
            for (std::int64_t n = 0; n < points.dim(0); ++n) {
                const auto count = std::clamp<std::int64_t>(static_cast<std::int64_t>(counts[n]), 0, points.dim(1));
                const Cloud cloud{points.data + n * perCloud, count, points.dim(2)};
                const Pillars pillars{l.output<float>(0).data + n * mostPillars * perPillar,
                                      l.output<std::int32_t>(1).data + n * mostPillars * 4};
                l.output<std::int32_t>(2)[n] = generate(cloud, pillars, static_cast<std::int64_t*>(l.workspace()));
            }
        });
    }

private:
    static constexpr std::int64_t kAdded = 6;  // distances from the mean and from the centre
    static constexpr std::int64_t kMostCells = 1 << 28;
    struct Cloud {
        const float* data;
        std::int64_t count, numbers;
        const float* point(std::int64_t i) const { return data + i * numbers; }
    };
    struct Pillars {
        float* points;
        std::int32_t* places;
    };
    std::int64_t cellCount(std::size_t axis) const {
        return std::min(reference::toInteger<std::int64_t>(std::nearbyint((range[axis + 3] - range[axis]) / size[axis])),
                        kMostCells);
    }

    // The cell of a point; -1 outside the range.
    std::int64_t cellOf(const float* p) const {
        for (std::size_t i = 0; i < 3; ++i)
            if (!(p[i] >= range[i] && p[i] < range[i + 3])) return -1;
        const auto place = [&](std::size_t i) {
            const auto at = reference::toInteger<std::int64_t>((p[i] - range[i]) / size[i]);
            return std::min(at, cells_[i] - 1);
        };
        return place(1) * cells_[0] + place(0);
    }

    std::int32_t generate(const Cloud& cloud, const Pillars& y, std::int64_t* pillarOf) const {
        constexpr std::int64_t kNone = -1, kUsed = -2;
        std::fill_n(y.points, mostPillars * mostPoints * features, 0.0F);
        std::fill_n(y.places, mostPillars * 4, 0);
        std::fill_n(pillarOf, cells_[0] * cells_[1], kNone);
        for (std::int64_t i = 0; i < cloud.count; ++i)
            if (const std::int64_t cell = cellOf(cloud.point(i)); cell >= 0) pillarOf[cell] = kUsed;
        std::int64_t count = 0;
        for (std::int64_t cell = 0; cell < cells_[0] * cells_[1]; ++cell) {
            if (pillarOf[cell] != kUsed) continue;
            pillarOf[cell] = count < mostPillars ? count : kNone;
            if (count == mostPillars) continue;
            y.places[count * 4 + 2] = static_cast<std::int32_t>(cell / cells_[0]);
            y.places[count * 4 + 3] = static_cast<std::int32_t>(cell % cells_[0]);
            ++count;
        }
        fill(cloud, y, pillarOf, count);
        return static_cast<std::int32_t>(count);
    }

    // Until a pillar is described, the first of its four places counts its points.
    void fill(const Cloud& cloud, const Pillars& y, const std::int64_t* pillarOf, std::int64_t count) const {
        for (std::int64_t i = 0; i < cloud.count; ++i) {
            const std::int64_t cell = cellOf(cloud.point(i)), pillar = cell < 0 ? -1 : pillarOf[cell];
            if (pillar < 0 || y.places[pillar * 4] == mostPoints) continue;
            float* to = y.points + (pillar * mostPoints + y.places[pillar * 4]++) * features;
            std::copy_n(cloud.point(i), std::min(cloud.numbers, features), to);
        }
        for (std::int64_t p = 0; p < count; ++p)
            describe(y.points + p * mostPoints * features, cloud.numbers, y.places + p * 4);
    }
    void describe(float* points, std::int64_t numbers, std::int32_t* place) const {
        const std::int64_t count = std::exchange(place[0], 0);
        for (std::int64_t axis = 0; axis < 3; ++axis) {
            const auto a = static_cast<std::size_t>(axis);
            double sum = 0;
            for (std::int64_t i = 0; i < count && axis < features; ++i)
                sum += points[i * features + axis];
            const auto mean = static_cast<float>(sum / static_cast<double>(count));
            const float centre = size[a] / 2 + static_cast<float>(place[3 - axis]) * size[a] + range[a];
            for (std::int64_t i = 0; i < count; ++i) {
                float* p = points + i * features;
                if (numbers + axis < features) p[numbers + axis] = p[axis] - mean;
                if (numbers + 3 + axis < features) p[numbers + 3 + axis] = p[axis] - centre;
            }
        }
    }

    std::array<std::int64_t, 3> cells_{};
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(voxel_generator, tenon::tensorrt::VoxelGenerator)
