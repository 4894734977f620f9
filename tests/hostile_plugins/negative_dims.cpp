// Gives its output a negative extent.
#include "honest.h"

namespace {
using namespace tenon::abi;

struct Sinner : hostile::Plugin {
    Status getOutputDimensions(const SymbolicTensor*, int32_t, SymbolicTensor* outputs, int32_t,
                               IExprBuilder* builder) const noexcept override {
        outputs[0].rank = 1;
        outputs[0].dim[0] = builder->constant(-5);
        return Status::ok;
    }
};
}  // namespace

HOSTILE_PLUGIN(Sinner)
