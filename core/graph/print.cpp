// The text form of a network.
#include "graph.h"

namespace tenon {

namespace {
template <class T>
std::string list(const std::vector<T>& v, std::string (*text)(const T&)) {
    constexpr std::size_t kShown = 16;
    std::string s = "[";
    for (std::size_t i = 0; i < v.size() && i < kShown; ++i)
        s += (i == 0 ? "" : ",") + text(v[i]);
    return s + (v.size() > kShown ? ",... " + std::to_string(v.size()) + " in all]" : "]");
}

std::string number(const std::int64_t& v) { return std::to_string(v); }
std::string real(const float& v) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.9g", static_cast<double>(v));
    return buffer;
}
std::string quoted(const std::string& v) { return '"' + v + '"'; }
std::string tensorText(const TensorValue& v) { return std::string(typeName(v.type)) + toString(v.dims); }
std::string graphText(const std::shared_ptr<Graph>& g) { return "graph(" + std::to_string(g->layers.size()) + " layers)"; }

struct Printer {
    std::string operator()(std::int64_t v) const { return number(v); }
    std::string operator()(float v) const { return real(v); }
    std::string operator()(const std::string& v) const { return quoted(v); }
    std::string operator()(const TensorValue& v) const { return tensorText(v); }
    std::string operator()(const std::shared_ptr<Graph>& v) const { return graphText(v); }
    std::string operator()(const std::vector<std::int64_t>& v) const { return list(v, number); }
    std::string operator()(const std::vector<float>& v) const { return list(v, real); }
    std::string operator()(const std::vector<std::string>& v) const { return list(v, quoted); }
    std::string operator()(const std::vector<TensorValue>& v) const { return list(v, tensorText); }
    std::string operator()(const std::vector<std::shared_ptr<Graph>>& v) const { return list(v, graphText); }
};

std::string tensorLine(const Tensor& t) { return "%" + t.name + ": " + typeName(t.type) + toString(t.shape); }

std::string layerLine(const Graph& graph, const Layer& layer) {
    const auto name = [&](int id) { return id < 0 ? std::string("_") : "%" + graph.tensors[static_cast<std::size_t>(id)].name; };
    std::string s;
    for (const int out : layer.outputs)
        s += (s.empty() ? "" : ", ") + (out < 0 ? std::string("_") : tensorLine(graph.tensors[static_cast<std::size_t>(out)]));
    s += " = " + layer.qualifiedName() + "(";
    for (std::size_t i = 0; i < layer.inputs.size(); ++i)
        s += (i == 0 ? "" : ", ") + name(layer.inputs[i]);
    s += ")";
    for (const auto& [key, value] : layer.attributes)
        s += " " + key + "=" + attributeText(value);
    return s + "  # " + layer.name;
}
}  // namespace

std::string toString(const SymbolicShape& shape) {
    if (shape.rank < 0) return "[*]";
    std::string s = "[";
    for (std::size_t i = 0; i < shape.dims.size(); ++i)
        s += (i == 0 ? "" : ",") + (shape.dims[i] == nullptr ? "?" : shape.dims[i]->toString());
    return s + "]";
}

std::string attributeText(const Attribute& attribute) { return std::visit(Printer{}, attribute); }

std::string toString(const Graph& graph) {
    std::string s = "network " + graph.name + "\n";
    for (const int in : graph.inputs)
        s += "  input " + tensorLine(graph.tensors[static_cast<std::size_t>(in)]) + "\n";
    for (const Tensor& t : graph.tensors)
        if (t.constant) s += "  constant " + tensorLine(t) + "\n";
    for (const Layer& layer : graph.layers)
        s += "  " + layerLine(graph, layer) + "\n";
    for (std::size_t i = 0; i < graph.outputs.size(); ++i)
        s += "  output %" + graph.tensors[static_cast<std::size_t>(graph.outputs[i])].name + "\n";
    return s;
}

}  // namespace tenon
