#include "memory.h"

#include <tenon/error.h>

#include "graph/layer_plugin.h"

#include <cstdlib>

namespace tenon {

Memory::Memory(abi::IDevice* device, std::size_t size) : device_(device), size_(size) {
    const std::size_t rounded = size > SIZE_MAX - 4096 ? SIZE_MAX : (size + 64) / 64 * 64;
    if (rounded == SIZE_MAX) data_ = nullptr;
    else data_ = device == nullptr ? std::aligned_alloc(64, rounded) : device->allocate(rounded);
    if (data_ == nullptr)
        throw Error(ErrorCode::outOfMemory, "cannot allocate " + std::to_string(size) + " bytes of " +
                                                (device == nullptr ? "host" : device->name()) + " memory");
}

Memory::~Memory() {
    if (data_ == nullptr) return;
    if (device_ == nullptr) std::free(data_);
    else device_->release(data_);
}

Stream::Stream(abi::IDevice* device) : device_(device) {
    if (device_ == nullptr) return;
    handle_ = device_->createStream();
    if (handle_ == nullptr)
        throw Error(ErrorCode::deviceFailure, std::string(device_->name()) + ": cannot create a stream: " + takePluginMessage());
}

Stream::~Stream() {
    if (handle_ != nullptr) device_->destroyStream(handle_);
}

void Stream::synchronize() const {
    if (device_ == nullptr) return;
    const abi::Status status = device_->synchronize(handle_);
    if (status != abi::Status::ok)
        throw Error(ErrorCode::deviceFailure, std::string(device_->name()) + ": " + pluginMessage(status));
}

void Stream::copy(void* to, const void* from, std::size_t size, abi::CopyKind kind) const {
    if (size == 0) return;
    const abi::Status status = device_->copy(to, from, size, kind, handle_);
    if (status != abi::Status::ok)
        throw Error(ErrorCode::deviceFailure, std::string(device_->name()) + ": copy: " + pluginMessage(status));
}

}  // namespace tenon
