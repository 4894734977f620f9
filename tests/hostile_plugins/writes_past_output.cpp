// Writes one element more than its output has.
#include "honest.h"

namespace {
using namespace tenon::abi;

struct Sinner : hostile::Plugin {
    Status enqueue(const EnqueueArgs* args) noexcept override {
        static_cast<float*>(args->outputs[0])[count(args->outputDescs[0])] = 1;
        return Plugin::enqueue(args);
    }
};
}  // namespace

HOSTILE_PLUGIN(Sinner)
