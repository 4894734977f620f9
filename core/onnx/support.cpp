// Which operators a model needs, and who has them, without importing it.
#include <tenon/error.h>
#include <tenon/onnx.h>
#include <tenon/registry/registry.h>

#include <algorithm>
#include <set>

#include "adapters.h"
#include "functions.h"
#include "model_file.h"
#include "names.h"

namespace tenon {

namespace {
class Survey {
public:
    Survey(const onnx::ModelProto& model, const Registry& registry) : model_(model), registry_(registry) {
        for (const auto& f : model.functions())
            functions_.emplace(keyOf(f), &f);
    }

    std::vector<OperatorSupport> operator()() {
        OpsetMap opsets;
        for (const auto& o : model_.opset_import())
            opsets.try_emplace(domainOf(o.domain()), o.version());
        if (opsets.empty()) opsets[""] = 1;
        for (int i = 0; i < model_.graph().node_size(); ++i)
            visit(model_.graph().node(i), opsets, describe(model_.graph().node(i), i));
        std::vector<OperatorSupport> list;
        for (auto& [key, use] : uses_)
            list.push_back(std::move(use));
        return list;
    }

private:
    void visit(const onnx::NodeProto& node, const OpsetMap& opsets, const std::string& where) {
        const std::string domain = domainOf(node.domain());
        const auto opset = opsets.find(domain);
        const std::int64_t version = opset == opsets.end() ? 1 : opset->second;
        for (const auto& a : node.attribute()) {
            if (a.has_g()) visitGraph(a.g(), opsets, where);
            for (const auto& g : a.graphs())
                visitGraph(g, opsets, where);
        }
        const auto local = functions_.find(keyOf(node));
        if (local != functions_.end() && registry_.find(domain, node.op_type()).empty())
            return visitFunction(*local->second, opsets);
        const auto [slot, isNew] = uses_.try_emplace({domain, node.op_type(), version});
        OperatorSupport& use = slot->second;
        if (isNew) describeUse(node, domain, version, use);
        ++use.count;
        if (use.nodes.size() < kShownNodes) use.nodes.push_back(where);
    }

    void visitGraph(const onnx::GraphProto& graph, const OpsetMap& opsets, const std::string& where) {
        for (int i = 0; i < graph.node_size(); ++i)
            visit(graph.node(i), opsets, describe(graph.node(i), i) + " in graph " + shownName(graph.name()) + " of " + where);
    }

    // Each body once, however often it is called.
    void visitFunction(const onnx::FunctionProto& function, OpsetMap opsets) {
        if (!visited_.insert(&function).second) return;
        for (const auto& o : function.opset_import())
            opsets[domainOf(o.domain())] = o.version();
        for (int i = 0; i < function.node_size(); ++i)
            visit(function.node(i), opsets, describe(function.node(i), i) + " of function " + shownName(function.name()));
    }

    void describeUse(const onnx::NodeProto& node, const std::string& domain, std::int64_t version, OperatorSupport& use) {
        use.domain = domain;
        use.name = node.op_type();
        use.version = version;
        auto records = registry_.find(domain, node.op_type());
        if (records.empty() && !domain.empty())  // as the importer falls back
            for (const CreatorRecord* c : registry_.find("", node.op_type()))
                if (c->pluginNamespace == domain) records.push_back(c);
        for (const CreatorRecord* c : records)
            use.providers.push_back(c->implementation + " of " +
                                    registry_.libraries()[static_cast<std::size_t>(c->library)].name);
        if (!records.empty()) return;
        if (domain.empty() && isConstant(node)) use.providers.emplace_back("the importer");
        else if (domain.empty() && isOldForm(node, version)) use.providers.emplace_back("the importer, in newer operators");
        else if (schemaFunction(node, version, {})) use.providers.emplace_back("the importer, by ONNX's function body");
        else use.similar = registry_.nearNames(domain, node.op_type());
    }

    static constexpr std::size_t kShownNodes = 5;
    const onnx::ModelProto& model_;
    const Registry& registry_;
    std::map<FunctionKey, const onnx::FunctionProto*> functions_;
    std::set<const onnx::FunctionProto*> visited_;
    std::map<std::tuple<std::string, std::string, std::int64_t>, OperatorSupport> uses_;
};
}  // namespace

std::vector<OperatorSupport> surveyOperators(const std::string& path, const Registry& registry) {
    const ModelFile file = readModel(path);
    return Survey(*file.proto, registry)();
}

}  // namespace tenon
