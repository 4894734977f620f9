#include "conv_problem.h"

namespace tenon::cuda {
using namespace sdk;

namespace {
// True float32 first; the 16-bit types use tensor cores under the same names.
constexpr ConvWay kWays[] = {
    {.name = "implicit_precomp_gemm", .algorithm = CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM},
    {.name = "implicit_gemm", .algorithm = CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM},
    {.name = "implicit_precomp_gemm_bias", .algorithm = CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM, .addsBias = true},
    {.name = "gemm", .algorithm = CUDNN_CONVOLUTION_FWD_ALGO_GEMM},
    {.name = "direct", .algorithm = CUDNN_CONVOLUTION_FWD_ALGO_DIRECT},
    {.name = "fft", .algorithm = CUDNN_CONVOLUTION_FWD_ALGO_FFT},
    {.name = "fft_tiling", .algorithm = CUDNN_CONVOLUTION_FWD_ALGO_FFT_TILING},
    {.name = "winograd", .algorithm = CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD},
    {.name = "winograd_nonfused", .algorithm = CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD_NONFUSED},
    {.name = "implicit_precomp_gemm_tf32", .algorithm = CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM, .isTf32 = true},
    {.name = "implicit_precomp_gemm_bias_tf32",
     .algorithm = CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM,
     .addsBias = true,
     .isTf32 = true},
    {.name = "winograd_nonfused_tf32", .algorithm = CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD_NONFUSED, .isTf32 = true},
};
constexpr std::size_t kExactWays = 9;

int intExtent(std::int64_t v) {
    if (v > INT32_MAX) throw declined("cuDNN's extents are below 2^31");
    return static_cast<int>(v);
}

// Batch, channels, then at least two spatial extents: cuDNN has no images of one axis.
std::vector<int> imageExtents(const abi::Dims& d) {
    std::vector<int> extents{intExtent(d.d[0]), intExtent(d.d[1])};
    if (d.rank == 3) extents.push_back(1);
    for (int i = 2; i < d.rank; ++i)
        extents.push_back(intExtent(d.d[i]));
    return extents;
}

void setTensor(cudnnTensorDescriptor_t t, cudnnTensorFormat_t format, abi::DataType type, const std::vector<int>& extents) {
    checkCudnn(cudnnSetTensorNdDescriptorEx(t, format, cudnnType(type), static_cast<int>(extents.size()), extents.data()));
}

// Whether padding by padBegin at both ends gives the windows of y.
bool isSymmetric(const reference::WindowAxis& a) {
    return (a.in + 2 * a.padBegin - (a.kernel - 1) * a.dilation - 1) / a.stride + 1 == a.out;
}

cudnnTensorFormat_t formatOf(const abi::TensorDesc& t) {
    return t.layout == Layout::channelsLast ? CUDNN_TENSOR_NHWC : CUDNN_TENSOR_NCHW;
}
}  // namespace

std::span<const ConvWay> convWays(abi::DataType type) { return {kWays, type == DataType::f32 ? std::size(kWays) : kExactWays}; }

ConvProblem::ConvProblem(const reference::ConvolutionAttributes& op, const abi::TensorDesc& x, const abi::Dims& weights,
                         const abi::Dims& y)
    : padded_(x) {
    if (x.dims.rank > 5) throw declined("cuDNN has no convolution over " + std::to_string(x.dims.rank - 2) + " axes");
    abi::TensorDesc w{}, out{};
    w.dims = weights;
    out.dims = y;
    windows_ = op.windowsOf(x, w, out);
    needsPadding_ = !std::all_of(windows_.begin(), windows_.end(), isSymmetric);
    for (int i = 0; needsPadding_ && i < windows_.rank; ++i)
        padded_.dims.d[i + 2] += windows_[i].padBegin + windows_[i].padEnd;
    describe(op.group, weights, y);
}

void ConvProblem::describe(std::int64_t groups, const abi::Dims& weights, const abi::Dims& y) {
    const cudnnTensorFormat_t format = formatOf(padded_);
    const auto filter = imageExtents(weights), image = imageExtents(y);
    setTensor(x_, format, padded_.type, imageExtents(padded_.dims));
    setTensor(y_, format, padded_.type, image);
    std::vector<int> bias(image.size(), 1);
    bias[1] = image[1];
    setTensor(bias_, format, padded_.type, bias);
    checkCudnn(
        cudnnSetFilterNdDescriptor(weights_, cudnnType(padded_.type), format, static_cast<int>(filter.size()), filter.data()));
    std::vector<int> pads, strides, dilations;
    if (windows_.rank == 1) pads = {0}, strides = {1}, dilations = {1};
    for (const reference::WindowAxis& a : windows_) {
        pads.push_back(needsPadding_ ? 0 : intExtent(a.padBegin));
        strides.push_back(intExtent(a.stride));
        dilations.push_back(intExtent(a.dilation));
    }
    const cudnnDataType_t compute = padded_.type == DataType::f64 ? CUDNN_DATA_DOUBLE : CUDNN_DATA_FLOAT;
    const cudnnMathType_t exact = padded_.type == DataType::f32   ? CUDNN_FMA_MATH
                                  : padded_.type == DataType::f64 ? CUDNN_DEFAULT_MATH
                                                                  : CUDNN_TENSOR_OP_MATH;
    for (const auto& [convolution, math] :
         {std::pair<cudnnConvolutionDescriptor_t, cudnnMathType_t>{exact_, exact}, {tf32_, CUDNN_TENSOR_OP_MATH}}) {
        checkCudnn(cudnnSetConvolutionNdDescriptor(convolution, static_cast<int>(pads.size()), pads.data(), strides.data(),
                                                   dilations.data(), CUDNN_CROSS_CORRELATION, compute));
        checkCudnn(cudnnSetConvolutionGroupCount(convolution, intExtent(groups)));
        checkCudnn(cudnnSetConvolutionMathType(convolution, math));
    }
    checkCudnn(cudnnSetActivationDescriptor(identity_, CUDNN_ACTIVATION_IDENTITY, CUDNN_NOT_PROPAGATE_NAN, 0.0));
}

std::optional<std::uint64_t> ConvProblem::workspace(const ConvWay& way) const {
    std::size_t size = 0;
    const cudnnStatus_t status =
        cudnnGetConvolutionForwardWorkspaceSize(cudnnOfThread(), x_, weights_, convolutionOf(way), y_, way.algorithm, &size);
    return status == CUDNN_STATUS_SUCCESS ? std::optional<std::uint64_t>(size) : std::nullopt;
}

void ConvProblem::run(const ConvWay& way, const Tensors& t, cudaStream_t stream) const {
    const cudnnHandle_t handle = cudnnOfThread();
    checkCudnn(cudnnSetStream(handle, stream));
    const double one64 = 1, zero64 = 0;
    const float one32 = 1, zero32 = 0;
    const bool isDouble = padded_.type == DataType::f64;
    const void* one = isDouble ? static_cast<const void*>(&one64) : &one32;
    const void* zero = isDouble ? static_cast<const void*>(&zero64) : &zero32;
    const ConvolutionDescriptor& convolution = convolutionOf(way);
    if (way.addsBias)
        checkCudnn(cudnnConvolutionBiasActivationForward(handle, one, x_, t.x, weights_, t.weights, convolution, way.algorithm,
                                                         t.workspace, t.workspaceSize, zero, y_, t.y, bias_, t.bias, identity_,
                                                         y_, t.y));
    else
        checkCudnn(cudnnConvolutionForward(handle, one, x_, t.x, weights_, t.weights, convolution, way.algorithm, t.workspace,
                                           t.workspaceSize, zero, y_, t.y));
}

}  // namespace tenon::cuda
