// Breaks nothing; each copy of the file is a library of its own, whose implementation has the file's name.
#include <dlfcn.h>

#include "honest.h"

namespace {
struct Creator : hostile::Creator<hostile::Plugin> {
    const tenon::abi::CreatorInfo* info() const noexcept override {
        static const std::string kName = [] {
            Dl_info self{};
            dladdr(&hostile::host, &self);
            return std::string(self.dli_fname).substr(std::string(self.dli_fname).rfind('/') + 1);
        }();
        static const tenon::abi::CreatorInfo kInfo = [] {
            tenon::abi::CreatorInfo info = hostile::doubleInfo();
            info.implementation = kName.c_str();
            return info;
        }();
        return &kInfo;
    }
};
}  // namespace

HOSTILE_LIBRARY(Creator)
