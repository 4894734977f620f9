// Two libraries are made of this file: both offer implementation `twin` of the same operator.
#include "honest.h"

namespace {
struct Creator : hostile::Creator<hostile::Plugin> {
    const tenon::abi::CreatorInfo* info() const noexcept override {
        static const tenon::abi::CreatorInfo kInfo = [] {
            tenon::abi::CreatorInfo info = hostile::doubleInfo();
            info.implementation = "twin";
            return info;
        }();
        return &kInfo;
    }
};
}  // namespace

HOSTILE_LIBRARY(Creator)
