// y = 1 where x > threshold, else 0 (ONNX-ML Binarizer opset 1).
#include "features.h"

namespace tenon::ml {
using namespace sdk;

struct Binarizer {
    float threshold = 0;
    static constexpr Identity identity{.name = "Binarizer", .domain = "ai.onnx.ml", .implementation = "reference"};
    static constexpr Slot T = var('T', featureTypes);
    static constexpr auto formats = rows(row(T, T).anyLayout());
    static constexpr auto attributes() {
        return std::tuple{attr(1, "threshold", &Binarizer::threshold, "greatest number that gives 0")};
    }
    static constexpr int alias = 0;
    template <class E>
    void run(View<const E> x, View<E> y) const {
        const double least = threshold;
        parallelFor(x.size(), 16384, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                y[i] = static_cast<E>(static_cast<double>(x[i]) > least);
        });
    }
};

}  // namespace tenon::ml

TENON_OPERATORS(binarizer, tenon::ml::Binarizer)
