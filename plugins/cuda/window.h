// Sliding windows in the terms of the kernels.
#pragma once

#include "../reference/window.h"
#include "cuda_op.h"
#include "kernels/pool.h"

namespace tenon::cuda {

// The spatial axes come last, those that the layer lacks have extent 1. At most kSpatial axes; x is linear or channels-last.
inline PoolShape poolShape(const abi::TensorDesc& x, std::int64_t channels, const reference::Windows& windows) {
    PoolShape s{};
    s.batch = x.dims.d[0];
    s.channels = channels;
    s.channelsLast = x.layout == abi::Layout::channelsLast;
    for (int d = 0; d < kSpatial; ++d) {
        const int i = d - (kSpatial - windows.rank);
        const reference::WindowAxis a = i < 0 ? reference::WindowAxis{} : windows[i];
        s.in[d] = a.in;
        s.out[d] = a.out;
        s.kernel[d] = a.kernel;
        s.stride[d] = a.stride;
        s.dilation[d] = a.dilation;
        s.padBegin[d] = a.padBegin;
        s.padEnd[d] = a.padEnd;
    }
    return s;
}

}  // namespace tenon::cuda
