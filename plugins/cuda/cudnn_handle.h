// cuDNN's handles and descriptors, owned.
#pragma once

#include "cuda_op.h"

#include <cudnn.h>

#include <memory>

namespace tenon::cuda {

inline void checkCudnn(cudnnStatus_t status) {
    if (status != CUDNN_STATUS_SUCCESS)
        throw sdk::Error(std::string("cuDNN: ") + cudnnGetErrorString(status),
                         status == CUDNN_STATUS_NOT_SUPPORTED ? abi::Status::declined : abi::Status::deviceError);
}

// The handle of the calling thread. Made at the first call, which is in a configure; a handle serves one thread at a time.
inline cudnnHandle_t cudnnOfThread() {
    struct Owner {
        cudnnHandle_t handle = nullptr;
        ~Owner() {
            if (handle != nullptr) cudnnDestroy(handle);
        }
    };
    static thread_local Owner owner;
    if (owner.handle == nullptr) checkCudnn(cudnnCreate(&owner.handle));
    return owner.handle;
}

template <class T, cudnnStatus_t (*Create)(T*), cudnnStatus_t (*Destroy)(T)>
class Descriptor {
public:
    Descriptor() { checkCudnn(Create(&handle_)); }
    ~Descriptor() { Destroy(handle_); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    operator T() const { return handle_; }  // NOLINT: stands for the handle in calls

private:
    T handle_ = nullptr;
};
using TensorDescriptor = Descriptor<cudnnTensorDescriptor_t, cudnnCreateTensorDescriptor, cudnnDestroyTensorDescriptor>;
using FilterDescriptor = Descriptor<cudnnFilterDescriptor_t, cudnnCreateFilterDescriptor, cudnnDestroyFilterDescriptor>;
using ConvolutionDescriptor =
    Descriptor<cudnnConvolutionDescriptor_t, cudnnCreateConvolutionDescriptor, cudnnDestroyConvolutionDescriptor>;
using ActivationDescriptor =
    Descriptor<cudnnActivationDescriptor_t, cudnnCreateActivationDescriptor, cudnnDestroyActivationDescriptor>;

inline cudnnDataType_t cudnnType(abi::DataType type) {
    switch (type) {
        case abi::DataType::f32: return CUDNN_DATA_FLOAT;
        case abi::DataType::f16: return CUDNN_DATA_HALF;
        case abi::DataType::bf16: return CUDNN_DATA_BFLOAT16;
        case abi::DataType::f64: return CUDNN_DATA_DOUBLE;
        default: throw sdk::Error(std::string("cuDNN has no type for ") + sdk::typeName(type));
    }
}

}  // namespace tenon::cuda
