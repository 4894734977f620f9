// A creator with two thousand million attributes.
#include "honest.h"

namespace {
struct Creator : hostile::Creator<hostile::Plugin> {
    const tenon::abi::CreatorInfo* info() const noexcept override {
        static const tenon::abi::CreatorInfo kInfo = [] {
            tenon::abi::CreatorInfo info = hostile::doubleInfo();
            info.fieldCount = 0x7fffffff;
            return info;
        }();
        return &kInfo;
    }
};
}  // namespace

HOSTILE_LIBRARY(Creator)
