// What an operator costs whose work is not linear in the size of its tensors. Constant folding relies on it: without a cost, work
// is taken to be linear.
#pragma once

#include <tenon/sdk/sdk.h>

namespace tenon::reference {

inline double elements(const abi::DynamicTensorDesc& d) {
    double count = 1;
    for (int i = 0; i < d.opt.rank; ++i)
        count *= static_cast<double>(d.opt.d[i]);
    return count;
}

// `operations`, and every tensor once.
inline sdk::Cost workOf(const sdk::Layer& l, double operations) {
    double bytes = 0;
    const auto add = [&](const abi::DynamicTensorDesc& d) { bytes += elements(d) * sdk::elementBits(d.desc.type) / 8; };
    for (int i = 0; i < l.inputCount(); ++i)
        if (l.hasInput(i)) add(l.inputRange(i));
    for (int i = 0; i < l.outputCount(); ++i)
        add(l.outputRange(i));
    return {operations, bytes};
}

}  // namespace tenon::reference
