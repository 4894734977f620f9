// Asks for less workspace than it uses.
#include "honest.h"

namespace {
using namespace tenon::abi;

struct Sinner : hostile::Plugin {
    uint64_t getWorkspaceSize() const noexcept override { return 16; }
    Status enqueue(const EnqueueArgs* args) noexcept override {
        std::memset(args->workspace, 0, 20);
        return Plugin::enqueue(args);
    }
};
}  // namespace

HOSTILE_PLUGIN(Sinner)
