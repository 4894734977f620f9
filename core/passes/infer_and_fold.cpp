// Types, symbolic shapes, and constant folding in one walk: what is folded here is known to the shape rules that follow.
#include <tenon/error.h>
#include <tenon/logger.h>

#include "inline_graph.h"
#include "nested_constants.h"
#include "pass.h"
#include "runtime/host_run.h"

#include <algorithm>

namespace tenon {

namespace {
constexpr std::size_t kMostValues = 4096;

class Inference {
public:
    Inference(Graph& graph, PassContext& context, bool typesOnly) : graph_(graph), context_(context), typesOnly_(typesOnly) {}

    void operator()() {
        std::vector<Layer> all = std::move(graph_.layers);
        graph_.layers.clear();
        countUses(all);
        visitAll(std::move(all));
        for (int& out : graph_.outputs)
            out = current(out);
    }

private:
    void countUses(const std::vector<Layer>& layers) {
        std::size_t constants = 0;
        for (const Tensor& t : graph_.tensors)
            if (t.constant) constants += t.constant->data.size();
        context_.folding->start(constants);
        uses_.assign(graph_.tensors.size(), 0);
        for (const int out : graph_.outputs)
            ++uses_[static_cast<std::size_t>(out)];
        for (const Layer& layer : layers)
            for (const int in : layer.inputs)
                if (in >= 0) ++uses_[static_cast<std::size_t>(in)];
        folded_.assign(graph_.tensors.size(), false);
    }

    Tensor& tensor(int id) { return graph_.tensors[static_cast<std::size_t>(id)]; }

    void visitAll(std::vector<Layer> layers) {
        for (Layer& layer : layers) {
            for (int& in : layer.inputs)
                in = current(in);
            if (!typesOnly_) sinkConstants(graph_, layer);
            if (auto inner = inlinedLayers(layer)) {
                moveUses(layer, *inner);
                visitAll(std::move(*inner));
            } else if (!visit(layer)) graph_.addLayer(std::move(layer));
        }
    }

    // Who used the layer's outputs uses now what stands for them.
    void moveUses(const Layer& layer, const std::vector<Layer>& inner) {
        uses_.resize(graph_.tensors.size());
        folded_.resize(graph_.tensors.size());
        for (const int out : layer.outputs)
            if (out >= 0) uses_[static_cast<std::size_t>(current(out))] += uses_[static_cast<std::size_t>(out)];
        for (const Layer& l : inner)
            for (const int in : l.inputs)
                if (in >= 0) ++uses_[static_cast<std::size_t>(in)];
    }

    // What stands for a tensor since the layer that made it was replaced by its nested network.
    int current(int id) const {
        for (auto found = replaced_.find(id); found != replaced_.end(); found = replaced_.find(id))
            id = found->second;
        return id;
    }

    std::optional<std::vector<Layer>> inlinedLayers(const Layer& layer) {
        if (nestedGraphs(layer).empty()) return std::nullopt;
        try {
            const PluginPtr plugin = shapePlugin(layer, context_, nullptr, nullptr);
            if (!plugin) return std::nullopt;
            std::vector<abi::SymbolicTensor> inputs;
            for (const int in : layer.inputs)
                inputs.push_back(in < 0 ? absentTensor() : symbolic(tensor(in), true));
            return inlined(graph_, layer, *plugin, inputs, replaced_);
        } catch (const Error&) {  // said again when the layer is visited
            return std::nullopt;
        }
    }

    // True when the layer was folded away.
    bool visit(Layer& layer) {
        std::vector<std::string> reasons;
        const CreatorRecord* creator = nullptr;
        try {
            PluginPtr plugin = shapePlugin(layer, context_, &creator, &reasons);
            if (!plugin) {
                context_.problems.push_back(explainMissing(context_.registry, layer, reasons));
                return false;
            }
            if (unresolvedInput(layer)) return false;  // its producer was reported already
            inferTypes(layer, *plugin);
            if (typesOnly_) return false;
            if (foldNested(layer, *plugin, plugin.get_deleter().nested, context_))
                plugin = shapePlugin(layer, context_, &creator, &reasons);
            if (isFoldable(layer, *creator) && fold(layer, *creator, *plugin)) return true;
            inferShapes(layer, *creator, *plugin);
        } catch (const Error& e) {
            context_.problems.push_back(e.what());
        }
        return false;
    }

    bool unresolvedInput(const Layer& layer) {
        return std::any_of(layer.inputs.begin(), layer.inputs.end(),
                           [&](int in) { return in >= 0 && tensor(in).type == DataType::undefined; });
    }

    void inferTypes(const Layer& layer, const abi::IPlugin& plugin) {
        std::vector<DataType> in;
        for (const int id : layer.inputs)
            in.push_back(id < 0 ? DataType::undefined : tensor(id).type);
        const auto out = queryTypes(plugin, in, layer.outputs.size(), layer.source);
        for (std::size_t i = 0; i < out.size(); ++i)
            if (layer.outputs[i] >= 0) tensor(layer.outputs[i]).type = out[i];
    }

    static bool hasBit(std::uint64_t mask, std::size_t i) { return i < 64 && ((mask >> i) & 1U) != 0; }
    static std::optional<Dims> knownDims(const SymbolicShape& shape) {
        if (shape.rank < 0) return std::nullopt;
        Dims dims;
        for (const Expr* e : shape.dims) {
            if (e == nullptr || !e->isConstant()) return std::nullopt;
            dims.push_back(e->value);
        }
        return dims;
    }

    bool isFoldable(const Layer& layer, const CreatorRecord& creator) {
        if ((creator.flags & abi::kNotFoldable) != 0 || creator.device != "cpu") return false;
        for (const auto& [name, value] : layer.attributes)
            if (std::holds_alternative<std::shared_ptr<Graph>>(value)) return false;
        for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
            if (layer.inputs[i] < 0) continue;
            const Tensor& t = tensor(layer.inputs[i]);
            const bool known = t.constant || (hasBit(creator.dimsOnlyInputs, i) && knownDims(t.shape));
            if (!known) return false;
        }
        return std::none_of(layer.outputs.begin(), layer.outputs.end(),
                            [&](int out) { return out >= 0 && abi::isComposite(tensor(out).type); });
    }

    // False when the result would be too large to keep.
    bool fold(const Layer& layer, const CreatorRecord& creator, abi::IPlugin& plugin) {
        std::vector<TensorValue> inputs;
        for (const int id : layer.inputs) {
            if (id < 0) inputs.emplace_back();
            else if (tensor(id).constant) inputs.push_back(*tensor(id).constant);
            else inputs.push_back({tensor(id).type, *knownDims(tensor(id).shape), Blob()});
        }
        std::vector<bool> wanted;
        for (const int out : layer.outputs)
            wanted.push_back(out >= 0);
        std::vector<TensorValue> values;
        if (!runWithin(plugin, creator, inputs, wanted, layer.source, values)) return false;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (layer.outputs[i] < 0) continue;
            Tensor& t = tensor(layer.outputs[i]);
            t.shape = constantShape(*graph_.expressions, values[i].dims);
            t.constant = ownedCopy(values[i]);  // what the plugin owns ends with it
            t.producer = -1;
            folded_[static_cast<std::size_t>(layer.outputs[i])] = true;
        }
        releaseInputs(layer);
        return true;
    }

    // False, with the reason in the log, when that would take more than the budget.
    bool runWithin(abi::IPlugin& plugin, const CreatorRecord& creator, std::span<const TensorValue> inputs,
                   const std::vector<bool>& wanted, const std::string& who, std::vector<TensorValue>& values) {
        FoldBudget& budget = *context_.folding;
        const auto skip = [&](const std::string& why) {
            log(LogLevel::debug, LogTopic::import, "not folded: " + why);
            return false;
        };
        if (!budget.hasTime()) return skip(who + ": folding has taken all the time it may");
        const auto begin = std::chrono::steady_clock::now();
        try {
            values = runOnHost(plugin, creator, inputs, wanted, who, {kFoldBytes, kFoldOperations});
        } catch (const Error& e) {
            if (e.code() != ErrorCode::outOfMemory && e.code() != ErrorCode::unsupported) throw;
            return skip(e.what());
        }
        budget.spend(std::chrono::steady_clock::now() - begin);
        std::size_t bytes = 0;
        for (const TensorValue& v : values)
            bytes += v.data.size();
        return budget.take(bytes) || skip(who + ": constants would grow too much");
    }

    // Results of folding that nobody needs any more.
    void releaseInputs(const Layer& layer) {
        for (const int in : layer.inputs) {
            if (in < 0) continue;
            const auto i = static_cast<std::size_t>(in);
            if (--uses_[i] > 0 || !folded_[i]) continue;
            context_.folding->giveBack(tensor(in).constant->data.size());
            tensor(in).constant.reset();
        }
    }

    static abi::SymbolicTensor absentTensor() {
        abi::SymbolicTensor absent{};
        absent.valueCount = -1;
        return absent;
    }
    abi::SymbolicTensor symbolic(const Tensor& t, bool showContent) {
        abi::SymbolicTensor s{};
        s.type = t.type;
        s.rank = t.shape.rank;
        for (int i = 0; i < t.shape.rank; ++i)
            s.dim[i] = t.shape.dims[static_cast<std::size_t>(i)];
        s.valueCount = -1;
        if (t.constant && showContent) s.data = t.constant->data.data();
        const auto values = contentOf(t);
        if (!values) return s;
        const abi::IDimExpr** slots = graph_.expressions->values(static_cast<std::int64_t>(values->size()));
        if (slots == nullptr) return s;
        std::copy(values->begin(), values->end(), slots);
        s.values = slots;
        s.valueCount = static_cast<std::int64_t>(values->size());
        return s;
    }
    std::optional<std::vector<const Expr*>> contentOf(const Tensor& t) {
        if (!t.constant) return t.shape.values;
        const auto numbers = smallIntegers({t.type, t.constant->dims, t.constant->data.data()});
        if (!numbers || numbers->size() > kMostValues) return std::nullopt;
        std::vector<const Expr*> values;
        for (const std::int64_t n : *numbers)
            values.push_back(graph_.expressions->constant(n));
        return values;
    }

    void inferShapes(const Layer& layer, const CreatorRecord& creator, const abi::IPlugin& plugin) {
        std::vector<abi::SymbolicTensor> in, out;
        for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
            in.push_back(layer.inputs[i] < 0 ? absentTensor()
                                             : symbolic(tensor(layer.inputs[i]), hasBit(creator.shapeInputs, i)));
        }
        for (const int id : layer.outputs) {
            abi::SymbolicTensor t{};
            t.type = id < 0 ? DataType::undefined : tensor(id).type;
            t.rank = t.valueCount = -1;
            out.push_back(t);
        }
        const abi::Status status = plugin.getOutputDimensions(in.data(), static_cast<std::int32_t>(in.size()), out.data(),
                                                              static_cast<std::int32_t>(out.size()), graph_.expressions.get());
        if (status != abi::Status::ok) throw Error(ErrorCode::badInput, layer.source + ": " + pluginMessage(status));
        for (std::size_t i = 0; i < out.size(); ++i)
            if (layer.outputs[i] >= 0) adopt(out[i], tensor(layer.outputs[i]), layer);
    }

    void adopt(const abi::SymbolicTensor& s, Tensor& t, const Layer& layer) {
        if (s.rank > abi::kMaxRank)
            throw Error(ErrorCode::pluginFailure, layer.source + ": the plugin answers rank " + std::to_string(s.rank));
        t.shape = SymbolicShape{};
        t.shape.rank = s.rank;
        for (int i = 0; i < s.rank; ++i) {
            const auto* e = static_cast<const Expr*>(s.dim[i]);
            if (e != nullptr && e->isConstant() && e->value < 0)
                throw Error(ErrorCode::badInput, layer.source + ": dimension " + std::to_string(i) + " of '" + t.name +
                                                     "' would be " + std::to_string(e->value));
            t.shape.dims.push_back(e != nullptr ? e : graph_.expressions->fresh(t.name + "." + std::to_string(i)));
        }
        if (s.valueCount < 0 || s.valueCount > static_cast<std::int64_t>(kMostValues) || s.values == nullptr) return;
        std::vector<const Expr*> values;
        for (std::int64_t i = 0; i < s.valueCount; ++i)
            values.push_back(static_cast<const Expr*>(s.values[i]));
        t.shape.values = std::move(values);
    }

    Graph& graph_;
    PassContext& context_;
    bool typesOnly_;
    std::map<int, int> replaced_;  // outputs of layers that were inlined
    std::vector<int> uses_;        // of each tensor, by layers and as an output
    std::vector<bool> folded_;     // made here
};
}  // namespace

void inferAndFold(Graph& graph, PassContext& context) { Inference(graph, context, false)(); }
void inferTypes(Graph& graph, PassContext& context) { Inference(graph, context, true)(); }

}  // namespace tenon
