// Makes a plugin of any bytes and any attributes.
#include "honest.h"

namespace {
using namespace tenon::abi;

struct Creator : hostile::Creator<hostile::Plugin> {
    IPlugin* create(const LayerInfo*, const Field*, int32_t) const noexcept override { return new Cloneable; }
    IPlugin* deserialize(const LayerInfo*, const void*, uint64_t) const noexcept override { return new Cloneable; }
};
}  // namespace

HOSTILE_LIBRARY(Creator)
