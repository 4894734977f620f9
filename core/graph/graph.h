// The network inside: tensors and layers, in topological order.
#pragma once

#include <tenon/network.h>

#include "expr.h"

#include <optional>

namespace tenon {

// Symbolic shape of a tensor. rank -1: unknown; a null dim is unknown.
struct SymbolicShape {
    int rank = -1;
    std::vector<const Expr*> dims;
    std::optional<std::vector<const Expr*>> values;  // content of small integer tensors, entries may be null
};

struct Tensor {
    std::string name;
    DataType type = DataType::undefined;  // undefined until shape inference
    SymbolicShape shape;
    std::optional<TensorValue> constant;
    int producer = -1;  // layer, or -1: input or constant
};

struct Layer {
    std::string name;
    std::string domain, op;  // domain "" is ai.onnx
    int opsetVersion = 0;    // 0: newest
    Attributes attributes;
    std::vector<int> inputs;                     // tensor ids; -1: absent
    std::vector<int> outputs;                    // -1: not wanted
    std::string pluginVersion, pluginNamespace;  // pins; empty: any
    std::string source;                          // where it came from, for messages: "node 12 'conv1' (Conv)"

    std::string qualifiedName() const { return domain.empty() ? op : domain + "::" + op; }
};

struct Graph {
    std::string name;
    std::vector<Tensor> tensors;
    std::vector<Layer> layers;  // every layer after the producers of its inputs
    std::vector<int> inputs, outputs;
    bool isFolded = false;                 // a nested graph whose constants were folded
    int capturedCount = 0;                 // of a nested graph: the last inputs are tensors of the graphs around it
    std::vector<std::string> outputNames;  // as the user knows them
    std::shared_ptr<ExprPool> expressions = std::make_shared<ExprPool>();

    int addTensor(std::string tensorName, DataType type = DataType::undefined);
    int addConstant(std::string tensorName, TensorValue value);
    // Also sets the producers of the layer's outputs.
    int addLayer(Layer layer);
};

// An independent copy with expressions of its own; constants are shared.
Graph copyOf(const Graph& graph);
// A copy of a graph that was not inferred yet, whose expressions are those of `pool`; shapes of inputs are unknown.
Graph copyInto(std::shared_ptr<ExprPool> pool, const Graph& graph);

// Shape of known numbers.
SymbolicShape constantShape(ExprPool& pool, std::span<const std::int64_t> dims);
// "[batch,3,224,?]"; "[*]" for an unknown rank.
std::string toString(const SymbolicShape& shape);
std::string attributeText(const Attribute& attribute);
std::string toString(const Graph& graph);

// Checks ids, producers, topological order, names, sizes of constants. Throws Error naming layer and tensor.
void verify(const Graph& graph);

}  // namespace tenon
