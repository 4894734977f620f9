// y = f(x), element by element (ONNX Abs, Acos, ... ThresholdedRelu; the forms of the reference family).
#include "cuda_op.h"
#include "kernels/pointwise.h"

namespace tenon::cuda {
using namespace sdk;

// F states the name, the first opset, the types, and the kernel with its parameters.
template <class F>
struct Unary : F {
    static constexpr Identity identity{.name = F::kName, .since = F::kSince, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', F::kTypes);
    static constexpr auto formats = rows(row(T, T).anyLayout());
    static constexpr int alias = 0;
    void infer(Shapes x, Shapes y) const { y[0] = x[0].dims(); }
    void run(const Launch& l) const {
        const auto call = this->kernel();
        check(unary(call.op, l.inputType(0), storedElements(l.inputDesc(0)), l.inputData(0), l.outputData(0), call.alpha,
                    call.beta, streamOf(l)));
    }
};

struct UnaryCall {
    UnaryOp op;
    float alpha = 0, beta = 0;
};

#define TENON_PLAIN(operatorName, code, firstOpset, typeSet)        \
    struct operatorName##Of {                                       \
        static constexpr const char* kName = #operatorName;         \
        static constexpr int kSince = firstOpset;                   \
        static constexpr TypeSet kTypes = typeSet;                  \
        static UnaryCall kernel() { return {.op = UnaryOp::code}; } \
    };
TENON_PLAIN(Abs, abs, 1, floats | i32 | i64)
TENON_PLAIN(Acos, acos, 7, floats)
TENON_PLAIN(Acosh, acosh, 9, floats)
TENON_PLAIN(Asin, asin, 7, floats)
TENON_PLAIN(Asinh, asinh, 9, floats)
TENON_PLAIN(Atan, atan, 7, floats)
TENON_PLAIN(Atanh, atanh, 9, floats)
TENON_PLAIN(Ceil, ceil, 1, floats)
TENON_PLAIN(Cos, cos, 7, floats)
TENON_PLAIN(Cosh, cosh, 9, floats)
TENON_PLAIN(Erf, erf, 9, floats)
TENON_PLAIN(Exp, exp, 1, floats)
TENON_PLAIN(Floor, floor, 1, floats)
TENON_PLAIN(HardSwish, hardSwish, 14, floats)
TENON_PLAIN(Log, log, 1, floats)
TENON_PLAIN(Mish, mish, 18, floats)
TENON_PLAIN(Neg, neg, 1, floats | i32 | i64)
TENON_PLAIN(Reciprocal, reciprocal, 1, floats)
TENON_PLAIN(Relu, relu, 1, floats | i32 | i64)
TENON_PLAIN(Round, round, 11, floats)
TENON_PLAIN(Sigmoid, sigmoid, 1, floats)
TENON_PLAIN(Sign, sign, 9, floats | i32 | i64)
TENON_PLAIN(Sin, sin, 7, floats)
TENON_PLAIN(Sinh, sinh, 9, floats)
TENON_PLAIN(Softplus, softplus, 1, floats)
TENON_PLAIN(Softsign, softsign, 1, floats)
TENON_PLAIN(Sqrt, sqrt, 1, floats)
TENON_PLAIN(Tan, tan, 7, floats)
TENON_PLAIN(Tanh, tanh, 1, floats)
#undef TENON_PLAIN

#define TENON_WITH_ALPHA(operatorName, code, firstOpset, value, help)                                               \
    struct operatorName##Of {                                                                                       \
        float alpha = value;                                                                                        \
        static constexpr const char* kName = #operatorName;                                                         \
        static constexpr int kSince = firstOpset;                                                                   \
        static constexpr TypeSet kTypes = floats;                                                                   \
        static constexpr auto attributes() { return std::tuple{attr(1, "alpha", &operatorName##Of::alpha, help)}; } \
        UnaryCall kernel() const { return {.op = UnaryOp::code, .alpha = alpha}; }                                  \
    };
TENON_WITH_ALPHA(Celu, celu, 12, 1.0F, "scale of the exponential")
TENON_WITH_ALPHA(Elu, elu, 1, 1.0F, "scale of the exponential")
TENON_WITH_ALPHA(LeakyRelu, leakyRelu, 1, 0.01F, "slope where x is negative")
TENON_WITH_ALPHA(Swish, swish, 24, 1.0F, "slope inside the sigmoid")
TENON_WITH_ALPHA(ThresholdedRelu, thresholdedRelu, 10, 1.0F, "threshold")
#undef TENON_WITH_ALPHA

struct HardSigmoidOf {
    float alpha = 0.2F, beta = 0.5F;
    static constexpr const char* kName = "HardSigmoid";
    static constexpr int kSince = 1;
    static constexpr TypeSet kTypes = floats;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "alpha", &HardSigmoidOf::alpha, "slope"), attr(2, "beta", &HardSigmoidOf::beta, "value at 0")};
    }
    UnaryCall kernel() const { return {UnaryOp::hardSigmoid, alpha, beta}; }
};

struct SeluOf {
    float alpha = 1.67326319217681884765625F, gamma = 1.05070102214813232421875F;
    static constexpr const char* kName = "Selu";
    static constexpr int kSince = 1;
    static constexpr TypeSet kTypes = floats;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "alpha", &SeluOf::alpha, "scale of the exponential"),
                          attr(2, "gamma", &SeluOf::gamma, "scale of all")};
    }
    UnaryCall kernel() const { return {UnaryOp::selu, alpha, gamma}; }
};

struct ShrinkOf {
    float lambd = 0.5F, bias = 0.0F;
    static constexpr const char* kName = "Shrink";
    static constexpr int kSince = 9;
    static constexpr TypeSet kTypes = floats;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "lambd", &ShrinkOf::lambd, "half width of the interval that becomes 0"),
                          attr(2, "bias", &ShrinkOf::bias, "taken off the magnitude of the rest")};
    }
    UnaryCall kernel() const { return {UnaryOp::shrink, lambd, bias}; }
};

struct GeluOf {
    std::string approximate = "none";
    static constexpr const char* kName = "Gelu";
    static constexpr int kSince = 20;
    static constexpr TypeSet kTypes = floats;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "approximate", &GeluOf::approximate, "none or tanh").oneOf("none|tanh")};
    }
    UnaryCall kernel() const { return {.op = approximate == "tanh" ? UnaryOp::geluTanh : UnaryOp::gelu}; }
};

}  // namespace tenon::cuda

TENON_OPERATORS(
    unary, tenon::cuda::Unary<tenon::cuda::AbsOf>, tenon::cuda::Unary<tenon::cuda::AcosOf>,
    tenon::cuda::Unary<tenon::cuda::AcoshOf>, tenon::cuda::Unary<tenon::cuda::AsinOf>, tenon::cuda::Unary<tenon::cuda::AsinhOf>,
    tenon::cuda::Unary<tenon::cuda::AtanOf>, tenon::cuda::Unary<tenon::cuda::AtanhOf>, tenon::cuda::Unary<tenon::cuda::CeilOf>,
    tenon::cuda::Unary<tenon::cuda::CeluOf>, tenon::cuda::Unary<tenon::cuda::CosOf>, tenon::cuda::Unary<tenon::cuda::CoshOf>,
    tenon::cuda::Unary<tenon::cuda::EluOf>, tenon::cuda::Unary<tenon::cuda::ErfOf>, tenon::cuda::Unary<tenon::cuda::ExpOf>,
    tenon::cuda::Unary<tenon::cuda::FloorOf>, tenon::cuda::Unary<tenon::cuda::GeluOf>,
    tenon::cuda::Unary<tenon::cuda::HardSigmoidOf>, tenon::cuda::Unary<tenon::cuda::HardSwishOf>,
    tenon::cuda::Unary<tenon::cuda::LeakyReluOf>, tenon::cuda::Unary<tenon::cuda::LogOf>, tenon::cuda::Unary<tenon::cuda::MishOf>,
    tenon::cuda::Unary<tenon::cuda::NegOf>, tenon::cuda::Unary<tenon::cuda::ReciprocalOf>,
    tenon::cuda::Unary<tenon::cuda::ReluOf>, tenon::cuda::Unary<tenon::cuda::RoundOf>, tenon::cuda::Unary<tenon::cuda::SeluOf>,
    tenon::cuda::Unary<tenon::cuda::ShrinkOf>, tenon::cuda::Unary<tenon::cuda::SigmoidOf>,
    tenon::cuda::Unary<tenon::cuda::SignOf>, tenon::cuda::Unary<tenon::cuda::SinOf>, tenon::cuda::Unary<tenon::cuda::SinhOf>,
    tenon::cuda::Unary<tenon::cuda::SoftplusOf>, tenon::cuda::Unary<tenon::cuda::SoftsignOf>,
    tenon::cuda::Unary<tenon::cuda::SqrtOf>, tenon::cuda::Unary<tenon::cuda::SwishOf>, tenon::cuda::Unary<tenon::cuda::TanOf>,
    tenon::cuda::Unary<tenon::cuda::TanhOf>, tenon::cuda::Unary<tenon::cuda::ThresholdedReluOf>)
