// y[n] = a - b cos(2 pi n / N) + c cos(4 pi n / N): the windows of signal processing (Harris 1978; ONNX HannWindow,
// HammingWindow, BlackmanWindow opset 17 and later).
#include "arithmetic.h"

namespace tenon::reference {
using namespace sdk;

// One struct for all: F states the name and the coefficients.
template <class F>
struct SignalWindow {
    DataType outputType = DataType::f32;
    bool periodic = true;
    static constexpr Identity identity{.name = F::kName, .since = 17};
    static constexpr auto formats = rows(row(Slot(i32 | i64), Slot(numeric)));
    static constexpr std::uint64_t shapeInputs = bits(0);
    static constexpr auto attributes() {
        return std::tuple{attr(1, "output_datatype", &SignalWindow::outputType, "type of y"),
                          attr(2, "periodic", &SignalWindow::periodic, "whether N is the size, or the size less 1")};
    }
    void check(const abi::LayerInfo&) {
        if (!numeric.has(outputType)) throw Error(std::string("attribute 'output_datatype' must not be ") + typeName(outputType));
    }
    void types(std::span<const DataType>, std::span<DataType> out) const { out[0] = outputType; }
    bool accepts(int pos, std::span<const abi::TensorDesc> all, int inputCount) const {
        return pos < inputCount || all[static_cast<std::size_t>(pos)].type == outputType;
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape{Dim::unknown()};
        if (x[0].content && x[0].content->size() != 1) throw Error("size must be one number");
        if (!x[0].content) return;
        const Dim& size = x[0].content->front();
        if (size.isConstant() && size.value() < 0) throw Error("size is " + std::to_string(size.value()));
        y[0][0] = size;
    }
    void run(const Launch& l) const {
        dispatch<numeric>(l.outputType(0), [&]<class E>() {
            const View<E> y = l.output<E>(0);
            const auto period = static_cast<double>(std::max<std::int64_t>(1, periodic ? y.size() : y.size() - 1));
            for (std::int64_t n = 0; n < y.size(); ++n) {
                const double angle = 2 * 3.14159265358979323846 * static_cast<double>(n) / period;
                y[n] = elementFrom<E>(F::kConstant - F::kFirst * std::cos(angle) + F::kSecond * std::cos(2 * angle));
            }
        });
    }
};

struct HannOf {
    static constexpr const char* kName = "HannWindow";
    static constexpr double kConstant = 0.5, kFirst = 0.5, kSecond = 0;
};
struct HammingOf {
    static constexpr const char* kName = "HammingWindow";
    static constexpr double kConstant = 25.0 / 46.0, kFirst = 21.0 / 46.0, kSecond = 0;
};
struct BlackmanOf {
    static constexpr const char* kName = "BlackmanWindow";
    static constexpr double kConstant = 0.42, kFirst = 0.5, kSecond = 0.08;
};

}  // namespace tenon::reference

TENON_OPERATORS(signal_window, tenon::reference::SignalWindow<tenon::reference::BlackmanOf>,
                tenon::reference::SignalWindow<tenon::reference::HammingOf>,
                tenon::reference::SignalWindow<tenon::reference::HannOf>)
