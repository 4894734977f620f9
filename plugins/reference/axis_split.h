// A dense tensor seen as outer x extent x inner around one axis, or around a run of axes.
#pragma once

#include <tenon/sdk/sdk.h>

namespace tenon::reference {

struct AxisSplit {
    std::int64_t outer = 1, extent = 1, inner = 1;
    std::int64_t lines() const { return outer * inner; }
    // Offset of the first element of a line along the axis; its elements are `inner` apart.
    std::int64_t start(std::int64_t line) const { return line / inner * extent * inner + line % inner; }
};

// Axes [first, last) are the extent; first may be negative as in ONNX.
inline AxisSplit splitAt(std::span<const std::int64_t> dims, std::int64_t first, std::int64_t last) {
    const auto rank = static_cast<std::int64_t>(dims.size());
    if (first < 0) first += rank;
    AxisSplit s;
    for (std::int64_t i = 0; i < rank; ++i)
        (i < first ? s.outer : i < last ? s.extent : s.inner) *= dims[static_cast<std::size_t>(i)];
    return s;
}
inline AxisSplit splitAt(std::span<const std::int64_t> dims, std::int64_t axis) {
    if (axis < 0) axis += static_cast<std::int64_t>(dims.size());
    return splitAt(dims, axis, axis + 1);
}

// Calls body(offset of the first element) for every line along the axis, on the host's threads.
template <class F>
void forLines(const AxisSplit& s, F&& body) {
    if (s.extent == 0) return;
    sdk::parallelFor(s.lines(), std::max<std::int64_t>(1, 4096 / s.extent), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t line = begin; line < end; ++line)
            body(s.start(line));
    });
}

}  // namespace tenon::reference
