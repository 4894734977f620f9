// y = f(x), element by element: what the operators of one input and one type share.
#pragma once

#include "arithmetic.h"

namespace tenon::reference {

// F states the name, the first opset, the types, the attributes if any, and apply(v): one element, in the type it is computed in.
template <class F>
struct Unary : F {
    static constexpr sdk::Identity identity{.name = F::kName, .since = F::kSince};
    static constexpr sdk::Slot T = sdk::var('T', F::kTypes);
    static constexpr auto formats = sdk::rows(sdk::row(T, T).anyLayout());
    static constexpr int alias = 0;
    void infer(sdk::Shapes x, sdk::Shapes y) const { y[0] = x[0].dims(); }
    template <class E>
    void run(sdk::View<const E> x, sdk::View<E> y) const {
        sdk::parallelFor(y.size(), 4096, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                y[i] = E(F::apply(sdk::Compute<E>(x[i])));
        });
    }
};

}  // namespace tenon::reference
