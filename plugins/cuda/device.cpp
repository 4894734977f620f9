// The device "cuda": the current CUDA device of the process, through the runtime API.
#include "cuda_op.h"
#include "kernels/strided.h"

#include <cublasLt.h>
#include <cudnn.h>

namespace tenon::cuda {

namespace {
std::string versionText(std::size_t version, std::size_t major, std::size_t minor) {
    return std::to_string(version / major) + "." + std::to_string(version % major / minor);
}

// Why kernels cannot run; empty when they can.
std::string findObstacle() {
    int count = 0;
    cudaError_t status = cudaGetDeviceCount(&count);
    if (status == cudaSuccess && count == 0) status = cudaErrorNoDevice;
    if (status == cudaSuccess) status = probeKernels();
    if (status == cudaSuccess) return "";
    cudaGetLastError();
    return std::string("no usable CUDA device: ") + cudaGetErrorString(status);
}

std::string describe() {
    cudaDeviceProp p{};
    int device = 0, driver = 0;
    if (cudaGetDevice(&device) != cudaSuccess || cudaGetDeviceProperties(&p, device) != cudaSuccess) return "no CUDA device";
    cudaDriverGetVersion(&driver);
    return std::string(p.name) + ", sm_" + std::to_string(p.major) + std::to_string(p.minor) + ", driver " +
           versionText(static_cast<std::size_t>(driver), 1000, 10) + ", cuDNN " + std::to_string(cudnnGetVersion()) +
           ", cuBLASLt " + std::to_string(cublasLtGetVersion());
}

class Device final : public abi::IDevice {
public:
    const char* name() const noexcept override { return kDevice; }

    bool available() const noexcept override {
        bool usable = false;
        sdk::guard(kDevice, [&] {
            static const std::string obstacle = findObstacle();
            if (!obstacle.empty()) throw sdk::Error(obstacle, abi::Status::deviceError);
            usable = true;
        });
        return usable;
    }

    const char* description() const noexcept override {
        const char* text = "";
        sdk::guard(kDevice, [&] {
            static const std::string facts = describe();
            text = facts.c_str();
        });
        return text;
    }

    void* allocate(uint64_t size) noexcept override {
        return make([&](void** p) { return cudaMalloc(p, std::max<uint64_t>(size, 1)); });
    }
    void release(void* memory) noexcept override {
        run([&] { return cudaFree(memory); });
    }
    void* allocatePinned(uint64_t size) noexcept override {
        return make([&](void** p) { return cudaMallocHost(p, std::max<uint64_t>(size, 1)); });
    }
    void releasePinned(void* memory) noexcept override {
        run([&] { return cudaFreeHost(memory); });
    }

    void* createStream() noexcept override {
        return make(
            [](void** p) { return cudaStreamCreateWithFlags(reinterpret_cast<cudaStream_t*>(p), cudaStreamNonBlocking); });
    }
    void destroyStream(void* stream) noexcept override {
        run([&] { return cudaStreamDestroy(static_cast<cudaStream_t>(stream)); });
    }
    abi::Status synchronize(void* stream) noexcept override {
        return run([&] { return cudaStreamSynchronize(static_cast<cudaStream_t>(stream)); });
    }
    abi::Status copy(void* to, const void* from, uint64_t size, abi::CopyKind kind, void* stream) noexcept override {
        constexpr cudaMemcpyKind kKinds[] = {cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice};
        if (size == 0) return abi::Status::ok;
        return run(
            [&] { return cudaMemcpyAsync(to, from, size, kKinds[static_cast<int>(kind)], static_cast<cudaStream_t>(stream)); });
    }

    void* createEvent() noexcept override {
        return make([](void** p) { return cudaEventCreate(reinterpret_cast<cudaEvent_t*>(p)); });
    }
    void destroyEvent(void* event) noexcept override {
        run([&] { return cudaEventDestroy(static_cast<cudaEvent_t>(event)); });
    }
    abi::Status record(void* event, void* stream) noexcept override {
        return run([&] { return cudaEventRecord(static_cast<cudaEvent_t>(event), static_cast<cudaStream_t>(stream)); });
    }
    double elapsedMilliseconds(void* begin, void* end) noexcept override {
        float milliseconds = -1;
        const abi::Status status = run([&] {
            const cudaError_t done = cudaEventSynchronize(static_cast<cudaEvent_t>(end));
            if (done != cudaSuccess) return done;
            return cudaEventElapsedTime(&milliseconds, static_cast<cudaEvent_t>(begin), static_cast<cudaEvent_t>(end));
        });
        return status == abi::Status::ok ? static_cast<double>(milliseconds) : -1.0;
    }

private:
    template <class F>
    static abi::Status run(F&& call) noexcept {
        return sdk::guard(kDevice, [&] { check(call()); });
    }
    // What call(&pointer) makes, or null after an error.
    template <class F>
    static void* make(F&& call) noexcept {
        void* made = nullptr;
        return run([&] { return call(&made); }) == abi::Status::ok ? made : nullptr;
    }
};
}  // namespace

}  // namespace tenon::cuda

namespace tenon::generated {
abi::IDevice* device_cuda();
abi::IDevice* device_cuda() {
    static cuda::Device device;
    return &device;
}
}  // namespace tenon::generated
