// One ONNX graph into one Graph.
#pragma once

#include "adapters.h"
#include "functions.h"
#include "model_file.h"
#include "node_order.h"
#include "problems.h"
#include "tensor_proto.h"
#include "type_queries.h"

#include <set>
#include <unordered_map>

namespace tenon {

// Nodes of nested graphs, each counted as often as the square of its depth: types and shapes are asked for anew at every level.
constexpr std::size_t kMostNestedWork = std::size_t{1} << 22;

// Shared by the main graph and all nested ones.
struct ImportContext {
    const Registry& registry;
    ModelFile file;
    TensorSource source;
    TensorMemory memory = {};
    std::map<FunctionKey, const onnx::FunctionProto*> functions = {};
    Problems problems = {};
    bool isMissingOperators = false;
    std::set<std::string> missing = {};   // operators whose lack was explained in full
    std::vector<FunctionKey> calls = {};  // functions being inlined, outermost first
    InlineBudget inlining = {};
    FreeNames freeNames = {};
    std::size_t nestedWork = 0;
    std::size_t captures = 0;  // outer tensors that nested graphs use, counted at each level
};

class GraphImporter {
public:
    // `outer`: the importer of the graph around, whose tensors may be used here; `parent` describes the node that holds this
    // graph.
    GraphImporter(ImportContext& context, Graph& graph, GraphImporter* outer, int depth, std::string parent = "")
        : context_(context),
          graph_(graph),
          types_(context.registry, graph),
          outer_(outer),
          depth_(depth),
          parent_(std::move(parent)) {}

    void import(const onnx::GraphProto& proto, const OpsetMap& opsets);
    // Names of outer tensors that became inputs after the formal ones.
    const std::vector<std::string>& captured() const { return captured_; }

private:
    void addInitializers(const onnx::GraphProto& proto);
    void addInputs(const onnx::GraphProto& proto);
    void addInput(const onnx::ValueInfoProto& proto);
    void addOutputs(const onnx::GraphProto& proto);
    void checkType(const onnx::ValueInfoProto& declared, int id);
    void noteTypes(const onnx::GraphProto& proto);
    void importNode(const onnx::NodeProto& node, const OpsetMap& opsets, const std::string& where);
    void importChecked(const onnx::NodeProto& node, const OpsetMap& opsets, const std::string& where);
    bool tryFunction(const onnx::NodeProto& node, const OpsetMap& opsets, std::int64_t opset, const std::string& where);
    void adaptNode(const onnx::NodeProto& node, const OpsetMap& opsets, std::int64_t version, const std::string& where);
    void inlineCall(const onnx::FunctionProto& function, const onnx::NodeProto& call, const OpsetMap& opsets,
                    const std::string& where);
    // `opsetVersion` of an operator of ai.onnx: 0 for the newest form, which adapters make; other domains say their own.
    void addLayer(const onnx::NodeProto& node, const OpsetMap& opsets, const std::string& where, int opsetVersion = 0);
    void reportMissing(const Layer& layer);
    Layer layerOf(const onnx::NodeProto& node, const OpsetMap& opsets, const std::string& where);
    void addAttributes(const onnx::NodeProto& node, const OpsetMap& opsets, Layer& layer);
    Attribute attributeOf(const onnx::AttributeProto& a, const OpsetMap& opsets, Layer& layer);
    std::shared_ptr<Graph> nestedGraph(const onnx::GraphProto& proto, const OpsetMap& opsets, Layer& layer);
    int tensorOf(const std::string& name);
    void bindName(const std::string& name, int id);
    const Tensor* visible(const std::string& name) const;
    TensorFacts factsOf(const std::string& name) const;
    DataType typeOf(const std::string& name);
    void problem(const std::string& where, const std::string& what) { context_.problems.add(where + parent_ + ": " + what); }

    ImportContext& context_;
    Graph& graph_;
    TypeQueries types_;
    GraphImporter* outer_;
    int depth_;
    std::string parent_;  // " in graph 'body' of node 3 'loop' (Loop)"; empty for the main graph
    std::unordered_map<std::string, int> names_;
    std::unordered_map<std::string, TensorFacts> facts_;  // from inputs and value_info, for adapters only
    std::vector<std::string> captured_;
};

}  // namespace tenon
