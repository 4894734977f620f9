#include <tenon/sdk/sdk.h>

using namespace tenon::sdk;

// y = x + scalar. y has x's shape and type and may share its memory.
struct AddScalar {
    float scalar = 0.0F;
    static constexpr Identity identity{.name = "AddScalar", .domain = "com.acme"};
    static constexpr auto formats = rows(row(f32, f32).anyLayout(), row(f16, f16).anyLayout());
    static constexpr auto attributes() { return std::tuple{attr(1, "scalar", &AddScalar::scalar, "value added")}; }
    static constexpr int alias = 0;
    template <class T>
    void run(View<const T> x, View<T> y) const {
        for (std::int64_t i = 0; i < x.size(); ++i)
            y[i] = T(x[i] + scalar);
    }
};
TENON_LIBRARY("acme", "1.0.0", AddScalar)
