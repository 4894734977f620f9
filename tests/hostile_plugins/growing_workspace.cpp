// Wants more workspace each time it is asked.
#include "honest.h"

namespace {
using namespace tenon::abi;

struct Sinner : hostile::Plugin {
    uint64_t getWorkspaceSize() const noexcept override {
        static uint64_t size = 0;
        return size += 64;
    }
};
}  // namespace

HOSTILE_PLUGIN(Sinner)
