// y = x / norm(x) of each row: its greatest number (not magnitude, so ONNX has it), the sum of magnitudes, or the Euclidean
// length; where that is 0 the row stays (ONNX-ML Normalizer opset 1).
#include "features.h"

#include <algorithm>

namespace tenon::ml {
using namespace sdk;

struct Normalizer {
    std::string norm = "MAX";
    static constexpr Identity identity{.name = "Normalizer", .domain = "ai.onnx.ml", .implementation = "reference"};
    static constexpr auto formats = rows(row(featureTypes, f32));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "norm", &Normalizer::norm, "which norm becomes 1").oneOf("MAX|L1|L2")};
    }
    void infer(Shapes x, Shapes y) const {
        checkFeatureRank(x[0].rank());
        y[0] = x[0].dims();
    }
    void run(const Launch& l) const {
        float* y = l.output<float>(0).data;
        forRows(l, featuresOf(l.inputDesc(0)).columns, [&](std::int64_t n, std::span<const double> row) {
            const double length = normOf(row), divisor = length == 0 ? 1 : length;
            float* to = y + n * static_cast<std::int64_t>(row.size());
            for (const double v : row)
                *to++ = static_cast<float>(v / divisor);
        });
    }

private:
    double normOf(std::span<const double> row) const {
        if (norm == "MAX") return row.empty() ? 0 : *std::ranges::max_element(row);
        double total = 0;
        for (const double v : row)
            total += norm == "L1" ? std::fabs(v) : v * v;
        return norm == "L2" ? std::sqrt(total) : total;
    }
};

}  // namespace tenon::ml

TENON_OPERATORS(normalizer, tenon::ml::Normalizer)
