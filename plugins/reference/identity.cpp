// y = x (ONNX Identity opset 1 and later).
#include "view.h"

namespace tenon::reference {
using namespace sdk;

struct IdentityOp {
    static constexpr Identity identity{.name = "Identity", .since = 1};
    static constexpr Slot T = orComposite(var('T', anyType)), H = orComposite(var('H', halfBytes));
    static constexpr auto formats = rows(row(T, T).anyLayout(), row(H, H));
    static constexpr int alias = 0;
    static constexpr bool view = true;
    void infer(Shapes x, Shapes y) const { y[0] = x[0]; }
    void run(const Launch& l) const { copyBytes(l); }
};

}  // namespace tenon::reference

TENON_OPERATORS(identity, tenon::reference::IdentityOp)
