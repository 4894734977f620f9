// y = x (ONNX Identity opset 1 and later).
#include <tenon/sdk/sdk.h>

namespace tenon::reference {
using namespace sdk;

struct IdentityOp {
    static constexpr Identity identity{.name = "Identity", .since = 1};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(T, T).anyLayout());
    static constexpr int alias = 0;
    static constexpr bool view = true;
    void infer(Shapes x, Shapes y) const { y[0] = x[0]; }
    void run(const Launch& l) const {
        const auto size = static_cast<std::size_t>(elementCount(l.inputDesc(0).dims) * elementBits(l.inputType(0)) / 8);
        if (size > 0 && l.outputData(0) != l.inputData(0)) std::memcpy(l.outputData(0), l.inputData(0), size);
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(identity, tenon::reference::IdentityOp)
