// y = |x|, -x, sign(x), 1/x and x rounded, element by element (ONNX Abs, Neg, Sign, Reciprocal, Floor, Ceil, Round opset 1 to 11
// and later).
#include "unary.h"

namespace tenon::reference {
using namespace sdk;

struct AbsOf {
    static constexpr const char* kName = "Abs";
    static constexpr int kSince = 1;
    static constexpr TypeSet kTypes = numeric;
    template <class C>
    static C apply(C v) {
        if constexpr (std::is_floating_point_v<C>) return std::fabs(v);
        else return v < C(0) ? negated(v) : v;
    }
};

struct NegOf {
    static constexpr const char* kName = "Neg";
    static constexpr int kSince = 1;
    static constexpr TypeSet kTypes = floats | signedInts;
    template <class C>
    static C apply(C v) {
        if constexpr (std::is_floating_point_v<C>) return -v;
        else return negated(v);
    }
};

struct SignOf {
    static constexpr const char* kName = "Sign";
    static constexpr int kSince = 9;
    static constexpr TypeSet kTypes = numeric;
    template <class C>
    static C apply(C v) {
        return v > C(0) ? C(1) : v < C(0) ? C(-1) : v;  // NaN stays NaN
    }
};

struct ReciprocalOf {
    static constexpr const char* kName = "Reciprocal";
    static constexpr int kSince = 1;
    static constexpr TypeSet kTypes = floats;
    template <class C>
    static C apply(C v) {
        return C(1) / v;
    }
};

struct FloorOf {
    static constexpr const char* kName = "Floor";
    static constexpr int kSince = 1;
    static constexpr TypeSet kTypes = floats;
    template <class C>
    static C apply(C v) {
        return std::floor(v);
    }
};

struct CeilOf {
    static constexpr const char* kName = "Ceil";
    static constexpr int kSince = 1;
    static constexpr TypeSet kTypes = floats;
    template <class C>
    static C apply(C v) {
        return std::ceil(v);
    }
};

// Halves go to the even neighbour: the default rounding mode.
struct RoundOf {
    static constexpr const char* kName = "Round";
    static constexpr int kSince = 11;
    static constexpr TypeSet kTypes = floats;
    template <class C>
    static C apply(C v) {
        return std::nearbyint(v);
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(unary_arithmetic, tenon::reference::Unary<tenon::reference::AbsOf>,
                tenon::reference::Unary<tenon::reference::CeilOf>, tenon::reference::Unary<tenon::reference::FloorOf>,
                tenon::reference::Unary<tenon::reference::NegOf>, tenon::reference::Unary<tenon::reference::ReciprocalOf>,
                tenon::reference::Unary<tenon::reference::RoundOf>, tenon::reference::Unary<tenon::reference::SignOf>)
