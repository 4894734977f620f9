// y = x quantized to uint8 with the scale and zero point that span the values of x and 0 (ONNX DynamicQuantizeLinear opset 11).
#include "arithmetic.h"

namespace tenon::reference {
using namespace sdk;

struct DynamicQuantizeLinear {
    static constexpr Identity identity{.name = "DynamicQuantizeLinear", .since = 11};
    static constexpr auto formats = rows(row(in(Slot(f32)), out(Slot(u8), Slot(f32), Slot(u8))));
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        y[1] = y[2] = Shape::ofRank(0);
    }
    void run(const Launch& l) const {
        const auto x = l.input<float>(0);
        float low = 0, high = 0;
        for (const float v : x) {
            low = std::min(low, v);
            high = std::max(high, v);
        }
        const float scale = high == low ? 1.0F : (high - low) / 255.0F;
        const double zeroPoint = std::nearbyint(std::clamp(-low / scale, 0.0F, 255.0F));
        const auto y = l.output<std::uint8_t>(0);
        for (std::int64_t i = 0; i < y.size(); ++i)
            y[i] = toInteger<std::uint8_t>(std::nearbyint(static_cast<double>(x[i] / scale)) + zeroPoint);
        l.output<float>(1)[0] = scale;
        l.output<std::uint8_t>(2)[0] = toInteger<std::uint8_t>(zeroPoint);
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(dynamic_quantize_linear, tenon::reference::DynamicQuantizeLinear)
