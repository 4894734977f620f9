// A dense tensor read with the indices of a larger one that it broadcasts to.
#pragma once

#include "../reference/broadcast.h"

namespace tenon::microsoft {

template <class E>
class BroadcastReader {
public:
    BroadcastReader(sdk::View<const E> x, std::span<const std::int64_t> to)
        : data_(x.data), loops_(to, {x.dims}), inner_(std::max<std::int64_t>(1, loops_.inner())) {}
    const E& operator[](std::int64_t i) const { return data_[loops_.offsets(i / inner_)[0] + i % inner_ * loops_.step(0)]; }

private:
    const E* data_;
    reference::BroadcastLoops<1> loops_;
    std::int64_t inner_;
};

}  // namespace tenon::microsoft
