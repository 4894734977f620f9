// Throws through a function that promises not to.
#include <stdexcept>

#include "honest.h"

namespace {
using namespace tenon::abi;

struct Sinner : hostile::Plugin {
    Status enqueue(const EnqueueArgs*) noexcept override { throw std::runtime_error("not today"); }
};
}  // namespace

HOSTILE_PLUGIN(Sinner)
