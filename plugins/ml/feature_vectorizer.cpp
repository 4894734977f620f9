// y = the inputs side by side as float columns, each cut or filled with zeros to its stated width
// (ONNX-ML FeatureVectorizer opset 1).
#include "features.h"

namespace tenon::ml {
using namespace sdk;

struct FeatureVectorizer {
    std::vector<std::int64_t> widths;
    static constexpr Identity identity{.name = "FeatureVectorizer", .domain = "ai.onnx.ml", .implementation = "reference"};
    static constexpr auto formats = rows(row(in(variadic(Slot(featureTypes))), out(f32)));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "inputdimensions", &FeatureVectorizer::widths, "columns that each input gives").required()};
    }
    void check(const abi::LayerInfo&) const {
        for (const std::int64_t w : widths)
            if (w < 0) throw Error("attribute 'inputdimensions' has a negative entry");
    }
    void infer(Shapes x, Shapes y) const {
        if (static_cast<std::size_t>(x.count()) != widths.size())
            throw Error("attribute 'inputdimensions' has " + std::to_string(widths.size()) + " entries for " +
                        std::to_string(x.count()) + " inputs");
        Dim columns = 0, rows = Dim::unknown();
        for (int i = 0; i < x.count(); ++i) {
            columns = columns + Dim(widths[static_cast<std::size_t>(i)]);
            if (!x[i].hasRank()) continue;
            const Dim mine = rowsOf(x[i]);
            if (mine.isConstant() && rows.isConstant() && !mine.same(rows)) throw Error("inputs differ in their number of rows");
            if (!rows.isConstant()) rows = mine;
        }
        y[0] = Shape{rows, columns};
    }
    void run(const Launch& l) const {
        const auto y = l.output<float>(0);
        std::int64_t first = 0;
        for (int i = 0; i < l.inputCount(); ++i) {
            const std::int64_t width = widths[static_cast<std::size_t>(i)];
            place(l, i, width, y.data + first, y.dim(1));
            first += width;
        }
    }

private:
    static void place(const Launch& l, int i, std::int64_t width, float* y, std::int64_t pitch) {
        const Features x = featuresOf(l.inputDesc(i));
        if (x.rows != l.outputDesc(0).dims.d[0]) throw Error("inputs differ in their number of rows");
        const std::int64_t copied = std::min(x.columns, width);
        dispatch<featureTypes>(l.inputType(i), [&]<class T>() {
            const T* from = l.input<T>(i).data;
            for (std::int64_t row = 0; row < x.rows && width > 0; ++row)
                for (std::int64_t c = 0; c < width; ++c)
                    y[row * pitch + c] = c < copied ? static_cast<float>(from[row * x.columns + c]) : 0.0F;
        });
    }
};

}  // namespace tenon::ml

TENON_OPERATORS(feature_vectorizer, tenon::ml::FeatureVectorizer)
