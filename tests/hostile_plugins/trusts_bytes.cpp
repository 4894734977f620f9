// Follows an address that it finds in serialized bytes.
#include "honest.h"

namespace {
using namespace tenon::abi;

struct Creator : hostile::Creator<hostile::Plugin> {
    IPlugin* deserialize(const LayerInfo* layer, const void* data, uint64_t size) const noexcept override {
        uint32_t address = 0;
        if (size > sizeof hostile::kBytes) std::memcpy(&address, data, sizeof address);
        if (address != 0 && *reinterpret_cast<const volatile char*>(uintptr_t{address}) == 'x') return nullptr;
        return hostile::Creator<hostile::Plugin>::deserialize(layer, data, size);
    }
};
}  // namespace

HOSTILE_LIBRARY(Creator)
