// A creator of an operator without a name.
#include "honest.h"

namespace {
struct Creator : hostile::Creator<hostile::Plugin> {
    const tenon::abi::CreatorInfo* info() const noexcept override {
        static const tenon::abi::CreatorInfo kInfo = [] {
            tenon::abi::CreatorInfo info = hostile::doubleInfo();
            info.name = nullptr;
            return info;
        }();
        return &kInfo;
    }
};
}  // namespace

HOSTILE_LIBRARY(Creator)
