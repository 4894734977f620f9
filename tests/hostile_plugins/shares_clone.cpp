// A clone that is the plugin itself.
#include "honest.h"

namespace {
using namespace tenon::abi;

struct Itself final : hostile::Plugin {
    IPlugin* clone() const noexcept override { return const_cast<Itself*>(this); }
};

struct Creator : hostile::Creator<hostile::Plugin> {
    IPlugin* create(const LayerInfo*, const Field*, int32_t count) const noexcept override {
        if (count > 0) return hostile::refuse(Status::invalidArgument, "it has no attributes"), nullptr;
        return new Itself;
    }
};
}  // namespace

HOSTILE_LIBRARY(Creator)
