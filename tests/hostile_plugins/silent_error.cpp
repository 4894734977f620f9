// Fails without a word.
#include "honest.h"

namespace {
using namespace tenon::abi;

struct Sinner : hostile::Plugin {
    Status getOutputTypes(const DataType* inputs, int32_t, DataType* outputs, int32_t) const noexcept override {
        outputs[0] = DataType::f32;
        return inputs[0] == DataType::f32 ? Status::ok : Status::invalidArgument;
    }
};
}  // namespace

HOSTILE_PLUGIN(Sinner)
