// Gives its output a thousand dimensions.
#include "honest.h"

namespace {
using namespace tenon::abi;

struct Sinner : hostile::Plugin {
    Status getOutputDimensions(const SymbolicTensor*, int32_t, SymbolicTensor* outputs, int32_t,
                               IExprBuilder*) const noexcept override {
        outputs[0].rank = 1000;
        return Status::ok;
    }
};
}  // namespace

HOSTILE_PLUGIN(Sinner)
