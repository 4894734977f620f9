#include "nested_graph.h"

#include <tenon/error.h>

#include "context.h"
#include "passes/pass.h"
#include "plan/nested_plan.h"
#include "run_deadline.h"
#include "tensor_desc.h"

namespace tenon {

namespace {
// Runs core code for a plugin: exceptions become a status and a message.
template <class F>
abi::Status answering(F&& body) noexcept {
    try {
        body();
        return abi::Status::ok;
    } catch (const Error& e) {
        hostServices().report(abi::Status::invalidArgument, e.what());
        return e.code() == ErrorCode::outOfMemory ? abi::Status::outOfMemory : abi::Status::invalidArgument;
    } catch (const std::bad_alloc&) {
        return abi::Status::outOfMemory;
    } catch (const std::exception& e) {
        hostServices().report(abi::Status::internal, e.what());
        return abi::Status::internal;
    }
}

SymbolicShape shapeOf(const abi::SymbolicTensor& t) {
    SymbolicShape shape;
    shape.rank = t.rank;
    for (int i = 0; i < t.rank; ++i)
        shape.dims.push_back(static_cast<const Expr*>(t.dim[i]));
    if (t.valueCount < 0 || t.values == nullptr) return shape;
    shape.values.emplace();
    for (std::int64_t i = 0; i < t.valueCount; ++i)
        shape.values->push_back(static_cast<const Expr*>(t.values[i]));
    return shape;
}

void answer(const Tensor& t, ExprPool& pool, abi::SymbolicTensor& out) {
    out = {};
    out.type = t.type;
    out.rank = t.shape.rank;
    out.valueCount = -1;
    for (int i = 0; i < t.shape.rank; ++i)
        out.dim[i] = t.shape.dims[static_cast<std::size_t>(i)];
    if (!t.shape.values) return;
    const abi::IDimExpr** values = pool.values(static_cast<std::int64_t>(t.shape.values->size()));
    if (values == nullptr) return;
    std::copy(t.shape.values->begin(), t.shape.values->end(), values);
    out.values = values;
    out.valueCount = static_cast<std::int64_t>(t.shape.values->size());
}
}  // namespace

NestedEngine::NestedEngine(std::shared_ptr<const EngineData> engine) : engine_(std::move(engine)) {}
NestedEngine::~NestedEngine() = default;

abi::Status NestedEngine::getOutputTypes(const DataType*, DataType* outputs) noexcept {
    for (const auto& io : plan().outputs())
        *outputs++ = static_cast<DataType>(plan().tensors(io.tensor()).type());
    return abi::Status::ok;
}

abi::Status NestedEngine::getOutputDimensions(const abi::SymbolicTensor*, abi::SymbolicTensor* outputs,
                                              abi::IExprBuilder*) noexcept {
    for (int i = 0; i < outputCount(); ++i) {
        outputs[i] = {};
        outputs[i].rank = -1;
        outputs[i].valueCount = -1;
    }
    return getOutputTypes(nullptr, &outputs[0].type);
}

abi::Status NestedEngine::run(const abi::FieldTensor* inputs, abi::FieldTensor* outputs) noexcept {
    return answering([&] {
        if (isPastDeadline()) throw Error(ErrorCode::unsupported, "nested networks run for too long to be run during the build");
        if (!context_) context_ = std::make_unique<ContextImpl>(engine_);
        context_->runNested({inputs, static_cast<std::size_t>(inputCount())}, {outputs, static_cast<std::size_t>(outputCount())});
    });
}

NestedGraph::NestedGraph(std::shared_ptr<const Graph> graph, const Registry& registry)
    : graph_(std::move(graph)), registry_(registry) {}

const char* NestedGraph::inputName(std::int32_t i) const noexcept {
    return graph_->tensors[static_cast<std::size_t>(graph_->inputs[static_cast<std::size_t>(i)])].name.c_str();
}
const char* NestedGraph::outputName(std::int32_t i) const noexcept {
    return graph_->outputNames[static_cast<std::size_t>(i)].c_str();
}

void NestedGraph::setTypes(const DataType* inputs) {
    std::vector<DataType> types(inputs, inputs + graph_->inputs.size());
    for (std::size_t i = 0; i < types.size(); ++i) {
        const Tensor& t = graph_->tensors[static_cast<std::size_t>(graph_->inputs[i])];
        if (types[i] == DataType::undefined) types[i] = t.type;
        if (t.type != DataType::undefined && t.type != types[i])
            throw Error(ErrorCode::badInput, "graph '" + graph_->name + "' declares input '" + t.name + "' as " +
                                                 typeName(t.type) + ", it is given " + typeName(types[i]));
    }
    if (types == types_) return;
    types_ = std::move(types);
    outputTypes_.clear();
    engine_.reset();
}

Graph NestedGraph::typed() const {
    Graph graph = copyInto(std::make_shared<ExprPool>(), *graph_);
    for (std::size_t i = 0; i < types_.size(); ++i) {
        Tensor& t = graph.tensors[static_cast<std::size_t>(graph.inputs[i])];
        t.type = types_[i];
        if (abi::isComposite(t.type)) t.shape = constantShape(*graph.expressions, {});
    }
    return graph;
}

abi::Status NestedGraph::getOutputTypes(const DataType* inputs, DataType* outputs) noexcept {
    return answering([&] {
        setTypes(inputs);
        if (outputTypes_.size() != graph_->outputs.size()) {
            Graph graph = typed();
            PassContext context{registry_, kFallback, {}};
            inferTypes(graph, context);
            throwProblems(context);
            for (const int out : graph.outputs)
                outputTypes_.push_back(graph.tensors[static_cast<std::size_t>(out)].type);
        }
        std::copy(outputTypes_.begin(), outputTypes_.end(), outputs);
    });
}

abi::Status NestedGraph::getOutputDimensions(const abi::SymbolicTensor* inputs, abi::SymbolicTensor* outputs,
                                             abi::IExprBuilder* builder) noexcept {
    return answering([&] {
        std::vector<DataType> types;
        for (int i = 0; i < inputCount(); ++i)
            types.push_back(inputs[i].type);
        setTypes(types.data());
        auto* pool = static_cast<ExprPool*>(builder);  // core makes all builders
        Graph graph = copyInto(std::shared_ptr<ExprPool>(std::shared_ptr<ExprPool>(), pool), *graph_);
        for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
            Tensor& t = graph.tensors[static_cast<std::size_t>(graph.inputs[i])];
            t.type = types_[i];
            t.shape = shapeOf(inputs[i]);
        }
        PassContext context{registry_, kFallback, {}};
        inferAndFold(graph, context);
        throwProblems(context);
        for (int i = 0; i < outputCount(); ++i)
            answer(graph.tensors[static_cast<std::size_t>(graph.outputs[static_cast<std::size_t>(i)])], *pool, outputs[i]);
    });
}

abi::Status NestedGraph::run(const abi::FieldTensor* inputs, abi::FieldTensor* outputs) noexcept {
    const abi::Status status = answering([&] {
        std::vector<DataType> types;
        for (int i = 0; i < inputCount(); ++i)
            types.push_back(inputs[i].desc.type);
        setTypes(types.data());
        if (!engine_) engine_ = std::make_unique<NestedEngine>(loadNested(buildNestedPlan(typed(), registry_, {}), registry_));
    });
    return status != abi::Status::ok ? status : engine_->run(inputs, outputs);
}

}  // namespace tenon
