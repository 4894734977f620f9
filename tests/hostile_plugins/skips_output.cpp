// Leaves its output as it was.
#include "honest.h"

namespace {
using namespace tenon::abi;

struct Sinner : hostile::Plugin {
    Status enqueue(const EnqueueArgs*) noexcept override { return Status::ok; }
};
}  // namespace

HOSTILE_PLUGIN(Sinner)
