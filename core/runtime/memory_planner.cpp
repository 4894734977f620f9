#include "memory_planner.h"

#include <algorithm>
#include <numeric>

namespace tenon {

namespace {
bool overlap(const PlannedBuffer& a, const PlannedBuffer& b) { return a.first <= b.last && b.first <= a.last; }

std::size_t lowerBoundOf(const std::vector<PlannedBuffer>& buffers) {
    std::vector<std::pair<int, std::ptrdiff_t>> events;  // step, bytes that appear or vanish
    for (const PlannedBuffer& b : buffers) {
        events.emplace_back(b.first, static_cast<std::ptrdiff_t>(b.size));
        events.emplace_back(b.last + 1, -static_cast<std::ptrdiff_t>(b.size));
    }
    std::sort(events.begin(), events.end());  // what vanishes at a step comes before what appears
    std::ptrdiff_t alive = 0, most = 0;
    for (const auto& [step, bytes] : events)
        most = std::max(most, alive += bytes);
    return static_cast<std::size_t>(most);
}
}  // namespace

ArenaPlan planArena(std::vector<PlannedBuffer>& buffers, std::size_t alignment) {
    for (PlannedBuffer& b : buffers)
        b.size = (b.size + alignment - 1) / alignment * alignment;
    std::vector<std::size_t> order(buffers.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return buffers[a].size > buffers[b].size; });
    ArenaPlan plan;
    plan.lowerBound = lowerBoundOf(buffers);
    std::vector<std::size_t> placed;  // by offset
    for (const std::size_t i : order) {
        PlannedBuffer& b = buffers[i];
        std::size_t at = 0;
        for (const std::size_t p : placed) {
            if (!overlap(b, buffers[p])) continue;
            if (buffers[p].offset >= at + b.size) break;
            at = std::max(at, buffers[p].offset + buffers[p].size);
        }
        b.offset = at;
        plan.size = std::max(plan.size, at + b.size);
        const auto where = std::upper_bound(placed.begin(), placed.end(), at,
                                            [&](std::size_t o, std::size_t p) { return o < buffers[p].offset; });
        placed.insert(where, i);
    }
    return plan;
}

}  // namespace tenon
