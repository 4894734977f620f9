// y = f(x) with f a function of the C++ library, element by element (ONNX Acos, Acosh, ... opset 1 to 9 and later).
#include "unary.h"

namespace tenon::reference {
using namespace sdk;

#define TENON_MATH(operatorName, function, since)           \
    struct operatorName##Of {                               \
        static constexpr const char* kName = #operatorName; \
        static constexpr int kSince = since;                \
        static constexpr TypeSet kTypes = floats;           \
        template <class C>                                  \
        static C apply(C v) {                               \
            return function(v);                             \
        }                                                   \
    };                                                      \
    using operatorName = Unary<operatorName##Of>;
TENON_MATH(Acos, std::acos, 7)
TENON_MATH(Acosh, std::acosh, 9)
TENON_MATH(Asin, std::asin, 7)
TENON_MATH(Asinh, std::asinh, 9)
TENON_MATH(Atan, std::atan, 7)
TENON_MATH(Atanh, std::atanh, 9)
TENON_MATH(Cos, std::cos, 7)
TENON_MATH(Cosh, std::cosh, 9)
TENON_MATH(Erf, std::erf, 9)
TENON_MATH(Exp, std::exp, 1)
TENON_MATH(Log, std::log, 1)
TENON_MATH(Sin, std::sin, 7)
TENON_MATH(Sinh, std::sinh, 9)
TENON_MATH(Sqrt, std::sqrt, 1)
TENON_MATH(Tan, std::tan, 7)
TENON_MATH(Tanh, std::tanh, 1)
#undef TENON_MATH

}  // namespace tenon::reference

TENON_OPERATORS(unary_math, tenon::reference::Acos, tenon::reference::Acosh, tenon::reference::Asin, tenon::reference::Asinh,
                tenon::reference::Atan, tenon::reference::Atanh, tenon::reference::Cos, tenon::reference::Cosh,
                tenon::reference::Erf, tenon::reference::Exp, tenon::reference::Log, tenon::reference::Sin,
                tenon::reference::Sinh, tenon::reference::Sqrt, tenon::reference::Tan, tenon::reference::Tanh)
