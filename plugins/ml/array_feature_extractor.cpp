// y[..., i] = x[..., indices[i]], a selection along the last axis (ONNX-ML ArrayFeatureExtractor opset 1).
#include "features.h"

namespace tenon::ml {
using namespace sdk;

struct ArrayFeatureExtractor {
    static constexpr Identity identity{.name = "ArrayFeatureExtractor", .domain = "ai.onnx.ml", .implementation = "reference"};
    static constexpr Slot T = var('T', featureTypes | str);
    static constexpr auto formats = rows(row(in(T, i64), out(T)));
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() == 0) throw Error("the input has no axis");
        y[0] = x[0].rank() == 1 ? Shape{1, 0} : x[0].dims();
        y[0][y[0].rank() - 1] = x[1].elements();
    }
    void run(const Launch& l) const {
        const auto dims = dimsOf(l.inputDesc(0));
        const std::int64_t extent = dims.back();
        const auto indices = l.input<std::int64_t>(1);
        for (const std::int64_t i : indices)
            if (i < 0 || i >= extent)
                throw Error("index " + std::to_string(i) + " is outside [0, " + std::to_string(extent) + ")");
        if (l.output<std::byte>(0).count == 0) return;
        dispatchSize(l.inputType(0), [&]<class E>() {
            const auto x = l.input<E>(0);
            E* y = l.output<E>(0).data;
            for (std::int64_t row = 0; row < x.size(); row += extent)
                for (const std::int64_t i : indices)
                    *y++ = x[row + i];
        });
    }
};

}  // namespace tenon::ml

TENON_OPERATORS(array_feature_extractor, tenon::ml::ArrayFeatureExtractor)
