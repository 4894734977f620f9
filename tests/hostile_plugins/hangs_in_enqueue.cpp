// Never finishes.
#include <unistd.h>

#include "honest.h"

namespace {
using namespace tenon::abi;

struct Sinner : hostile::Plugin {
    Status enqueue(const EnqueueArgs*) noexcept override {
        for (;;)
            sleep(1000);
    }
};
}  // namespace

HOSTILE_PLUGIN(Sinner)
