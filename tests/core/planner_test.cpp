#include "runtime/memory_planner.h"
#include "testing.h"

#include <random>

namespace tenon::testing {
namespace {

TEST(MemoryPlanner, ReusesMemoryOfBuffersThatDoNotLiveTogether) {
    std::vector<PlannedBuffer> buffers = {{100, 0, 1, 0}, {100, 1, 2, 0}, {100, 2, 3, 0}};
    const ArenaPlan plan = planArena(buffers, 64);
    EXPECT_EQ(plan.size, 256U);
    EXPECT_EQ(plan.lowerBound, 256U);
}

TEST(MemoryPlanner, NeverOverlapsLivingBuffers) {
    std::mt19937 random(3);
    for (int round = 0; round < 100; ++round) {
        std::vector<PlannedBuffer> buffers;
        for (int i = 0; i < 40; ++i) {
            const int first = static_cast<int>(random() % 50);
            buffers.push_back({random() % 5000, first, first + static_cast<int>(random() % 10), 0});
        }
        const ArenaPlan plan = planArena(buffers, 64);
        EXPECT_GE(plan.size, plan.lowerBound);
        for (std::size_t a = 0; a < buffers.size(); ++a)
            for (std::size_t b = 0; b < a; ++b) {
                const bool together = buffers[a].first <= buffers[b].last && buffers[b].first <= buffers[a].last;
                const bool apart = buffers[a].offset + buffers[a].size <= buffers[b].offset ||
                                   buffers[b].offset + buffers[b].size <= buffers[a].offset;
                EXPECT_TRUE(!together || apart);
            }
    }
}

}  // namespace
}  // namespace tenon::testing
