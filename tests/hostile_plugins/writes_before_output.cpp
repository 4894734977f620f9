// Writes before its output.
#include "honest.h"

namespace {
using namespace tenon::abi;

struct Sinner : hostile::Plugin {
    Status enqueue(const EnqueueArgs* args) noexcept override {
        static_cast<float*>(args->outputs[0])[-1] = 1;
        return Plugin::enqueue(args);
    }
};
}  // namespace

HOSTILE_PLUGIN(Sinner)
