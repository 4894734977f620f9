// Format rows for operators whose tensors all have one layout, partly filled channel blocks included.
#pragma once

#include <tenon/sdk/sdk.h>

namespace tenon::onednn {

inline constexpr std::array kImageLayouts{sdk::Layout::linear, sdk::Layout::channelsLast, sdk::Layout::blocked8,
                                          sdk::Layout::blocked16};

// The row, once in each layout; `inputs` of its inputs (the others stay linear) and every output have it.
template <std::size_t N = kImageLayouts.size()>
constexpr std::array<sdk::Row, N> inEachLayout(const sdk::Row& row, int inputs = sdk::kMaxSlots,
                                               const std::array<sdk::Layout, N>& layouts = kImageLayouts) {
    std::array<sdk::Row, N> all{};
    for (std::size_t k = 0; k < N; ++k) {
        all[k] = row;
        for (int i = 0; i < std::min(inputs, row.inputs.count); ++i)
            all[k].inputs.slot[static_cast<std::size_t>(i)] = row.inputs.slot[static_cast<std::size_t>(i)].as(layouts[k]);
        for (int i = 0; i < row.outputs.count; ++i)
            all[k].outputs.slot[static_cast<std::size_t>(i)] = row.outputs.slot[static_cast<std::size_t>(i)].as(layouts[k]);
    }
    return all;
}

}  // namespace tenon::onednn
