// Of each image the best boxes of the classes, decoded from corrections of priors, as rows (image, class, score, x1, y1, x2, y2)
// (Liu et al., SSD, 2016; TensorRT's NMS_TRT and NMSDynamic_TRT).
#include "nms.h"

namespace tenon::tensorrt {

struct DetectionOutput {
    bool isShared = true, isVarianceInTarget = false, isSigmoid = false, isNormalized = true, isBatchAgnostic = true;
    std::int64_t background = 0, classes = 0, mostPerClass = 0, most = 0, coding = 3, scoreBits = 16;
    float scoreThreshold = 0, overlapThreshold = 0;
    std::vector<std::int64_t> order{0, 2, 1};
    static constexpr Identity identity = pluginIdentity("NMS_TRT");
    static constexpr Slot T = var('T', halfOrFloat);
    static constexpr auto formats = rows(row(in(T, T, T), out(optional(T), optional(i32))));
    static constexpr auto attributes() {
        using D = DetectionOutput;
        return std::tuple{
            attr(1, "shareLocation", &D::isShared, "whether all classes have the same boxes"),
            attr(2, "varianceEncodedInTarget", &D::isVarianceInTarget, "whether corrections are not scaled by the variances"),
            attr(3, "backgroundLabelId", &D::background, "class that is ignored; -1: none"),
            attr(4, "numClasses", &D::classes, "classes").required().range(1, INT32_MAX),
            attr(5, "topK", &D::mostPerClass, "boxes of a class that are looked at").required().range(1, 4096),
            attr(6, "keepTopK", &D::most, "detections of an image").required().range(1, 4096),
            attr(7, "confidenceThreshold", &D::scoreThreshold, "boxes that score no more are dropped").required(),
            attr(8, "nmsThreshold", &D::overlapThreshold, "boxes that overlap a better one more are dropped").required(),
            attr(9, "inputOrder", &D::order, "which inputs are the corrections, the scores and the priors"),
            attr(10, "confSigmoid", &D::isSigmoid, "whether the sigmoid of a score is the score"),
            attr(11, "isNormalized", &D::isNormalized, "0: coordinates count pixels, an edge includes both ends"),
            attr(12, "codeType", &D::coding, "0: corners, 1: centre and size, 2: corners by size, 3: centre and size, y first")
                .range(0, 3),
            attr(13, "scoreBits", &D::scoreBits, "bits of float16 scores that are sorted; here all are").range(0, 16),
            attr(14, "isBatchAgnostic", &D::isBatchAgnostic, "whether all images have the priors of the first")};
    }
    void check(const abi::LayerInfo&) {
        require(
            order.size() == 3 && std::is_permutation(order.begin(), order.end(), std::array<std::int64_t, 3>{0, 1, 2}.begin()),
            "attribute 'inputOrder' must have 0, 1 and 2");
        require(most <= mostPerClass, "attribute 'keepTopK' must not be above 'topK'");
    }
    void infer(Shapes x, Shapes y) const {
        const Shape &boxes = x[input(0)], &scores = x[input(1)], &priors = x[input(2)];
        for (int i = 0; i < 3; ++i)
            requireRank(x[i], 4, "an input");
        y[0] = {boxes[0], 1, most, 7};
        if (y.count() > 1) y[1] = {boxes[0], 1, 1, 1};
        require(agree(boxes[0], scores[0]), "the inputs differ in batch");
        require(agree(priors[1], 2), "the priors must be (batch, 2, numbers, 1)");
        require(agree(boxes.product(1, 4), priors[2] * (isShared ? 1 : classes)), "corrections and priors differ in number");
        require(agree(scores.product(1, 4) * 4, priors[2] * classes), "scores and priors differ in number");
    }
    std::uint64_t workspace(const Layer& l) const { return nms().workspace(l.inputRange(input(2)).max.d[2] / 4); }
    void run(const Launch& l) const {
        dispatch<halfOrFloat>(l.inputType(0), [&]<class E>() {
            const View<const E> boxes = l.input<E>(input(0)), scores = l.input<E>(input(1)), priors = l.input<E>(input(2));
            const std::int64_t images = boxes.dim(0), count = priors.dim(2) / 4, boxesPerImage = count * (isShared ? 1 : classes);
            const bool isOneForAll = isBatchAgnostic || priors.dim(0) == 1;
            require(boxes.size() == images * boxesPerImage * 4 && scores.size() == images * count * classes &&
                        (images == 0 || priors.size() >= (isOneForAll ? 1 : images) * 8 * count),
                    "the inputs differ in dimensions");
            for (std::int64_t n = 0; n < images; ++n) {
                const E* prior = priors.data + (isOneForAll ? 0 : n * 8 * count);
                detect(l, n, Image<E>{boxes.data + n * boxesPerImage * 4, scores.data + n * count * classes, prior, count});
            }
        });
    }

private:
    int input(std::size_t role) const { return static_cast<int>(order[role]); }
    ClassNms nms() const { return {classes, background, mostPerClass, scoreThreshold, overlapThreshold, isNormalized, true}; }

    template <class E>
    struct Image {
        const E *boxes, *scores, *priors;
        std::int64_t count;
    };
    template <class E>
    void detect(const Launch& l, std::int64_t n, const Image<E>& image) const {
        const std::int64_t count = image.count;
        const auto scoreOf = [&](std::int64_t c) {
            const float score = Compute<E>(image.scores[c % count * classes + c / count]);
            return isSigmoid ? 1 / (1 + std::exp(-score)) : score;
        };
        const auto boxOf = [&](std::int64_t c) {
            const E* box = image.boxes + (isShared ? c % count : c % count * classes + c / count) * 4;
            const E* prior = image.priors + c % count * 4;
            const Box unscaled{1, 1, 1, 1};
            return decoded(Box::at(box), Box::at(prior), isVarianceInTarget ? unscaled : Box::at(prior + count * 4));
        };
        const std::span<std::int64_t> all = nms().choose(count, static_cast<std::int64_t*>(l.workspace()), scoreOf, boxOf);
        const std::span<std::int64_t> kept = all.first(std::min(all.size(), static_cast<std::size_t>(most)));
        if (l.hasOutput(1)) l.output<std::int32_t>(1)[n] = static_cast<std::int32_t>(kept.size());
        for (std::size_t i = 0; l.hasOutput(0) && i < static_cast<std::size_t>(most); ++i) {
            E* row = l.output<E>(0).data + (n * most + static_cast<std::int64_t>(i)) * 7;
            const bool isKept = i < kept.size();
            row[0] = E(static_cast<float>(n));
            row[1] = E(isKept ? static_cast<float>(kept[i] / count) : -1.0F);
            row[2] = E(isKept ? scoreOf(kept[i]) : 0.0F);
            (isKept ? boxOf(kept[i]).clipped() : Box{}).store(row + 3);
        }
    }

    // The prior p corrected by b, whose numbers count in units of the variances v.
    Box decoded(Box b, const Box& p, const Box& v) const {
        const float width = p.x2 - p.x1, height = p.y2 - p.y1;
        if (coding == 3) {
            std::swap(b.x1, b.y1);
            std::swap(b.x2, b.y2);
        }
        b = {b.x1 * v.x1, b.y1 * v.y1, b.x2 * v.x2, b.y2 * v.y2};
        if (coding == 0) return {p.x1 + b.x1, p.y1 + b.y1, p.x2 + b.x2, p.y2 + b.y2};
        if (coding == 2) return {p.x1 + b.x1 * width, p.y1 + b.y1 * height, p.x2 + b.x2 * width, p.y2 + b.y2 * height};
        const float x = b.x1 * width + (p.x1 + p.x2) / 2, y = b.y1 * height + (p.y1 + p.y2) / 2;
        const float w = std::exp(b.x2) * width / 2, h = std::exp(b.y2) * height / 2;
        return {x - w, y - h, x + w, y + h};
    }
};

struct DetectionOutputDynamic : DetectionOutput {
    static constexpr Identity identity = pluginIdentity("NMSDynamic_TRT");
    DetectionOutputDynamic() { isBatchAgnostic = false; }
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(detection_output, tenon::tensorrt::DetectionOutput, tenon::tensorrt::DetectionOutputDynamic)
