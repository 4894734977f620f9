// y = whether x is not a number, or infinite (ONNX IsNaN opset 9 and later, IsInf opset 10 and later).
#include <tenon/sdk/sdk.h>

namespace tenon::reference {
using namespace sdk;

struct IsNaN {
    static constexpr Identity identity{.name = "IsNaN", .since = 9};
    static constexpr auto formats = rows(row(floats | float8s, boolean).anyLayout());
    void run(const Launch& l) const {
        dispatch<floats | float8s>(l.inputType(0), [&]<class E>() {
            const auto y = l.output<bool>(0);
            for (std::int64_t i = 0; i < y.size(); ++i)
                y[i] = std::isnan(Compute<E>(l.input<E>(0)[i]));
        });
    }
};

struct IsInf {
    bool detectNegative = true, detectPositive = true;
    static constexpr Identity identity{.name = "IsInf", .since = 10};
    static constexpr auto formats = rows(row(floats | float8s, boolean).anyLayout());
    static constexpr auto attributes() {
        return std::tuple{attr(1, "detect_negative", &IsInf::detectNegative, "whether -infinity counts"),
                          attr(2, "detect_positive", &IsInf::detectPositive, "whether +infinity counts")};
    }
    void run(const Launch& l) const {
        dispatch<floats | float8s>(l.inputType(0), [&]<class E>() {
            const auto x = l.input<E>(0);
            const auto y = l.output<bool>(0);
            for (std::int64_t i = 0; i < y.size(); ++i) {
                const auto v = Compute<E>(x[i]);
                y[i] = std::isinf(v) && (v < 0 ? detectNegative : detectPositive);
            }
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(float_class, tenon::reference::IsInf, tenon::reference::IsNaN)
