// Changes its input.
#include "honest.h"

namespace {
using namespace tenon::abi;

struct Sinner : hostile::Plugin {
    Status enqueue(const EnqueueArgs* args) noexcept override {
        const Status status = Plugin::enqueue(args);
        if (count(args->inputDescs[0]) > 0) static_cast<unsigned char*>(const_cast<void*>(args->inputs[0]))[0] ^= 1;
        return status;
    }
};
}  // namespace

HOSTILE_PLUGIN(Sinner)
