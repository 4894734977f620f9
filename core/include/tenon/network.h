// A network to optimize: built layer by layer through this class, or by the ONNX importer.
#pragma once

#include <tenon/tensor.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tenon {

struct Graph;  // core/graph: the network inside

using Attribute =
    std::variant<std::int64_t, float, std::string, TensorValue, std::shared_ptr<Graph>, std::vector<std::int64_t>,
                 std::vector<float>, std::vector<std::string>, std::vector<TensorValue>, std::vector<std::shared_ptr<Graph>>>;
// Sorted by name, so that equal layers print and hash equally.
using Attributes = std::map<std::string, Attribute, std::less<>>;

// Handle of a tensor of one network; `none()` is an absent optional input.
class TensorRef {
public:
    TensorRef() = default;
    explicit TensorRef(int id) : id_(id) {}
    static TensorRef none() { return TensorRef(); }
    int id() const { return id_; }

private:
    int id_ = -1;
};

struct LayerOptions {
    std::string name = {};                      // default: operator and number
    std::vector<std::string> outputNames = {};  // default: layer name and number
    int outputCount = 1;
    int opsetVersion = 0;            // 0: the newest form of the operator
    std::string pluginVersion = {};  // select one version of the implementation, as the ONNX attribute plugin_version does
    std::string pluginNamespace = {};
};

// Every function throws Error when an argument cannot be used; the network is then unchanged.  [one thread per network]
class Network {
public:
    explicit Network(std::string name = "network");
    ~Network();
    Network(Network&&) noexcept;
    Network& operator=(Network&&) noexcept;

    TensorRef addInput(std::string name, DataType type, std::vector<Dim> dims);
    // The value is shared, not copied.
    TensorRef addConstant(std::string name, TensorValue value);
    // `op` is "Conv", or "com.acme::AddScalar" for another domain. Whether a plugin exists is found out by the builder.
    std::vector<TensorRef> addLayer(std::string_view op, std::vector<TensorRef> inputs, Attributes attributes = {},
                                    LayerOptions options = {});
    void markOutput(TensorRef tensor, std::string name = "");

    // One line for each input, constant and layer.
    std::string toString() const;

    Graph& graph() { return *graph_; }
    const Graph& graph() const { return *graph_; }

private:
    std::unique_ptr<Graph> graph_;
};

}  // namespace tenon
