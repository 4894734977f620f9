// A creator that wants fewer than no inputs.
#include "honest.h"

namespace {
struct Creator : hostile::Creator<hostile::Plugin> {
    const tenon::abi::CreatorInfo* info() const noexcept override {
        static const tenon::abi::CreatorInfo kInfo = [] {
            tenon::abi::CreatorInfo info = hostile::doubleInfo();
            info.minInputs = -4;
            return info;
        }();
        return &kInfo;
    }
};
}  // namespace

HOSTILE_LIBRARY(Creator)
