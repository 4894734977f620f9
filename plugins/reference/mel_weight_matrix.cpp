// y[k, m] = height at spectrum bin k of triangle m of a filter bank that is even on the mel scale, 2595 log10(1 + f / 700) (ONNX
// MelWeightMatrix opset 17 and later).
#include "statistics.h"

namespace tenon::reference {
using namespace sdk;

struct MelWeightMatrix {
    DataType outputType = DataType::f32;
    static constexpr Identity identity{.name = "MelWeightMatrix", .since = 17};
    static constexpr Slot I = var('I', i32 | i64), F = var('F', floats);
    static constexpr auto formats = rows(row(in(I, I, I, F, F), out(Slot(numeric))));
    static constexpr std::uint64_t shapeInputs = bits(0, 1, 2);
    static constexpr auto attributes() {
        return std::tuple{attr(1, "output_datatype", &MelWeightMatrix::outputType, "type of y")};
    }
    void check(const abi::LayerInfo&) {
        if (!numeric.has(outputType)) throw Error(std::string("attribute 'output_datatype' must not be ") + typeName(outputType));
    }
    void types(std::span<const DataType>, std::span<DataType> out) const { out[0] = outputType; }
    bool accepts(int pos, std::span<const abi::TensorDesc> all, int inputCount) const {
        return pos < inputCount || all[static_cast<std::size_t>(pos)].type == outputType;
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape::ofRank(2);
        for (int i = 0; i < x.count(); ++i)
            if (x[i].elements().isConstant() && !x[i].elements().is(1))
                throw Error("input " + std::to_string(i) + " must have one element, has " +
                            std::to_string(x[i].elements().value()));
        const std::int64_t filters = x[0].integers().at(0), length = x[1].integers().at(0);
        if (filters < 0 || length < 0 || x[2].integers().at(0) < 1)
            throw Error("num_mel_bins and dft_length must not be negative, sample_rate must be positive");
        y[0] = Shape{length / 2 + 1, filters};
    }
    void run(const Launch& l) const {
        const Bank bank{mel(numberAt(l, 3, 0)), mel(numberAt(l, 4, 0)), l.integers(0).at(0), l.integers(1).at(0),
                        l.integers(2).at(0)};
        dispatch<numeric>(l.outputType(0), [&]<class E>() {
            const View<E> y = l.output<E>(0);
            for (std::int64_t i = 0; i < y.size(); ++i)
                y[i] = elementFrom<E>(bank.height(i / bank.filters, i % bank.filters));
        });
    }

private:
    static double mel(double hertz) { return 2595 * std::log10(1 + hertz / 700); }

    struct Bank {
        double low, high;  // on the mel scale
        std::int64_t filters, length, rate;
        // The spectrum bin of edge e; triangle m has its feet at edges m and m + 2 and its top at m + 1.
        double edge(std::int64_t e) const {
            const double at = low + static_cast<double>(e) * (high - low) / static_cast<double>(filters + 2);
            const double hertz = 700 * (std::pow(10, at / 2595) - 1);
            return std::floor(static_cast<double>(length + 1) * hertz / static_cast<double>(rate));
        }
        double height(std::int64_t bin, std::int64_t m) const {
            const auto k = static_cast<double>(bin);
            const double left = edge(m), top = edge(m + 1), right = edge(m + 2);
            if (left == top && k == top) return 1;
            if (k >= left && k <= top && left < top) return (k - left) / (top - left);
            return k >= top && k < right ? (right - k) / (right - top) : 0;
        }
    };
};

}  // namespace tenon::reference

TENON_OPERATORS(mel_weight_matrix, tenon::reference::MelWeightMatrix)
