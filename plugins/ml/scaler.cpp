// y = (x - offset) scale, for each column or for all (ONNX-ML Scaler opset 1).
#include "features.h"

namespace tenon::ml {
using namespace sdk;

struct Scaler {
    std::vector<float> offset, scale;
    static constexpr Identity identity{.name = "Scaler", .domain = "ai.onnx.ml", .implementation = "reference"};
    static constexpr auto formats = rows(row(featureTypes, f32));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "offset", &Scaler::offset, "subtracted first; default 0"),
                          attr(2, "scale", &Scaler::scale, "factor; default 1")};
    }
    void check(const abi::LayerInfo&) {
        offsets_ = offset.empty() ? std::vector<float>{0} : offset;
        scales_ = scale.empty() ? std::vector<float>{1} : scale;
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        const Dim columns = x[0].rank() == 0 ? Dim(1) : x[0][x[0].rank() - 1];
        if (columns.isConstant()) checkColumns(columns.value());
    }
    void run(const Launch& l) const {
        const auto y = l.output<float>(0);
        const std::int64_t columns = y.rank() == 0 ? 1 : y.dim(y.rank() - 1);
        if (y.size() == 0) return;
        checkColumns(columns);
        dispatch<featureTypes>(l.inputType(0), [&]<class T>() {
            const auto x = l.input<T>(0);
            parallelFor(x.size() / columns, std::max<std::int64_t>(1, 16384 / columns),
                        [&](std::int64_t begin, std::int64_t end) {
                            for (std::int64_t i = begin * columns; i < end * columns; ++i) {
                                const auto c = static_cast<std::size_t>(i % columns);
                                const double centred = static_cast<double>(x[i]) - offsets_[entryOf(offsets_.size(), c)];
                                y[i] = static_cast<float>(centred * scales_[entryOf(scales_.size(), c)]);
                            }
                        });
        });
    }

private:
    void checkColumns(std::int64_t columns) const {
        checkEntries("offset", offsets_.size(), columns);
        checkEntries("scale", scales_.size(), columns);
    }
    std::vector<float> offsets_, scales_;
};

}  // namespace tenon::ml

TENON_OPERATORS(scaler, tenon::ml::Scaler)
