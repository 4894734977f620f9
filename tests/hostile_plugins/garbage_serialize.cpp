// Serializes to other bytes each time.
#include "honest.h"

namespace {
using namespace tenon::abi;

struct Sinner : hostile::Plugin {
    Status serialize(ISink* sink) const noexcept override {
        static int time = 0;
        ++time;
        return sink->write(&time, sizeof time);
    }
};
}  // namespace

HOSTILE_PLUGIN(Sinner)
