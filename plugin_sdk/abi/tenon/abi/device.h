// The interface of a device: memory, streams, copies, events. The host CPU is built in; others come from libraries.
#pragma once

#include <tenon/abi/status.h>

namespace tenon::abi {

enum class CopyKind : int32_t { hostToDevice = 0, deviceToHost = 1, deviceToDevice = 2 };

// A device of a library's manifest; a static object. Handles are the device's own (CUDA: cudaStream_t, cudaEvent_t).
// [any thread]
class IDevice {
public:
    virtual const char* name() const noexcept = 0;  // "cuda"
    // Whether this machine has such a device; if not, the reason goes to HostServices::report.
    virtual bool available() const noexcept = 0;
    // What identifies the hardware and driver for the timing cache, e.g. "NVIDIA H200, sm_90, driver 13.0".
    virtual const char* description() const noexcept = 0;

    virtual void* allocate(uint64_t size) noexcept = 0;  // 256-byte aligned; null when memory is short
    virtual void release(void* memory) noexcept = 0;
    virtual void* allocatePinned(uint64_t size) noexcept = 0;  // host memory that copies can read at full speed
    virtual void releasePinned(void* memory) noexcept = 0;

    virtual void* createStream() noexcept = 0;
    virtual void destroyStream(void* stream) noexcept = 0;
    virtual Status synchronize(void* stream) noexcept = 0;
    // Ordered with the stream's other work; returns before it is done unless the host memory is pageable.
    virtual Status copy(void* to, const void* from, uint64_t size, CopyKind kind, void* stream) noexcept = 0;

    virtual void* createEvent() noexcept = 0;
    virtual void destroyEvent(void* event) noexcept = 0;
    virtual Status record(void* event, void* stream) noexcept = 0;
    virtual double elapsedMilliseconds(void* begin, void* end) noexcept = 0;  // negative after an error

protected:
    ~IDevice() = default;
};

}  // namespace tenon::abi
