// Owned memory of the host or of a device.
#pragma once

#include <tenon/abi/device.h>

#include <cstddef>
#include <utility>

namespace tenon {

class Memory {
public:
    Memory() = default;
    // device null: host memory, 64-byte aligned. Not initialized. Throws Error(outOfMemory).
    Memory(abi::IDevice* device, std::size_t size);
    Memory(Memory&& other) noexcept { *this = std::move(other); }
    Memory& operator=(Memory&& other) noexcept {
        std::swap(device_, other.device_);
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~Memory();
    void* data() const { return data_; }
    std::byte* at(std::size_t offset) const { return static_cast<std::byte*>(data_) + offset; }
    std::size_t size() const { return size_; }
    abi::IDevice* device() const { return device_; }

private:
    abi::IDevice* device_ = nullptr;
    void* data_ = nullptr;
    std::size_t size_ = 0;
};

// A stream of a device; with a null device all calls do nothing.
class Stream {
public:
    Stream() = default;
    explicit Stream(abi::IDevice* device);
    Stream(Stream&& other) noexcept { *this = std::move(other); }
    Stream& operator=(Stream&& other) noexcept {
        std::swap(device_, other.device_);
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Stream();
    void* handle() const { return handle_; }
    void synchronize() const;  // throws Error(deviceFailure)
    void copy(void* to, const void* from, std::size_t size, abi::CopyKind kind) const;

private:
    abi::IDevice* device_ = nullptr;
    void* handle_ = nullptr;
};

}  // namespace tenon
