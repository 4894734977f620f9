// y = f(a, b), element by element with numpy's broadcasting (ONNX Add, Div, Mod, Mul, Pow, PRelu, Sub, comparisons, logic).
#include "../reference/broadcast.h"
#include "cuda_op.h"
#include "kernels/pointwise.h"

namespace tenon::cuda {
using namespace sdk;

// One struct for all: F states the name, the first opset, the types of a and b and of y, the kernel, and where shapes are
// computed with it, symbolic(a, b) of two dimensions.
template <class F>
struct Binary : F {
    static constexpr Identity identity{.name = F::kName, .since = F::kSince, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', F::kTypes);
    static constexpr bool isPredicate = F::kTypes.bits == boolean.bits || requires { F::kPredicate; };
    static constexpr auto formats = rows(row(in(T, T), out(isPredicate ? Slot(boolean) : T)).anyLayout());
    static constexpr int alias = isPredicate && F::kTypes.bits != boolean.bits ? -1 : 0;
    void check(const abi::LayerInfo&) const {
        if constexpr (requires { F::checkAttributes(); }) F::checkAttributes();
    }
    void infer(Shapes x, Shapes y) const {
        if constexpr (requires { F::kOneWay; }) {
            reference::checkBroadcastsTo(x[0], x[1], "slope");
            y[0] = x[0].dims();
        } else {
            y[0] = broadcast(x[0], x[1]);
        }
        if constexpr (requires(Dim d) { F::symbolic(d, d); }) reference::broadcastContent(y[0], F::symbolic, x[0], x[1]);
    }
    void run(const Launch& l) const {
        const auto walk = broadcastWalk<2>(l.outputDesc(0), {&l.inputDesc(0), &l.inputDesc(1)});
        if constexpr (std::is_same_v<decltype(F::kOp), const LogicalOp>)
            cuda::check(logical(F::kOp, walk, l.inputData(0), l.inputData(1), l.outputData(0), streamOf(l)));
        else cuda::check(binary(F::kOp, l.inputType(0), walk, l.inputData(0), l.inputData(1), l.outputData(0), streamOf(l)));
    }
};

inline constexpr TypeSet numbers = floats | i32 | i64;

#define TENON_KERNEL(operatorName, code, firstOpset, typeSet) \
    static constexpr const char* kName = #operatorName;       \
    static constexpr int kSince = firstOpset;                 \
    static constexpr TypeSet kTypes = typeSet;                \
    static constexpr auto kOp = code;

struct AddOf {
    TENON_KERNEL(Add, BinaryOp::add, 7, numbers)
    static Dim symbolic(const Dim& a, const Dim& b) { return a + b; }
};
struct DivOf {
    TENON_KERNEL(Div, BinaryOp::div, 7, numbers)
    // Integers are divided towards zero: rounded down where the dividend is positive, up where it is negative.
    static Dim symbolic(const Dim& a, const Dim& b) {
        if (!b.isConstant() || b.value() <= 0) return Dim::unknown();
        return max(floorDiv(a, b), 0) + min(ceilDiv(a, b), 0);
    }
};
struct ModOf {
    bool fmod = false;
    TENON_KERNEL(Mod, BinaryOp::mod, 10, floats)
    static constexpr auto attributes() { return std::tuple{attr(1, "fmod", &ModOf::fmod, "sign of the dividend, as C's fmod")}; }
    void checkAttributes() const {
        if (!fmod) throw declined("only fmod=1, the form of floating-point numbers");
    }
};
struct MulOf {
    TENON_KERNEL(Mul, BinaryOp::mul, 7, numbers)
    static Dim symbolic(const Dim& a, const Dim& b) { return a * b; }
};
struct PowOf {
    TENON_KERNEL(Pow, BinaryOp::pow, 7, floats)
};
struct PReluOf {
    static constexpr bool kOneWay = true;
    TENON_KERNEL(PRelu, BinaryOp::prelu, 7, numbers)
};
struct SubOf {
    TENON_KERNEL(Sub, BinaryOp::sub, 7, numbers)
    static Dim symbolic(const Dim& a, const Dim& b) { return a - b; }
};
struct EqualOf {
    static constexpr bool kPredicate = true;
    TENON_KERNEL(Equal, BinaryOp::equal, 7, numbers)
    static Dim symbolic(const Dim& a, const Dim& b) { return equal(a, b); }
};
struct GreaterOf {
    static constexpr bool kPredicate = true;
    TENON_KERNEL(Greater, BinaryOp::greater, 7, numbers)
    static Dim symbolic(const Dim& a, const Dim& b) { return less(b, a); }
};
struct GreaterOrEqualOf {
    static constexpr bool kPredicate = true;
    TENON_KERNEL(GreaterOrEqual, BinaryOp::greaterOrEqual, 12, numbers)
    static Dim symbolic(const Dim& a, const Dim& b) { return Dim(1) - less(a, b); }
};
struct LessOf {
    static constexpr bool kPredicate = true;
    TENON_KERNEL(Less, BinaryOp::less, 7, numbers)
    static Dim symbolic(const Dim& a, const Dim& b) { return less(a, b); }
};
struct LessOrEqualOf {
    static constexpr bool kPredicate = true;
    TENON_KERNEL(LessOrEqual, BinaryOp::lessOrEqual, 12, numbers)
    static Dim symbolic(const Dim& a, const Dim& b) { return Dim(1) - less(b, a); }
};
struct AndOf {
    TENON_KERNEL(And, LogicalOp::both, 7, boolean)
};
struct OrOf {
    TENON_KERNEL(Or, LogicalOp::either, 7, boolean)
};
struct XorOf {
    TENON_KERNEL(Xor, LogicalOp::differ, 7, boolean)
};
#undef TENON_KERNEL

// y = !x (ONNX Not opset 1).
struct Not {
    static constexpr Identity identity{.name = "Not", .since = 1, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr auto formats = rows(row(boolean, boolean).anyLayout());
    static constexpr int alias = 0;
    void infer(Shapes x, Shapes y) const { y[0] = x[0].dims(); }
    void run(const Launch& l) const {
        check(logicalNot(storedElements(l.inputDesc(0)), l.inputData(0), l.outputData(0), streamOf(l)));
    }
};

}  // namespace tenon::cuda

TENON_OPERATORS(binary, tenon::cuda::Binary<tenon::cuda::AddOf>, tenon::cuda::Binary<tenon::cuda::AndOf>,
                tenon::cuda::Binary<tenon::cuda::DivOf>, tenon::cuda::Binary<tenon::cuda::EqualOf>,
                tenon::cuda::Binary<tenon::cuda::GreaterOf>, tenon::cuda::Binary<tenon::cuda::GreaterOrEqualOf>,
                tenon::cuda::Binary<tenon::cuda::LessOf>, tenon::cuda::Binary<tenon::cuda::LessOrEqualOf>,
                tenon::cuda::Binary<tenon::cuda::ModOf>, tenon::cuda::Binary<tenon::cuda::MulOf>, tenon::cuda::Not,
                tenon::cuda::Binary<tenon::cuda::OrOf>, tenon::cuda::Binary<tenon::cuda::PowOf>,
                tenon::cuda::Binary<tenon::cuda::PReluOf>, tenon::cuda::Binary<tenon::cuda::SubOf>,
                tenon::cuda::Binary<tenon::cuda::XorOf>)
