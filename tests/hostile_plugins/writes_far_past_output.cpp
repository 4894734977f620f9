// Writes far behind its output.
#include "honest.h"

namespace {
using namespace tenon::abi;

struct Sinner : hostile::Plugin {
    Status enqueue(const EnqueueArgs* args) noexcept override {
        static_cast<float*>(args->outputs[0])[count(args->outputDescs[0]) + 1000] = 1;
        return Plugin::enqueue(args);
    }
};
}  // namespace

HOSTILE_PLUGIN(Sinner)
