// y = x, with the value that stands for "missing" replaced, for each column or for all (ONNX-ML Imputer opset 1).
#include "../reference/arithmetic.h"
#include "features.h"

namespace tenon::ml {
using namespace sdk;

struct Imputer {
    std::vector<float> imputedFloats;
    std::vector<std::int64_t> imputedInts;
    float replacedFloat = 0;
    std::int64_t replacedInt = 0;
    static constexpr Identity identity{.name = "Imputer", .domain = "ai.onnx.ml", .implementation = "reference"};
    static constexpr Slot T = var('T', featureTypes);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "imputed_value_floats", &Imputer::imputedFloats, "replacements in floats"),
                          attr(2, "imputed_value_int64s", &Imputer::imputedInts, "replacements in integers"),
                          attr(3, "replaced_value_float", &Imputer::replacedFloat, "the float that is replaced; may be NaN"),
                          attr(4, "replaced_value_int64", &Imputer::replacedInt, "the integer that is replaced")};
    }
    void check(const abi::LayerInfo&) const {
        if (imputedFloats.empty() == imputedInts.empty())
            throw Error("exactly one of 'imputed_value_floats' and 'imputed_value_int64s' must be given");
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        const Dim columns = x[0].rank() == 0 ? Dim(1) : x[0][x[0].rank() - 1];
        if (columns.isConstant())
            checkEntries("imputed_value_*", std::max(imputedFloats.size(), imputedInts.size()), columns.value());
    }
    void run(const Launch& l) const {
        dispatch<featureTypes>(l.inputType(0), [&]<class E>() {
            if (imputedInts.empty()) replace<E>(l, imputedFloats, replacedFloat);
            else replace<E>(l, imputedInts, replacedInt);
        });
    }

private:
    template <class E, class V>
    static void replace(const Launch& l, const std::vector<V>& imputed, V replaced) {
        const auto x = l.input<E>(0);
        const auto y = l.output<E>(0);
        const std::int64_t columns = x.rank() == 0 ? 1 : x.dim(x.rank() - 1);
        if (x.size() > 0) checkEntries("imputed_value_*", imputed.size(), columns);
        for (std::int64_t i = 0; i < x.size(); ++i) {
            const V value = imputed[entryOf(imputed.size(), static_cast<std::size_t>(i % columns))];
            y[i] = isMissing(x[i], replaced) ? element<E>(value) : x[i];
        }
    }
    template <class E, class V>
    static bool isMissing(E x, V replaced) {
        if constexpr (std::is_floating_point_v<V>) {
            if constexpr (std::is_floating_point_v<E>)
                if (std::isnan(replaced)) return std::isnan(x);
            return static_cast<double>(x) == static_cast<double>(replaced);
        } else if constexpr (std::is_floating_point_v<E>) return static_cast<double>(x) == static_cast<double>(replaced);
        else return static_cast<std::int64_t>(x) == replaced;
    }
    template <class E, class V>
    static E element(V v) {
        if constexpr (std::is_integral_v<E> && std::is_floating_point_v<V>)
            return reference::toInteger<E>(static_cast<double>(v));
        else return static_cast<E>(v);
    }
};

}  // namespace tenon::ml

TENON_OPERATORS(imputer, tenon::ml::Imputer)
