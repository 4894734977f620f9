// Believes a length that it finds in serialized bytes.
#include "honest.h"

namespace {
using namespace tenon::abi;

struct Creator : hostile::Creator<hostile::Plugin> {
    IPlugin* deserialize(const LayerInfo* layer, const void* data, uint64_t size) const noexcept override {
        uint32_t length = 0;
        if (size >= sizeof length) std::memcpy(&length, data, sizeof length);
        if (size > sizeof length && length != 0x314C4244)
            std::string(static_cast<const char*>(data) + 0x100000000, length).swap(trash);
        return hostile::Creator<hostile::Plugin>::deserialize(layer, data, size);
    }
    static inline std::string trash;
};
}  // namespace

HOSTILE_LIBRARY(Creator)
