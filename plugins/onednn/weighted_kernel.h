// Base of operators with weights (input 1): one tactic per kind of oneDNN kernel, weights packed once where they are constant.
#pragma once

#include "packed_weights.h"

#include <optional>

namespace tenon::onednn {

// A tactic: the kernels of one oneDNN algorithm whose implementation name starts with `prefix`.
struct Way {
    const char* name;
    dnnl::algorithm algorithm;
    const char* prefix;
};

// Moves pd to its first implementation of this way; false, and what was offered instead, when it has none.
template <class Pd>
bool seek(Pd& pd, const Way& way, std::string& why) {
    why = "oneDNN has no such kernel for this problem; it offers";
    do {
        std::string name = pd.impl_info_str();
        if (name.starts_with("x64:")) name.erase(0, 4);
        if (name.starts_with(way.prefix) && !name.starts_with("ref")) return true;
        why += " " + name;
    } while (pd.next_impl());
    return false;
}

// Op states, with Primitive = dnnl::...:
// - kWays: an array of Way, the preferred one first;
// - Primitive::desc describe(const Instance&, const Way&, const memory::desc* weights): null weights: oneDNN chooses;
// - dnnl::primitive_attr settings(const Instance&);
// - memory::desc plainWeights(const Instance&);
// - std::vector<Operand> operands(const Instance&, const Primitive::primitive_desc&): all but the weights.
template <class Op>
class WeightedKernel : public Kernel {
public:
    void configure(const sdk::Layer& layer) {
        const Instance opt = instanceAt(layer, &abi::DynamicTensorDesc::opt);
        if (!layer.isPacked(1)) chosenFor_ = {opt.input(0).dims, opt.output().dims, hostThreads()};
        packed_.reset();
        orDecline([&] { chooseWeights(layer, opt); });
        prepare(layer, [&](const Instance& at, Calls& calls) {
            if (!isTrivial(at)) makeCalls(layer, at, calls);
        });
    }
    std::vector<sdk::Tactic> tactics(const sdk::Layer&) const { return tactics_; }
    std::uint64_t packedSize(int input, const sdk::Layer&) const {
        return input == 1 && packed_ && *packed_ != plain_ ? packedBytes(plain_, *packed_) : 0;
    }
    void pack(int, const sdk::Layer&, const void* from, void* to) const { packWeights(plain_, *packed_, from, to); }
    void run(const sdk::Launch& l) const {
        if (isPacked_) checkPacked(header_, l.inputData(1));
        Kernel::run(l);
    }
    void save(sdk::Writer& w) const { chosenFor_.save(w); }
    void load(sdk::Reader& r) { chosenFor_.load(r); }

private:
    const Op& op() const { return static_cast<const Op&>(*this); }

    // Nothing to compute; an output that is all zeros because a sum has no terms is left to others.
    static bool isTrivial(const Instance& at) {
        if (at.output().elements() == 0) return true;
        if (at.input(0).elements() == 0 || at.input(1).elements() == 0) throw sdk::declined("an input has no elements");
        return false;
    }

    auto find(const Instance& at, const Way& way, const memory::desc* weights, std::string& why) const {
        using Pd = typename Op::Primitive::primitive_desc;
        try {
            // next_impl() reads the operation that pd was made for, by its address.
            const typename Op::Primitive::desc operation = op().describe(at, way, weights);
            Pd pd(operation, op().settings(at), cpu(), true);
            if (pd.get(true) == nullptr) why = "oneDNN has no kernel for this problem";
            else if (seek(pd, way, why)) {
                why.clear();
                return std::optional<Pd>(std::move(pd));
            }
        } catch (const dnnl::error& e) {
            why = std::string("oneDNN: ") + e.what();
        }
        return std::optional<Pd>();
    }

    // Lists the tactics until one is chosen, and finds the layout in which the chosen one, or else the first, wants its weights.
    void chooseWeights(const sdk::Layer& layer, Instance at) {
        if (at.input(0).dims.size() != chosenFor_.input.size() || at.output().dims.size() != chosenFor_.output.size())
            throw sdk::Error("weights were packed for another rank", sdk::Status::corruptData);
        at.inputs[0].dims = chosenFor_.input;
        at.outputs[0].dims = chosenFor_.output;
        const bool needsNothing = isTrivial(at);
        if (!needsNothing) plain_ = op().plainWeights(at);
        if (layer.tactic().empty()) tactics_.clear();
        const ThreadScope scope(std::max(1, static_cast<int>(chosenFor_.threads)));
        std::string reasons, previous;
        way_ = nullptr;
        for (const Way& way : Op::kWays) {
            if (!layer.tactic().empty() && layer.tactic() != way.name) continue;
            std::string why;
            const auto pd = needsNothing ? std::nullopt : find(at, way, nullptr, why);
            if (layer.tactic().empty()) tactics_.push_back({way.name, why});
            if (!why.empty())
                reasons += (reasons.empty() ? "" : "; ") + std::string(way.name) + ": " + (why == previous ? "likewise" : why);
            previous = why;
            if (way_ != nullptr || !why.empty()) continue;
            way_ = &way;
            if (pd) packed_ = pd->weights_desc();
        }
        if (way_ == nullptr) throw sdk::declined(reasons.empty() ? "there is no tactic '" + layer.tactic() + "'" : reasons);
        if (tactics_.empty()) tactics_.push_back({way_->name});
        finishChoice(layer);
    }
    void finishChoice(const sdk::Layer& layer) {
        isPacked_ = layer.isPacked(1);
        if (!isPacked_) return;
        if (!packed_) throw sdk::Error("weights were packed for no shape", sdk::Status::corruptData);
        header_ = headerOf(*packed_);
    }

    void makeCalls(const sdk::Layer& layer, const Instance& at, Calls& calls) const {
        std::string why;
        const memory::desc given = isPacked_ ? *packed_ : op().plainWeights(at);
        auto pd = isPacked_ ? find(at, *way_, &given, why) : std::nullopt;
        if (!pd) pd = find(at, *way_, nullptr, why);
        if (!pd) throw sdk::declined(layer.tactic() + ": " + why);
        Operand weights{DNNL_ARG_WEIGHTS, given, Place::input, 1, isPacked_ ? kPackedHeader : 0};
        if (pd->weights_desc() != given) {
            if (isPacked_ && !canReorder(given)) weights = {DNNL_ARG_WEIGHTS, plain_, Place::input, 1, plainOffset(given)};
            weights = reordered(weights, pd->weights_desc(), calls);
        }
        std::vector<Operand> operands = op().operands(at, *pd);
        operands.push_back(weights);
        calls.add(*pd, std::move(operands));
    }
    static Operand reordered(Operand from, const memory::desc& to, Calls& calls) {
        Operand target{DNNL_ARG_TO, to, Place::workspace, 0, calls.reserve(to.get_size())};
        from.argument = DNNL_ARG_FROM;
        calls.add(dnnl::reorder::primitive_desc(cpu(), from.desc, cpu(), to, userScratchpad()), {from, target});
        target.argument = DNNL_ARG_WEIGHTS;
        return target;
    }

    ChosenFor chosenFor_;
    std::vector<sdk::Tactic> tactics_;
    memory::desc plain_;
    std::optional<memory::desc> packed_;
    PackedHeader header_;
    const Way* way_ = nullptr;  // an element of Op::kWays
    bool isPacked_ = false;
};

}  // namespace tenon::onednn
