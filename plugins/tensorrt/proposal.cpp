// y[n] = the anchors that score best, corrected, without those that overlap a better one, as (y1, x1, y2, x2) in fractions of the
// image; zero after the last one (Ren et al., Faster R-CNN, 2015; TensorRT's ProposalDynamic and Proposal).
#include "nms.h"

namespace tenon::tensorrt {

struct Proposal {
    std::int64_t height = 0, width = 0, stride = 0, mostBefore = 0, mostAfter = 0;
    float leastSize = 0, overlapThreshold = 0;
    std::vector<float> sizes, ratios;
    static constexpr Identity identity = pluginIdentity("ProposalDynamic");
    static constexpr Slot T = var('T', halfOrFloat);
    static constexpr auto formats = rows(row(T, T, T));
    static constexpr auto attributes() {
        using P = Proposal;
        return std::tuple{attr(1, "input_height", &P::height, "of the image, in pixels").required().range(1, INT32_MAX),
                          attr(2, "input_width", &P::width, "of the image, in pixels").required().range(1, INT32_MAX),
                          attr(3, "rpn_stride", &P::stride, "pixels from cell to cell").required().range(1, INT32_MAX),
                          attr(4, "roi_min_size", &P::leastSize, "boxes whose edges are not longer score least").range(0, 1e30),
                          attr(5, "nms_iou_threshold", &P::overlapThreshold, "boxes that overlap a better one more are dropped")
                              .required()
                              .range(0, 1e30),
                          attr(6, "pre_nms_top_n", &P::mostBefore, "boxes that are looked at").required().range(1, INT32_MAX),
                          attr(7, "post_nms_top_n", &P::mostAfter, "boxes that are kept").required().range(1, INT32_MAX),
                          attr(8, "anchor_sizes", &P::sizes, "edges of the square anchors, in pixels").required(),
                          attr(9, "anchor_ratios", &P::ratios, "width by height of the anchors of each size").required()};
    }
    void check(const abi::LayerInfo&) {
        const auto isPositive = [](float v) { return v > 0; };
        require(!sizes.empty() && std::all_of(sizes.begin(), sizes.end(), isPositive) && !ratios.empty() &&
                    std::all_of(ratios.begin(), ratios.end(), isPositive),
                "'anchor_sizes' and 'anchor_ratios' must be positive numbers");
    }
    // Scores (N, A, H, W), corrections (N, 4 * A, H, W).
    void infer(Shapes x, Shapes y) const {
        for (int i = 0; i < 2; ++i)
            requireRank(x[i], 4, "an input");
        y[0] = {x[0][0], mostAfter, 4, 1};
        require(agree(x[0][0], x[1][0]) && agree(x[0][2], x[1][2]) && agree(x[0][3], x[1][3]), "the inputs differ in dimensions");
        require(agree(x[0][1], anchors()) && agree(x[1][1], 4 * anchors()), "the inputs do not fit the anchors");
    }
    // Of each anchor of an image its box and its number.
    std::uint64_t workspace(const Layer& l) const {
        const abi::Dims& x = l.inputRange(0).max;
        return static_cast<std::uint64_t>(x.d[1] * x.d[2] * x.d[3]) * (sizeof(Box) + sizeof(std::int64_t));
    }
    void run(const Launch& l) const {
        dispatch<halfOrFloat>(l.inputType(0), [&]<class E>() {
            const View<const E> scores = l.input<E>(0), corrections = l.input<E>(1);
            const std::int64_t images = scores.dim(0), count = anchors() * scores.dim(2) * scores.dim(3);
            require(scores.dim(1) == anchors() && corrections.size() == 4 * scores.size(), "the inputs do not fit the anchors");
            auto* order = static_cast<std::int64_t*>(l.workspace());
            const Candidates candidates{order, reinterpret_cast<Box*>(order + count), count};
            for (std::int64_t n = 0; n < images; ++n) {
                decode(corrections.data + n * 4 * count, scores.dim(2), scores.dim(3), candidates);
                choose(scores.data + n * count, candidates, l.output<E>(0).data + n * mostAfter * 4);
            }
        });
    }

private:
    struct Candidates {
        std::int64_t* order;
        Box* boxes;
        std::int64_t count;
    };
    std::int64_t anchors() const { return static_cast<std::int64_t>(sizes.size() * ratios.size()); }

    // Corrections (A, 4, rows, columns).
    template <class E>
    void decode(const E* corrections, std::int64_t rows, std::int64_t columns, const Candidates& to) const {
        const std::int64_t cells = rows * columns;
        for (std::int64_t i = 0; i < to.count; ++i) {
            const std::int64_t anchor = i / cells, cell = i % cells;
            const auto ratioCount = static_cast<std::int64_t>(ratios.size());
            const float ratio = std::sqrt(ratios[static_cast<std::size_t>(anchor % ratioCount)]);
            const float size = sizes[static_cast<std::size_t>(anchor / ratioCount)], w = size * ratio, h = size / ratio;
            const E* t = corrections + anchor * 4 * cells + cell;
            const auto pixels = static_cast<float>(stride);
            const float x = (static_cast<float>(cell % columns) + 0.5F) * pixels + w * Compute<E>(t[0]);
            const float y = (static_cast<float>(cell / columns) + 0.5F) * pixels + h * Compute<E>(t[cells]);
            const float dx = std::exp(Compute<E>(t[2 * cells])) * w / 2, dy = std::exp(Compute<E>(t[3 * cells])) * h / 2;
            const auto inside = [](float v, std::int64_t extent) {
                return std::min(std::max(v, 0.0F), static_cast<float>(extent - 1));
            };
            to.boxes[i] = {inside(x - dx, width), inside(y - dy, height), inside(x + dx, width), inside(y + dy, height)};
        }
    }

    template <class E>
    void choose(const E* scores, const Candidates& c, E* y) const {
        for (std::int64_t i = 0; i < c.count; ++i)
            c.order[i] = i;
        const auto scoreOf = [&](std::int64_t i) {
            const Box& b = c.boxes[i];
            const float score = Compute<E>(scores[i]);
            const bool isSmall = b.x2 - b.x1 <= leastSize || b.y2 - b.y1 <= leastSize;
            return isSmall || !(score == score) ? -std::numeric_limits<float>::infinity() : score;
        };
        sortByScore(c.order, c.order + c.count, scoreOf);
        const std::int64_t count = keepUnsuppressed(
            c.order, std::min(c.count, mostBefore), mostAfter,
            [&](std::int64_t better, std::int64_t other) { return overlap(c.boxes[better], c.boxes[other]) > overlapThreshold; });
        const auto h = static_cast<float>(height) - 1, w = static_cast<float>(width) - 1;
        for (std::int64_t i = 0; i < mostAfter; ++i) {
            const Box b = i < count ? c.boxes[c.order[i]] : Box{};
            Box{part(b.y1, h), part(b.x1, w), part(b.y2, h), part(b.x2, w)}.store(y + i * 4);
        }
    }
    static float part(float v, float extent) { return extent > 0 ? v / extent : 0; }
    // Of boxes in pixels, whose edges include both ends.
    static float overlap(const Box& a, const Box& b) {
        const float shared = std::max(std::min(a.x2, b.x2) - std::max(a.x1, b.x1) + 1, 0.0F) *
                             std::max(std::min(a.y2, b.y2) - std::max(a.y1, b.y1) + 1, 0.0F);
        const auto area = [](const Box& v) { return (v.x2 - v.x1 + 1) * (v.y2 - v.y1 + 1); };
        return shared / (area(a) + area(b) - shared);
    }
};

struct ProposalStatic : Proposal {
    static constexpr Identity identity = pluginIdentity("Proposal");
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(proposal, tenon::tensorrt::Proposal, tenon::tensorrt::ProposalStatic)
