#include "graph.h"

#include <tenon/error.h>

#include <map>
#include <set>

namespace tenon {

int Graph::addTensor(std::string tensorName, DataType type) {
    Tensor t;
    t.name = std::move(tensorName);
    t.type = type;
    tensors.push_back(std::move(t));
    return static_cast<int>(tensors.size()) - 1;
}

int Graph::addConstant(std::string tensorName, TensorValue value) {
    const int id = addTensor(std::move(tensorName), value.type);
    Tensor& t = tensors.back();
    t.shape = constantShape(*expressions, value.dims);
    t.constant = std::move(value);
    return id;
}

int Graph::addLayer(Layer layer) {
    const int id = static_cast<int>(layers.size());
    for (const int out : layer.outputs)
        if (out >= 0) tensors.at(static_cast<std::size_t>(out)).producer = id;
    layers.push_back(std::move(layer));
    return id;
}

namespace {
const Expr* copyExpr(ExprPool& pool, const Expr* e, std::map<const Expr*, const Expr*>& done) {
    if (e == nullptr) return nullptr;
    const Expr*& copy = done[e];
    if (copy != nullptr) return copy;
    const Expr* made = e->isConstant() ? pool.constant(e->value)
                       : e->kind == Expr::Kind::symbol
                           ? pool.symbol(e->name)
                           : pool.operation(e->op, copyExpr(pool, e->a, done), copyExpr(pool, e->b, done));
    return done[e] = made;
}
}  // namespace

Graph copyOf(const Graph& graph) {
    Graph copy = graph;
    copy.expressions = std::make_shared<ExprPool>();
    std::map<const Expr*, const Expr*> done;
    for (Tensor& t : copy.tensors) {
        for (const Expr*& e : t.shape.dims)
            e = copyExpr(*copy.expressions, e, done);
        if (t.shape.values)
            for (const Expr*& e : *t.shape.values)
                e = copyExpr(*copy.expressions, e, done);
    }
    return copy;
}

Graph copyInto(std::shared_ptr<ExprPool> pool, const Graph& graph) {
    Graph copy = graph;
    copy.expressions = std::move(pool);
    for (Tensor& t : copy.tensors)
        t.shape = t.constant ? constantShape(*copy.expressions, t.constant->dims) : SymbolicShape{};
    return copy;
}

SymbolicShape constantShape(ExprPool& pool, std::span<const std::int64_t> dims) {
    SymbolicShape shape;
    shape.rank = static_cast<int>(dims.size());
    for (const std::int64_t d : dims)
        shape.dims.push_back(pool.constant(d));
    return shape;
}

namespace {
void require(bool condition, const Layer& layer, const std::string& what) {
    if (!condition) throw Error(ErrorCode::badInput, "layer '" + layer.name + "' (" + layer.qualifiedName() + "): " + what);
}

void verifyConstant(const Tensor& t) {
    const TensorValue& v = *t.constant;
    const bool sized = byteSize(v.type, v.dims) == v.data.size();
    if (v.type != t.type || !sized)
        throw Error(ErrorCode::badInput, "constant '" + t.name + "' of " + typeName(v.type) + toString(v.dims) + " needs " +
                                             std::to_string(byteSize(v.type, v.dims)) + " bytes, has " +
                                             std::to_string(v.data.size()));
}

void verifyLayer(const Graph& graph, int index, std::vector<bool>& ready) {
    const Layer& layer = graph.layers[static_cast<std::size_t>(index)];
    const auto count = static_cast<int>(graph.tensors.size());
    for (const int in : layer.inputs) {
        require(in >= -1 && in < count, layer, "input refers to tensor " + std::to_string(in) + " of " + std::to_string(count));
        require(in < 0 || ready[static_cast<std::size_t>(in)], layer,
                "input '" + (in < 0 ? "" : graph.tensors[static_cast<std::size_t>(in)].name) + "' is used before it is produced");
    }
    for (const int out : layer.outputs) {
        require(out >= -1 && out < count, layer,
                "output refers to tensor " + std::to_string(out) + " of " + std::to_string(count));
        if (out < 0) continue;
        const Tensor& t = graph.tensors[static_cast<std::size_t>(out)];
        require(t.producer == index && !ready[static_cast<std::size_t>(out)], layer, "output '" + t.name + "' has two producers");
        ready[static_cast<std::size_t>(out)] = true;
    }
}
}  // namespace

void verify(const Graph& graph) {
    std::vector<bool> ready(graph.tensors.size());
    std::set<std::string> names;
    for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
        const Tensor& t = graph.tensors[i];
        if (t.constant) verifyConstant(t);
        if (t.constant) ready[i] = true;
    }
    for (const int in : graph.inputs) {
        if (!names.insert(graph.tensors.at(static_cast<std::size_t>(in)).name).second)
            throw Error(ErrorCode::badInput, "two inputs are named '" + graph.tensors[static_cast<std::size_t>(in)].name + "'");
        ready.at(static_cast<std::size_t>(in)) = true;
    }
    for (std::size_t i = 0; i < graph.layers.size(); ++i)
        verifyLayer(graph, static_cast<int>(i), ready);
    for (const int out : graph.outputs)
        if (!ready.at(static_cast<std::size_t>(out)))
            throw Error(ErrorCode::badInput,
                        "network output '" + graph.tensors[static_cast<std::size_t>(out)].name + "' is produced by no layer");
}

}  // namespace tenon
