// Decides about a tensor by what comes after it.
#include "honest.h"

namespace {
using namespace tenon::abi;

struct Sinner : hostile::Plugin {
    bool supportsFormatCombination(int32_t pos, const TensorDesc* inOut, int32_t inputs,
                                   int32_t outputs) const noexcept override {
        return Plugin::supportsFormatCombination(pos, inOut, inputs, outputs) &&
               inOut[inputs + outputs - 1].type == DataType::f32;
    }
};
}  // namespace

HOSTILE_PLUGIN(Sinner)
