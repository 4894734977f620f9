// One convolution of concrete shape in cuDNN's terms: descriptors, explicit padding, and which algorithms can run it.
#pragma once

#include "../reference/convolution.h"
#include "cudnn_handle.h"

namespace tenon::cuda {

// One way of cuDNN to run a convolution.
struct ConvWay {
    const char* name;
    cudnnConvolutionFwdAlgo_t algorithm;
    bool addsBias = false;  // in the same call
    bool isTf32 = false;    // rounds float32 inputs to TF32
};

// Ways for an element type. The first two serve where a chosen one cannot.
std::span<const ConvWay> convWays(abi::DataType type);

class ConvProblem {
public:
    // Dims of a layer with all extents above 0. Throws declined where cuDNN cannot express it.
    ConvProblem(const reference::ConvolutionAttributes& op, const abi::TensorDesc& x, const abi::Dims& weights,
                const abi::Dims& y);

    // Bytes that the way needs beside the padded input and the weights; nullopt when cuDNN does not take it.
    std::optional<std::uint64_t> workspace(const ConvWay& way) const;
    // x with its padding written out, where cuDNN cannot pad; else x.
    const abi::TensorDesc& padded() const { return padded_; }
    bool needsPadding() const { return needsPadding_; }
    // Where x lies in it.
    const reference::Windows& windows() const { return windows_; }

    struct Tensors {
        const void *x, *weights, *bias;
        void *y, *workspace;
        std::uint64_t workspaceSize;
    };
    // Weights in the layout of x. The bias is used when the way adds it.
    void run(const ConvWay& way, const Tensors& t, cudaStream_t stream) const;

private:
    void describe(std::int64_t groups, const abi::Dims& weights, const abi::Dims& y);
    const ConvolutionDescriptor& convolutionOf(const ConvWay& way) const { return way.isTf32 ? tf32_ : exact_; }

    reference::Windows windows_;
    abi::TensorDesc padded_;
    bool needsPadding_ = false;
    TensorDescriptor x_, y_, bias_;
    FilterDescriptor weights_;
    ConvolutionDescriptor exact_, tf32_;
    ActivationDescriptor identity_;
};

}  // namespace tenon::cuda
