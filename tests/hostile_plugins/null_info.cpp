// A creator that says nothing about itself.
#include "honest.h"

namespace {
struct Creator : hostile::Creator<hostile::Plugin> {
    const tenon::abi::CreatorInfo* info() const noexcept override { return nullptr; }
};
}  // namespace

HOSTILE_LIBRARY(Creator)
