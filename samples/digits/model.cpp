#include "model.h"

#include <tenon/onnx.h>

#include <cstring>
#include <fstream>
#include <stdexcept>

#include "pgm.h"

namespace digits {

using tenon::Attributes;
using tenon::DataType;
using tenon::Dims;
using tenon::Network;
using tenon::TensorRef;

namespace {
// digits.weights: little-endian float32, the tensors one after the other in the order of use.
class Weights {
public:
    Weights(const std::string& path, Network& network) : path_(path), file_(path, std::ios::binary), network_(network) {
        if (!file_) throw std::runtime_error(path + ": cannot be read");
    }
    TensorRef next(const std::string& name, const Dims& dims) {
        tenon::Blob data = tenon::Blob::allocate(tenon::byteSize(DataType::f32, dims));
        if (!file_.read(reinterpret_cast<char*>(data.mutableData()), static_cast<std::streamsize>(data.size())))
            throw std::runtime_error(path_ + ": ends within " + name);
        return network_.addConstant(name, {DataType::f32, dims, data});
    }

private:
    std::string path_;
    std::ifstream file_;
    Network& network_;
};

using Ints = std::vector<std::int64_t>;
}  // namespace

Network fromOnnx(const std::string& folder, const tenon::Registry& registry) {
    return tenon::importOnnx(folder + "/digits.onnx", registry);
}

Network fromApi(const std::string& folder) {
    Network network("digits");
    Weights weights(folder + "/digits.weights", network);
    const auto layer = [&](std::string_view op, std::vector<TensorRef> inputs, Attributes attributes = {}) {
        return network.addLayer(op, std::move(inputs), std::move(attributes)).front();
    };
    const auto conv = [&](TensorRef x, const std::string& name, std::int64_t from, std::int64_t to, std::int64_t pad) {
        const TensorRef w = weights.next(name + ".weight", {to, from, 5, 5});
        const TensorRef b = weights.next(name + ".bias", {to});
        const TensorRef y = layer("Relu", {layer("Conv", {x, w, b}, {{"pads", Ints{pad, pad, pad, pad}}})});
        return layer("MaxPool", {y}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
    };
    const auto dense = [&](TensorRef x, const std::string& name, std::int64_t from, std::int64_t to) {
        const TensorRef w = weights.next(name + ".weight", {to, from});
        const TensorRef b = weights.next(name + ".bias", {to});
        return layer("Gemm", {x, w, b}, {{"transB", std::int64_t{1}}});
    };
    TensorRef x = network.addInput("image", DataType::f32, {"batch", 1, kSide, kSide});
    x = conv(x, "conv1", 1, 12, 2);
    x = conv(x, "conv2", 12, 32, 0);
    x = layer("Flatten", {x});
    x = layer("Relu", {dense(x, "fc1", 800, 80)});
    x = dense(x, "fc2", 80, 10);
    network.markOutput(layer("Softmax", {x}, {{"axis", std::int64_t{1}}}), "probabilities");
    return network;
}

}  // namespace digits
