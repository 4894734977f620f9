// What ScatterElements and ScatterND do with an update: replace the element or combine with it.
#pragma once

#include "arithmetic.h"
#include "indices.h"
#include "view.h"

namespace tenon::reference {

inline constexpr sdk::TypeSet scatterable = sdk::numeric | sdk::boolean;

template <class E>
E combined(char reduction, E a, E b) {
    if constexpr (std::is_same_v<E, bool>) return reduction == 'a' || reduction == '>' ? (a || b) : (a && b);
    else if (reduction == 'a') return E(Arithmetic<E>(a) + Arithmetic<E>(b));
    else if (reduction == 'm') return E(Arithmetic<E>(a) * Arithmetic<E>(b));
    else return reduction == '>' ? larger(a, b) : smaller(a, b);
}

// Calls walk(update) where update(element, source) combines one element of the output with one update.
template <class Walk>
void scatter(const sdk::Launch& l, const std::string& reduction, Walk&& walk) {
    copyBytes(l);
    if (reduction == "none") {
        sdk::dispatchSize(l.inputType(0), [&]<class E>() {
            const E* from = l.input<E>(2).data;
            E* y = l.output<E>(0).data;
            walk([&](std::int64_t at, std::int64_t source) { y[at] = from[source]; });
        });
        return;
    }
    const char kind = reduction == "add" ? 'a' : reduction == "mul" ? 'm' : reduction == "max" ? '>' : '<';
    sdk::dispatch<scatterable>(l.inputType(0), [&]<class E>() {
        using S = Stored<E>;
        const S* from = l.input<S>(2).data;
        S* y = l.output<S>(0).data;
        walk([&](std::int64_t at, std::int64_t source) {
            y[at] = static_cast<S>(combined<E>(kind, static_cast<E>(y[at]), static_cast<E>(from[source])));
        });
    });
}

inline void checkReduction(const sdk::Layer& layer, const std::string& reduction) {
    if (reduction != "none" && !scatterable.has(layer.input(0).type))
        throw sdk::declined("reduction \"" + reduction + "\" of " + sdk::typeName(layer.input(0).type));
}

}  // namespace tenon::reference
