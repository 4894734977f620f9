// One ONNX graph into one Graph.
#pragma once

#include "adapters.h"
#include "functions.h"
#include "graph/layer_plugin.h"
#include "model_file.h"
#include "tensor_proto.h"

#include <set>

namespace tenon {

// Shared by the main graph and all nested ones.
struct ImportContext {
    const Registry& registry;
    ModelFile file;
    TensorSource source;
    std::map<std::pair<std::string, std::string>, const onnx::FunctionProto*> functions;  // domain, name
    std::vector<std::string> problems;
    int inlinedNodes = 0;
};

class GraphImporter {
public:
    // `outer`: the importer of the graph around, whose tensors may be used here.
    GraphImporter(ImportContext& context, Graph& graph, GraphImporter* outer, int depth) : context_(context), graph_(graph), outer_(outer), depth_(depth) {}

    void import(const onnx::GraphProto& proto, const OpsetMap& opsets);
    // Names of outer tensors that became inputs after the formal ones.
    const std::vector<std::string>& captured() const { return captured_; }

private:
    void addInitializers(const onnx::GraphProto& proto);
    void addInputs(const onnx::GraphProto& proto);
    void addOutputs(const onnx::GraphProto& proto);
    void noteTypes(const onnx::GraphProto& proto);
    std::vector<const onnx::NodeProto*> sorted(const onnx::GraphProto& proto);
    void importNode(const onnx::NodeProto& node, const OpsetMap& opsets, int inlineDepth, const std::string& where);
    bool tryFunction(const onnx::NodeProto& node, const OpsetMap& opsets, std::int64_t opset, int inlineDepth, const std::string& where);
    void addLayer(const onnx::NodeProto& node, std::int64_t opset, const OpsetMap& opsets, const std::string& where);
    Layer layerOf(const onnx::NodeProto& node, std::int64_t opset, const OpsetMap& opsets, const std::string& where);
    Attribute attributeOf(const onnx::AttributeProto& a, const OpsetMap& opsets, Layer& layer);
    std::shared_ptr<Graph> nestedGraph(const onnx::GraphProto& proto, const OpsetMap& opsets, Layer& layer);
    int tensorOf(const std::string& name, const std::string& where);
    int define(const std::string& name, const std::string& where);
    void bindName(const std::string& name, int id, const std::string& where);
    bool isVisible(const std::string& name) const;
    TensorFacts factsOf(const std::string& name) const;
    void problem(const std::string& where, const std::string& what) { context_.problems.push_back(where + ": " + what); }

    ImportContext& context_;
    Graph& graph_;
    GraphImporter* outer_;
    int depth_;
    std::map<std::string, int> names_;
    std::map<std::string, TensorFacts> facts_;  // from inputs and value_info, for adapters only
    std::vector<std::string> captured_;
};

}  // namespace tenon
