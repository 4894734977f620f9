// Of each image the boxes with the best scores that do not overlap a better one of their class (TensorRT's EfficientNMS_TRT);
// with anchors, the boxes are corrections of them (Ren et al., Faster R-CNN, 2015).
#include "nms.h"

namespace tenon::tensorrt {

struct EfficientNms {
    float scoreThreshold = 0.5F, overlapThreshold = 0.5F;
    std::int64_t most = 100, background = -1, boxCoding = 0;
    bool isSigmoid = false, isClassAgnostic = false;
    static constexpr Identity identity = pluginIdentity("EfficientNMS_TRT");
    static constexpr Slot T = var('T', halfOrFloat);
    static constexpr auto formats = rows(row(in(T, T, optional(T)), out(optional(i32), optional(T), optional(T), optional(i32))));
    static constexpr auto attributes() {
        using N = EfficientNms;
        return std::tuple{
            attr(1, "score_threshold", &N::scoreThreshold, "boxes that score less are dropped").range(0, 1e30),
            attr(2, "iou_threshold", &N::overlapThreshold, "boxes that overlap a better one as much or more are dropped")
                .range(0, 1e30),
            attr(3, "max_output_boxes", &N::most, "detections of an image").range(1, INT32_MAX),
            attr(4, "background_class", &N::background, "class that is ignored; -1: none"),
            attr(5, "score_activation", &N::isSigmoid, "whether the sigmoid of a score is the score"),
            attr(6, "class_agnostic", &N::isClassAgnostic, "whether boxes of other classes suppress, too"),
            attr(7, "box_coding", &N::boxCoding, "0: two corners, 1: centre and extents").range(0, 1)};
    }
    void infer(Shapes x, Shapes y) const {
        const Dim detections[] = {1, most, most, most};
        for (int i = 0; i < y.count(); ++i)
            y[i] = {x[0][0], detections[i]};
        if (y.count() > 1) y[1].append(4);
        const Shape &boxes = x[0], &scores = x[1];
        const int rank = boxes.rank();
        require(rank == 3 || rank == 4, "boxes must have rank 3 or 4");
        require(scores.rank() == 3 || (scores.rank() == 4 && agree(scores[3], 1)), "scores must be (batch, boxes, classes)");
        require(agree(boxes[rank - 1], 4), "a box must have 4 numbers");
        require(agree(boxes[0], scores[0]) && agree(boxes[1], scores[1]), "boxes and scores differ in batch or number of boxes");
        require(rank == 3 || boxes[2].is(1) || agree(boxes[2], scores[2]), "boxes and scores differ in classes");
        if (!x.has(2)) return;
        requireRank(x[2], 3, "anchors");
        require(x[2][0].is(1) || agree(x[2][0], boxes[0]), "anchors and boxes differ in batch");
        require(agree(x[2][1], boxes[1]) && agree(x[2][2], 4), "anchors must be (1 or batch, boxes, 4)");
    }
    std::uint64_t workspace(const Layer& l) const {
        const abi::Dims& scores = l.inputRange(1).max;
        return static_cast<std::uint64_t>(scores.d[1]) * static_cast<std::uint64_t>(scores.d[2]) * sizeof(std::int64_t);
    }
    void run(const Launch& l) const {
        dispatch<halfOrFloat>(l.inputType(0), [&]<class E>() {
            const Problem<E> p(l);
            for (std::int64_t n = 0; n < p.scores.dim(0); ++n)
                detect(l, p, n, static_cast<std::int64_t*>(l.workspace()));
        });
    }

private:
    static constexpr std::int64_t kMostCandidates = 4096;  // the plugin's: more are not looked at

    // Candidate c of an image is box c / classes as class c % classes.
    template <class E>
    struct Problem {
        View<const E> boxes, scores, anchors;
        std::int64_t classes, boxesPerAnchor;
        explicit Problem(const Launch& l) : boxes(l.input<E>(0)), scores(l.input<E>(1)) {
            classes = scores.dim(2);
            boxesPerAnchor = boxes.rank() == 4 ? boxes.dim(2) : 1;
            if (l.hasInput(2)) anchors = l.input<E>(2);
            const std::int64_t count = scores.dim(0) * scores.dim(1);
            require(boxes.size() == count * boxesPerAnchor * 4 && (boxesPerAnchor == 1 || boxesPerAnchor == classes) &&
                        boxes.dim(0) == scores.dim(0) && boxes.dim(1) == scores.dim(1) && scores.size() == count * classes,
                    "boxes and scores differ in dimensions");
            require(!l.hasInput(2) || ((anchors.dim(0) == 1 || anchors.dim(0) == scores.dim(0)) &&
                                       anchors.size() == anchors.dim(0) * scores.dim(1) * 4),
                    "boxes and anchors differ in dimensions");
        }
        float score(std::int64_t n, std::int64_t c) const { return Compute<E>(scores[n * scores.dim(1) * classes + c]); }
        const E* box(std::int64_t n, std::int64_t c) const {
            const std::int64_t anchor = n * scores.dim(1) + c / classes;
            return boxes.data + (anchor * boxesPerAnchor + (boxesPerAnchor == 1 ? 0 : c % classes)) * 4;
        }
        const E* anchor(std::int64_t n, std::int64_t c) const {
            if (anchors.data == nullptr) return nullptr;
            return anchors.data + ((anchors.dim(0) == 1 ? 0 : n * scores.dim(1)) + c / classes) * 4;
        }
    };

    template <class E>
    void detect(const Launch& l, const Problem<E>& p, std::int64_t n, std::int64_t* candidates) const {
        const float least = isSigmoid ? std::log(scoreThreshold / (1 - scoreThreshold)) : scoreThreshold;
        std::int64_t count = 0;
        for (std::int64_t c = 0; c < p.scores.dim(1) * p.classes; ++c)
            if (p.score(n, c) >= least && c % p.classes != background) candidates[count++] = c;
        const auto boxOf = [&](std::int64_t c) { return decoded(p.box(n, c), p.anchor(n, c)); };
        sortByScore(candidates, candidates + count, [&](std::int64_t c) { return p.score(n, c); });
        count = keepUnsuppressed(candidates, std::min(count, kMostCandidates), most, [&](std::int64_t better, std::int64_t c) {
            return (isClassAgnostic || better % p.classes == c % p.classes) &&
                   overlapOf(boxOf(better).ordered(), boxOf(c).ordered()) >= overlapThreshold;
        });
        if (l.hasOutput(0)) l.output<std::int32_t>(0)[n] = static_cast<std::int32_t>(count);
        for (std::int64_t i = 0; i < most; ++i) {
            const std::int64_t c = i < count ? candidates[i] : 0, at = n * most + i;
            if (l.hasOutput(1)) (i < count ? boxOf(c) : Box{}).store(l.output<E>(1).data + at * 4);
            if (l.hasOutput(2)) l.output<E>(2)[at] = E(i < count ? activated(p.score(n, c)) : 0.0F);
            if (l.hasOutput(3)) l.output<std::int32_t>(3)[at] = i < count ? static_cast<std::int32_t>(c % p.classes) : 0;
        }
    }
    float activated(float score) const { return isSigmoid ? 1 / (1 + std::exp(-score)) : score; }

    // The corners of a box, corrected by its anchor if there is one.
    template <class E>
    Box decoded(const E* box, const E* anchor) const {
        Box b = Box::at(box);
        if (boxCoding == 0) {
            if (anchor == nullptr) return b;
            const Box a = Box::at(anchor).ordered();
            b = b.ordered();
            return {a.x1 + b.x1, a.y1 + b.y1, a.x2 + b.x2, a.y2 + b.y2};
        }
        if (anchor != nullptr) {
            const Box a = Box::at(anchor);
            b = {b.x1 * a.x2 + a.x1, b.y1 * a.y2 + a.y1, a.x2 * std::exp(b.x2), a.y2 * std::exp(b.y2)};
        }
        return {b.x1 - b.x2 / 2, b.y1 - b.y2 / 2, b.x1 + b.x2 / 2, b.y1 + b.y2 / 2};
    }
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(efficient_nms, tenon::tensorrt::EfficientNms)
