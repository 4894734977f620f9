// y[n, 0] = prior boxes of every cell of a feature map, as fractions of the image; y[n, 1] = their variances (Liu et al., SSD,
// 2016; TensorRT's PriorBox_TRT).
#include "trt_plugin.h"

namespace tenon::tensorrt {

struct PriorBox {
    std::vector<float> smallest, largest, ratios, variance;
    bool isFlipped = false, isClipped = false;
    std::int64_t imageHeight = 0, imageWidth = 0;
    float stepHeight = 0, stepWidth = 0, offset = 0.5F;
    static constexpr Identity identity = pluginIdentity("PriorBox_TRT");
    static constexpr auto formats = rows(row(in(halfOrFloat, halfOrFloat), out(f32)), row(in(halfOrFloat), out(f32)));
    static constexpr std::uint64_t dimsOnlyInputs = bits(0, 1);
    static constexpr auto attributes() {
        using P = PriorBox;
        return std::tuple{attr(1, "minSize", &P::smallest, "edges of the square priors, in pixels").required(),
                          attr(2, "maxSize", &P::largest, "for each of them a larger one; or none"),
                          attr(3, "aspectRatios", &P::ratios, "width by height of the others"),
                          attr(4, "flip", &P::isFlipped, "whether the inverse ratios are used, too"),
                          attr(5, "clip", &P::isClipped, "whether priors are clipped to the image"),
                          attr(6, "variance", &P::variance, "of the coordinates").required(),
                          attr(7, "imgH", &P::imageHeight, "height of the image; 0: that of input 1").range(0, INT32_MAX),
                          attr(8, "imgW", &P::imageWidth, "width of the image; 0: that of input 1").range(0, INT32_MAX),
                          attr(9, "stepH", &P::stepHeight, "height of a cell in pixels; 0: its part of the image").range(0, 1e9),
                          attr(10, "stepW", &P::stepWidth, "width of a cell in pixels; 0: its part of the image").range(0, 1e9),
                          attr(11, "offset", &P::offset, "where the centre lies in a cell")};
    }
    void check(const abi::LayerInfo& layer) {
        require(!smallest.empty(), "attribute 'minSize' is empty");
        require(largest.empty() || largest.size() == smallest.size(),
                "'maxSize' must have as many elements as 'minSize', or none");
        require(variance.size() == 4, "attribute 'variance' must have 4 elements");
        require(layer.inputCount == 2 || (imageHeight > 0 && imageWidth > 0), "without input 1, 'imgH' and 'imgW' are needed");
        allRatios_ = {1};
        for (const float r : ratios) {
            require(r > 0, "the aspect ratios must be positive");
            add(r);
            if (isFlipped) add(1 / r);
        }
    }
    void infer(Shapes x, Shapes y) const {
        requireRank(x[0], 4, "the feature map");
        y[0] = {x[0][0], 2, x[0][2] * x[0][3] * (priors() * 4), 1};
        if (x.has(1)) requireRank(x[1], 4, "the image");
    }
    void run(const Launch& l) const {
        const abi::Dims& map = l.inputDesc(0).dims;
        const std::int64_t height = map.d[2], width = map.d[3], boxes = height * width * priors();
        const bool isFromInput = (imageHeight == 0 || imageWidth == 0) && l.hasInput(1);
        const Image image{isFromInput ? l.inputDesc(1).dims.d[2] : imageHeight,
                          isFromInput ? l.inputDesc(1).dims.d[3] : imageWidth};
        const bool isStep = stepHeight != 0 && stepWidth != 0;
        const float rows = isStep ? stepHeight : static_cast<float>(image.height) / static_cast<float>(height);
        const float columns = isStep ? stepWidth : static_cast<float>(image.width) / static_cast<float>(width);
        float* y = l.output<float>(0).data;
        for (std::int64_t n = 0; n < map.d[0]; ++n) {
            for (std::int64_t cell = 0; cell < height * width; ++cell) {
                const float x0 = (static_cast<float>(cell % width) + offset) * columns;
                const float y0 = (static_cast<float>(cell / width) + offset) * rows;
                y = cellBoxes(x0, y0, image, y);
            }
            for (std::int64_t i = 0; i < boxes; ++i)
                y = std::copy(variance.begin(), variance.end(), y);
        }
    }

private:
    struct Image {
        std::int64_t height, width;
    };
    std::int64_t priors() const { return static_cast<std::int64_t>(smallest.size() * allRatios_.size() + largest.size()); }
    void add(float ratio) {
        constexpr float kSame = 1e-6F;
        if (std::none_of(allRatios_.begin(), allRatios_.end(), [&](float r) { return std::fabs(r - ratio) < kSame; }))
            allRatios_.push_back(ratio);
    }
    // For each size its square, the larger square, the other ratios.
    float* cellBoxes(float x, float y, const Image& image, float* to) const {
        for (std::size_t s = 0; s < smallest.size(); ++s) {
            to = box(x, y, smallest[s], smallest[s], image, to);
            if (!largest.empty()) {
                const float edge = std::sqrt(smallest[s] * largest[s]);
                to = box(x, y, edge, edge, image, to);
            }
            for (std::size_t r = 1; r < allRatios_.size(); ++r)
                to = box(x, y, smallest[s] * std::sqrt(allRatios_[r]), smallest[s] / std::sqrt(allRatios_[r]), image, to);
        }
        return to;
    }
    float* box(float x, float y, float width, float height, const Image& image, float* to) const {
        const auto w = static_cast<float>(image.width), h = static_cast<float>(image.height);
        for (const float v : {(x - width / 2) / w, (y - height / 2) / h, (x + width / 2) / w, (y + height / 2) / h})
            *to++ = isClipped ? std::min(std::max(v, 0.0F), 1.0F) : v;
        return to;
    }

    std::vector<float> allRatios_;
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(prior_box, tenon::tensorrt::PriorBox)
