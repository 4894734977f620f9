// y[n, i] = (x, y, z, dx, dy, dz, yaw, class, score) of the boxes that score enough, in the order of their cells and anchors;
// zero after the last one (Lang et al., PointPillars, 2019; TensorRT's DecodeBbox3DPlugin).
#include "trt_plugin.h"

#include <numbers>

namespace tenon::tensorrt {

struct DecodeBox3d {
    std::vector<float> range, anchors, bottoms;
    float directionOffset = 0, directionLimit = 0, scoreThreshold = 0;
    std::int64_t directions = 2;
    static constexpr Identity identity = pluginIdentity("DecodeBbox3DPlugin");
    static constexpr auto formats = rows(row(in(f32, f32, f32), out(optional(f32), optional(i32))));
    static constexpr auto attributes() {
        using D = DecodeBox3d;
        return std::tuple{
            attr(1, "point_cloud_range", &D::range, "lowest x, y and z, highest x, y and z").required(),
            attr(2, "anchors", &D::anchors, "for each anchor dx, dy, dz and yaw; a class has two anchors").required(),
            attr(3, "anchor_bottom_height", &D::bottoms, "lowest z of the anchors of each class").required(),
            attr(4, "dir_offset", &D::directionOffset, "yaw at which the first direction begins").required(),
            attr(5, "dir_limit_offset", &D::directionLimit, "added to the number of turns that is taken off").required(),
            attr(6, "num_dir_bins", &D::directions, "directions").required().range(1, 1 << 20),
            attr(7, "score_thresh", &D::scoreThreshold, "least score").required()};
    }
    void check(const abi::LayerInfo&) {
        require(range.size() == 6, "attribute 'point_cloud_range' must have 6 elements");
        require(!bottoms.empty() && anchors.size() == bottoms.size() * 8, "'anchors' must have 8 elements for each class");
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = {x[0][0], x[0][1] * x[0][2] * anchorCount(), 9};
        if (y.count() > 1) y[1] = {x[0][0]};
        const std::int64_t numbers[] = {classes(), 7, 2};
        for (int i = 0; i < 3; ++i) {
            requireRank(x[i], 4, "an input");
            require(agree(x[i][0], x[0][0]) && agree(x[i][1], x[0][1]) && agree(x[i][2], x[0][2]),
                    "the inputs differ in dimensions");
            require(agree(x[i][3], anchorCount() * numbers[i]), "the inputs do not fit the anchors");
        }
    }
    void run(const Launch& l) const {
        const View<const float> scores = l.input<float>(0), boxes = l.input<float>(1), turns = l.input<float>(2);
        const std::int64_t cells = scores.dim(1) * scores.dim(2), perImage = cells * anchorCount();
        require(scores.size() == scores.dim(0) * perImage * classes() && boxes.size() == scores.dim(0) * perImage * 7 &&
                    turns.size() == scores.dim(0) * perImage * 2,
                "the inputs do not fit the anchors");
        for (std::int64_t n = 0; n < scores.dim(0); ++n) {
            std::int32_t count = 0;
            float* rows = l.hasOutput(0) ? l.output<float>(0).data + n * perImage * 9 : nullptr;
            if (rows != nullptr) std::fill_n(rows, perImage * 9, 0.0F);
            for (std::int64_t i = 0; i < perImage; ++i) {
                const std::int64_t at = n * perImage + i;
                const float* best = std::max_element(scores.data + at * classes(), scores.data + (at + 1) * classes());
                const float score = 1 / (1 + std::exp(-*best));
                if (!(score >= scoreThreshold)) continue;
                if (rows != nullptr) {
                    float* row = rows + std::int64_t{count} * 9;
                    decode(boxes.data + at * 7, turns.data + at * 2, i, scores, row);
                    row[7] = static_cast<float>(best - (scores.data + at * classes()));
                    row[8] = score;
                }
                ++count;
            }
            if (l.hasOutput(1)) l.output<std::int32_t>(1)[n] = count;
        }
    }

private:
    std::int64_t classes() const { return static_cast<std::int64_t>(bottoms.size()); }
    std::int64_t anchorCount() const { return 2 * classes(); }

    // b: the correction of anchor i of an image, in units of the anchor. turn: scores of the two directions.
    void decode(const float* b, const float* turn, std::int64_t i, const View<const float>& map, float* y) const {
        const std::int64_t anchor = i % anchorCount(), cell = i / anchorCount();
        const float* a = anchors.data() + anchor * 4;
        const float diagonal = std::sqrt(a[0] * a[0] + a[1] * a[1]);
        y[0] = b[0] * diagonal + coordinate(cell % map.dim(2), map.dim(2), 0);
        y[1] = b[1] * diagonal + coordinate(cell / map.dim(2), map.dim(1), 1);
        y[2] = b[2] * a[2] + a[2] / 2 + bottoms[static_cast<std::size_t>(anchor / 2)];
        for (int k = 0; k < 3; ++k)
            y[3 + k] = std::exp(b[3 + k]) * a[k];
        const float period = 2 * std::numbers::pi_v<float> / static_cast<float>(directions);
        const float yaw = b[6] + a[3] - directionOffset;
        const float rest = yaw - std::floor(yaw / period + directionLimit) * period;
        y[6] = rest + directionOffset + (turn[0] > turn[1] ? 0 : period);
    }
    // Of a row or column: the first lies at the lowest coordinate, the last at the highest.
    float coordinate(std::int64_t i, std::int64_t count, std::size_t axis) const {
        if (count < 2) return range[axis];
        return range[axis] + static_cast<float>(i) * (range[axis + 3] - range[axis]) / static_cast<float>(count - 1);
    }
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(decode_box_3d, tenon::tensorrt::DecodeBox3d)
