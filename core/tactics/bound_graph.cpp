#include "bound_graph.h"

#include <tenon/error.h>

#include <tenon/abi/extensions.h>
#include <tenon/logger.h>

#include "runtime/host_run.h"
#include "runtime/run_deadline.h"

#include <algorithm>

namespace tenon {

bool isSizedByRunning(const BoundLayer& b) {
    return (b.creator->flags & abi::kDataDependentShape) != 0 || b.plugin->extension(abi::IOwnedOutput::kId) != nullptr;
}

namespace {
bool hasBit(std::uint64_t mask, std::size_t i) { return i < 64 && ((mask >> i) & 1U) != 0; }

// Marks the layers of the shape phase, consumers first.
void markShapePhase(BoundGraph& bound) {
    const Graph& graph = *bound.graph;
    std::vector<bool> needed(graph.tensors.size());  // content is wanted before the main phase
    for (std::size_t i = graph.layers.size(); i-- > 0;) {
        const Layer& layer = graph.layers[i];
        BoundLayer& b = bound.layers[i];
        const bool wanted = std::any_of(layer.outputs.begin(), layer.outputs.end(),
                                        [&](int t) { return t >= 0 && needed[static_cast<std::size_t>(t)]; });
        b.inShapePhase = wanted || isSizedByRunning(b);
        for (std::size_t k = 0; k < layer.inputs.size(); ++k) {
            if (layer.inputs[k] < 0 || graph.tensors[static_cast<std::size_t>(layer.inputs[k])].constant) continue;
            const bool content = b.inShapePhase ? !hasBit(b.creator->dimsOnlyInputs, k) : hasBit(b.creator->shapeInputs, k);
            if (content) needed[static_cast<std::size_t>(layer.inputs[k])] = true;
        }
    }
    bound.shapeInput.assign(graph.tensors.size(), false);
    for (const int in : graph.inputs)
        bound.shapeInput[static_cast<std::size_t>(in)] = needed[static_cast<std::size_t>(in)];
}

// Dims of one input from profile and network: numbers of the network must be kept.
ShapeRange rangeOf(const Tensor& input, const Profile& profile) {
    const auto found = profile.shapes.find(input.name);
    ShapeRange range;
    const auto reject = [&](const std::string& what) {
        throw Error(ErrorCode::badInput,
                    "profile of input '" + input.name + "': " + what + "; the network has " + toString(input.shape));
    };
    if (found != profile.shapes.end()) {
        range = found->second;
        if (input.shape.rank >= 0 && range.opt.size() != static_cast<std::size_t>(input.shape.rank))
            reject("opt " + toString(range.opt) + " has another rank");
        if (range.min.size() != range.opt.size() || range.max.size() != range.opt.size())
            reject("min, opt and max have different ranks");
        for (std::size_t i = 0; i < range.opt.size(); ++i) {
            if (range.min[i] < 0 || range.min[i] > range.opt[i] || range.opt[i] > range.max[i])
                reject("dimension " + std::to_string(i) + " must have 0 <= min <= opt <= max, found " +
                       std::to_string(range.min[i]) + ", " + std::to_string(range.opt[i]) + ", " + std::to_string(range.max[i]));
            const Expr* e = input.shape.rank < 0 ? nullptr : input.shape.dims[i];
            if (e != nullptr && e->isConstant() && (range.min[i] != e->value || range.max[i] != e->value))
                reject("dimension " + std::to_string(i) + " is fixed to " + std::to_string(e->value));
        }
        return range;
    }
    if (input.shape.rank < 0 && !abi::isComposite(input.type)) reject("the rank is unknown, so shapes must be given");
    for (const Expr* e : input.shape.dims)
        range.opt.push_back(e != nullptr && e->isConstant() ? e->value : 1);
    range.min = range.max = range.opt;
    return range;
}

// Inputs without a range of their own take named dimensions from those that have one.
void shareNames(const Graph& graph, const Profile& profile, std::map<int, ShapeRange>& ranges) {
    std::map<const Expr*, std::array<std::int64_t, 3>> named;
    const auto forDims = [&](int in, auto body) {
        const Tensor& t = graph.tensors[static_cast<std::size_t>(in)];
        for (std::size_t i = 0; i < t.shape.dims.size(); ++i)
            if (t.shape.dims[i] != nullptr && !t.shape.dims[i]->isConstant()) body(t.shape.dims[i], ranges[in], i);
    };
    for (const int in : graph.inputs)
        if (profile.shapes.contains(graph.tensors[static_cast<std::size_t>(in)].name))
            forDims(in, [&](const Expr* e, const ShapeRange& r, std::size_t i) { named[e] = {r.min[i], r.opt[i], r.max[i]}; });
    for (const int in : graph.inputs)
        if (!profile.shapes.contains(graph.tensors[static_cast<std::size_t>(in)].name))
            forDims(in, [&](const Expr* e, ShapeRange& r, std::size_t i) {
                if (const auto n = named.find(e); n != named.end())
                    std::tie(r.min[i], r.opt[i], r.max[i]) = std::tuple_cat(n->second);
            });
}

// Walks the layers with known input dims; runs the shape phase as far as content is known.
class Solver {
public:
    Solver(BoundGraph& bound, const Profile& profile) : bound_(bound), graph_(*bound.graph), content_(graph_.tensors.size()) {
        for (const int in : graph_.inputs) {
            const auto found = profile.values.find(tensor(in).name);
            if (found != profile.values.end()) content_[static_cast<std::size_t>(in)] = found->second;
        }
        for (std::size_t i = 0; i < graph_.tensors.size(); ++i)
            if (graph_.tensors[i].constant) content_[i] = *graph_.tensors[i].constant;
    }

    ConcreteShapes operator()(Dims ShapeRange::*which) {
        shapes_.assign(graph_.tensors.size(), std::nullopt);
        for (std::size_t i = 0; i < graph_.tensors.size(); ++i)
            if (graph_.tensors[i].constant) shapes_[i] = graph_.tensors[i].constant->dims;
        for (const int in : graph_.inputs)
            shapes_[static_cast<std::size_t>(in)] = bound_.inputRange[in].*which;
        for (std::size_t i = 0; i < graph_.layers.size(); ++i)
            solve(graph_.layers[i], bound_.layers[i]);
        return std::move(shapes_);
    }
    std::map<int, TensorValue> content() const {
        std::map<int, TensorValue> known;
        for (std::size_t i = 0; i < content_.size(); ++i)
            if (content_[i] && !graph_.tensors[i].constant) known[static_cast<int>(i)] = *content_[i];
        return known;
    }

private:
    const Tensor& tensor(int id) const { return graph_.tensors[static_cast<std::size_t>(id)]; }

    void solve(const Layer& layer, const BoundLayer& b) {
        if (b.inShapePhase && run(layer, b)) return;
        std::vector<KnownTensor> in;
        for (std::size_t k = 0; k < layer.inputs.size(); ++k) {
            const int id = layer.inputs[k];
            if (id < 0) {
                in.emplace_back();
                continue;
            }
            const auto i = static_cast<std::size_t>(id);
            if (!shapes_[i] || (hasBit(b.creator->shapeInputs, k) && !content_[i])) return;
            in.push_back({tensor(id).type, *shapes_[i], content_[i] ? content_[i]->data.data() : nullptr});
        }
        std::vector<DataType> types;
        for (const int out : layer.outputs)
            types.push_back(out < 0 ? DataType::undefined : tensor(out).type);
        const auto dims = queryDims(*b.plugin, in, types, b.creator->shapeInputs, layer.source);
        for (std::size_t i = 0; i < dims.size(); ++i)
            if (layer.outputs[i] >= 0) shapes_[static_cast<std::size_t>(layer.outputs[i])] = dims[i];
    }

    // False when some content is known only at run time; shapes may be known all the same.
    bool run(const Layer& layer, const BoundLayer& b) {
        std::vector<TensorValue> in;
        for (std::size_t k = 0; k < layer.inputs.size(); ++k) {
            const int id = layer.inputs[k];
            const auto i = static_cast<std::size_t>(std::max(id, 0));
            if (id < 0) in.emplace_back();
            else if (content_[i]) in.push_back(*content_[i]);
            else if (hasBit(b.creator->dimsOnlyInputs, k) && shapes_[i]) in.push_back({tensor(id).type, *shapes_[i], Blob()});
            else return false;
        }
        std::vector<bool> wanted;
        for (const int out : layer.outputs)
            wanted.push_back(out >= 0);
        std::vector<TensorValue> values;
        try {
            values = runOnHost(*b.plugin, *b.creator, in, wanted, layer.source);
        } catch (const Error& e) {
            if (!isPastDeadline()) throw;
            log(LogLevel::debug, LogTopic::tune, std::string("shapes stay unknown: ") + e.what());
            for (const int out : layer.outputs)
                if (out >= 0) content_[static_cast<std::size_t>(out)].reset();
            return true;
        }
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (layer.outputs[i] < 0) continue;
            shapes_[static_cast<std::size_t>(layer.outputs[i])] = values[i].dims;
            content_[static_cast<std::size_t>(layer.outputs[i])] = std::move(values[i]);
        }
        return true;
    }

    BoundGraph& bound_;
    const Graph& graph_;
    std::vector<std::optional<TensorValue>> content_;
    ConcreteShapes shapes_;
};
}  // namespace

namespace {
BoundGraph withPlugins(const Graph& graph, PassContext& context) {
    BoundGraph bound;
    bound.graph = &graph;
    for (const Layer& layer : graph.layers) {
        BoundLayer b;
        std::vector<std::string> reasons;
        b.plugin = shapePlugin(layer, context, &b.creator, &reasons);
        if (!b.plugin) throw Error(ErrorCode::unsupported, explainMissing(context.registry, layer, reasons));
        bound.layers.push_back(std::move(b));
    }
    return bound;
}
}  // namespace

BoundGraph bindToAnyShape(const Graph& graph, PassContext& context) {
    BoundGraph bound = withPlugins(graph, context);
    for (BoundLayer& b : bound.layers) {
        if (b.creator->device != "cpu")
            throw Error(ErrorCode::unsupported, "no implementation of " + b.creator->name +
                                                    " runs on the cpu, as layers of nested networks and of unknown rank must");
        b.inShapePhase = true;
    }
    bound.shapeInput.assign(graph.tensors.size(), false);
    bound.min.assign(graph.tensors.size(), std::nullopt);
    bound.max = bound.opt = bound.min;
    for (const int in : graph.inputs) {
        bound.shapeInput[static_cast<std::size_t>(in)] = true;
        bound.inputRange[in] = {};
    }
    return bound;
}

BoundGraph bind(const Graph& graph, PassContext& context, const Profile& profile) {
    BoundGraph bound = withPlugins(graph, context);
    markShapePhase(bound);
    for (const auto& shape : profile.shapes)
        if (std::none_of(graph.inputs.begin(), graph.inputs.end(),
                         [&, &name = shape.first](int in) { return graph.tensors[static_cast<std::size_t>(in)].name == name; }))
            throw Error(ErrorCode::badInput, "the profile names input '" + shape.first + "', which the network does not have");
    for (const int in : graph.inputs)
        bound.inputRange[in] = rangeOf(graph.tensors[static_cast<std::size_t>(in)], profile);
    shareNames(graph, profile, bound.inputRange);
    constexpr std::chrono::milliseconds kMostTime{2000};
    const DeadlineScope deadline(kMostTime);
    Solver solver(bound, profile);
    bound.min = solver(&ShapeRange::min);
    bound.max = solver(&ShapeRange::max);
    bound.opt = solver(&ShapeRange::opt);
    bound.knownContent = solver.content();
    return bound;
}

}  // namespace tenon
