// Of each image the boxes with the best scores of those left over when in every class boxes that overlap a better one are
// dropped (TensorRT's BatchedNMSDynamic_TRT and BatchedNMS_TRT).
#include "nms.h"

namespace tenon::tensorrt {

struct BatchedNms {
    bool isShared = true, isNormalized = true, isClipped = true, isCaffe = true;
    std::int64_t background = -1, classes = 0, mostPerClass = 0, most = 0, scoreBits = 16;
    float scoreThreshold = 0, overlapThreshold = 0;
    static constexpr Identity identity = pluginIdentity("BatchedNMSDynamic_TRT");
    static constexpr Slot T = var('T', halfOrFloat);
    static constexpr auto formats = rows(row(in(T, T), out(optional(i32), optional(T), optional(T), optional(T))));
    static constexpr auto attributes() {
        using N = BatchedNms;
        return std::tuple{
            attr(1, "shareLocation", &N::isShared, "whether all classes have the same boxes").required(),
            attr(2, "backgroundLabelId", &N::background, "class that is ignored; -1: none").required(),
            attr(3, "numClasses", &N::classes, "classes").required().range(1, INT32_MAX),
            attr(4, "topK", &N::mostPerClass, "boxes of a class that are looked at").required().range(1, 4096),
            attr(5, "keepTopK", &N::most, "detections of an image").required().range(1, INT32_MAX),
            attr(6, "scoreThreshold", &N::scoreThreshold, "boxes that score no more are dropped").required(),
            attr(7, "iouThreshold", &N::overlapThreshold, "boxes that overlap a better one more are dropped").required(),
            attr(8, "isNormalized", &N::isNormalized, "0: coordinates count pixels, an edge includes both ends"),
            attr(9, "clipBoxes", &N::isClipped, "whether detected boxes are clipped to [0, 1]"),
            attr(10, "scoreBits", &N::scoreBits, "bits of float16 scores that are sorted; here all are").range(0, 16),
            attr(11, "caffeSemantics", &N::isCaffe, "whether isNormalized concerns the intersection, too")};
    }
    void infer(Shapes x, Shapes y) const {
        const Dim detections[] = {1, most, most, most};
        for (int i = 0; i < y.count(); ++i)
            y[i] = {x[0][0], detections[i]};
        if (y.count() > 1) y[1].append(4);
        const Shape &boxes = x[0], &scores = x[1];
        requireRank(boxes, 4, "boxes");
        require(scores.rank() == 3 || (scores.rank() == 4 && agree(scores[3], 1)), "scores must be (batch, boxes, classes)");
        require(agree(boxes[0], scores[0]) && agree(boxes[1], scores[1]), "boxes and scores differ in batch or number of boxes");
        require(agree(boxes[2], isShared ? 1 : classes) && agree(boxes[3], 4), "boxes must be (batch, boxes, 1 or classes, 4)");
        require(agree(scores[2], classes), "scores must have numClasses columns");
    }
    std::uint64_t workspace(const Layer& l) const { return nms().workspace(l.inputRange(1).max.d[1]); }
    void run(const Launch& l) const {
        dispatch<halfOrFloat>(l.inputType(0), [&]<class E>() {
            const View<const E> boxes = l.input<E>(0), scores = l.input<E>(1);
            const std::int64_t count = scores.dim(1), boxesPerImage = count * (isShared ? 1 : classes);
            require(scores.dim(2) == classes && boxes.dim(0) == scores.dim(0) &&
                        scores.size() == scores.dim(0) * count * classes && boxes.dim(1) == count &&
                        boxes.size() == scores.dim(0) * boxesPerImage * 4,
                    "boxes and scores differ in dimensions");
            for (std::int64_t n = 0; n < scores.dim(0); ++n)
                detect(l, n, boxes.data + n * boxesPerImage * 4, scores.data + n * count * classes, count);
        });
    }

private:
    ClassNms nms() const { return {classes, background, mostPerClass, scoreThreshold, overlapThreshold, isNormalized, isCaffe}; }
    template <class E>
    void detect(const Launch& l, std::int64_t n, const E* boxes, const E* scores, std::int64_t count) const {
        const auto scoreOf = [&](std::int64_t c) -> float { return Compute<E>(scores[c % count * classes + c / count]); };
        const auto boxOf = [&](std::int64_t c) {
            return Box::at(boxes + (isShared ? c % count : c % count * classes + c / count) * 4);
        };
        const std::span<std::int64_t> all = nms().choose(count, static_cast<std::int64_t*>(l.workspace()), scoreOf, boxOf);
        const std::span<std::int64_t> kept = all.first(std::min(all.size(), static_cast<std::size_t>(most)));
        if (l.hasOutput(0)) l.output<std::int32_t>(0)[n] = static_cast<std::int32_t>(kept.size());
        for (std::size_t i = 0; i < static_cast<std::size_t>(most); ++i) {
            const bool isKept = i < kept.size();
            const std::int64_t at = n * most + static_cast<std::int64_t>(i), c = isKept ? kept[i] : 0;
            const Box box = isKept ? boxOf(c) : Box{};
            if (l.hasOutput(1)) (isClipped ? box.clipped() : box).store(l.output<E>(1).data + at * 4);
            if (l.hasOutput(2)) l.output<E>(2)[at] = E(isKept ? scoreOf(c) : 0.0F);
            if (l.hasOutput(3)) l.output<E>(3)[at] = E(isKept ? static_cast<float>(c / count) : -1.0F);
        }
    }
};

struct BatchedNmsStatic : BatchedNms {
    static constexpr Identity identity = pluginIdentity("BatchedNMS_TRT");
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(batched_nms, tenon::tensorrt::BatchedNms, tenon::tensorrt::BatchedNmsStatic)
