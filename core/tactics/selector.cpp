// Iterated conditional modes from several starts: each start prefers one layout everywhere, then every layer in turn takes the
// candidate that is cheapest with its neighbours as they are, until nothing changes; the cheapest result wins.
#include "selector.h"

#include <algorithm>
#include <cmath>

namespace tenon {

namespace {
class Search {
public:
    Search(const SelectionProblem& problem, const ConversionCost& cost)
        : problem_(problem),
          graph_(*problem.graph),
          cost_(cost),
          consumers_(graph_.tensors.size()),
          isOutput_(graph_.tensors.size()) {
        for (std::size_t l = 0; l < graph_.layers.size(); ++l)
            for (std::size_t k = 0; k < graph_.layers[l].inputs.size(); ++k)
                if (const int t = graph_.layers[l].inputs[k]; t >= 0 && !tensor(t).constant)
                    consumers_[static_cast<std::size_t>(t)].push_back({l, k});
        for (const int out : graph_.outputs)
            isOutput_[static_cast<std::size_t>(out)] = true;
    }

    std::vector<std::size_t> best() {
        std::vector<std::size_t> best;
        double bestTotal = INFINITY;
        for (int layout = 0; layout < abi::kLayoutCount; ++layout) {
            start(static_cast<abi::Layout>(layout));
            improve();
            const double t = total();
            if (best.empty() || t < bestTotal) {
                best = chosen_;
                bestTotal = t;
            }
        }
        return best;
    }

private:
    struct Use {
        std::size_t layer, input;
    };
    const Tensor& tensor(int id) const { return graph_.tensors[static_cast<std::size_t>(id)]; }
    const Candidate* candidate(std::size_t layer, std::size_t index) const {
        return problem_.layers[layer] == nullptr ? nullptr : &problem_.layers[layer]->candidates[index];
    }
    const Candidate* current(std::size_t layer) const { return candidate(layer, chosen_[layer]); }

    // Per layer the fastest candidate, those whose outputs have the preferred layout first. `opaque` prefers none.
    void start(abi::Layout preferred) {
        chosen_.assign(problem_.layers.size(), 0);
        for (std::size_t l = 0; l < problem_.layers.size(); ++l) {
            if (problem_.layers[l] == nullptr) continue;
            const auto& list = problem_.layers[l]->candidates;
            const auto rank = [&](const Candidate& c) {
                const bool other = preferred != abi::Layout::opaque && !c.outputs.empty() && c.outputs[0].layout != preferred;
                return std::pair(other, c.milliseconds);
            };
            const auto found =
                std::min_element(list.begin(), list.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
            chosen_[l] = static_cast<std::size_t>(found - list.begin());
        }
    }

    void improve() {
        constexpr int kMostSweeps = 20;
        for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
            bool changed = false;
            for (std::size_t l = 0; l < problem_.layers.size(); ++l)
                changed = improveLayer(l) || changed;
            if (!changed) return;
        }
    }

    bool improveLayer(std::size_t l) {
        if (problem_.layers[l] == nullptr) return false;
        const std::size_t before = chosen_[l];
        double least = localCost(l, *candidate(l, before));
        for (std::size_t i = 0; i < problem_.layers[l]->candidates.size(); ++i) {
            const double c = localCost(l, *candidate(l, i));
            if (c < least) {
                least = c;
                chosen_[l] = i;
            }
        }
        return chosen_[l] != before;
    }

    Format producedFormat(int t) const {
        const int producer = tensor(t).producer;
        if (producer < 0) return {};
        const Candidate* c = current(static_cast<std::size_t>(producer));
        if (c == nullptr) return {};
        const auto& outputs = graph_.layers[static_cast<std::size_t>(producer)].outputs;
        return c->outputs[static_cast<std::size_t>(std::find(outputs.begin(), outputs.end(), t) - outputs.begin())];
    }

    double inputCost(std::size_t l, const Candidate* c) const {
        double sum = 0;
        const auto& inputs = graph_.layers[l].inputs;
        for (std::size_t k = 0; k < inputs.size(); ++k)
            if (inputs[k] >= 0 && !tensor(inputs[k]).constant)
                sum += cost_(inputs[k], producedFormat(inputs[k]), c == nullptr ? Format{} : c->inputs[k]);
        return sum;
    }
    double outputCost(std::size_t l, const Candidate& c) const {
        double sum = 0;
        const auto& outputs = graph_.layers[l].outputs;
        for (std::size_t k = 0; k < outputs.size(); ++k) {
            if (outputs[k] < 0) continue;
            for (const Use& use : consumers_[static_cast<std::size_t>(outputs[k])]) {
                const Candidate* consumer = current(use.layer);
                sum += cost_(outputs[k], c.outputs[k], consumer == nullptr ? Format{} : consumer->inputs[use.input]);
            }
            if (isOutput_[static_cast<std::size_t>(outputs[k])]) sum += cost_(outputs[k], c.outputs[k], Format{});
        }
        return sum;
    }
    double localCost(std::size_t l, const Candidate& c) const {
        return std::max(c.milliseconds, 0.0) + inputCost(l, &c) + outputCost(l, c);
    }
    double total() const {
        double sum = 0;
        for (std::size_t l = 0; l < problem_.layers.size(); ++l) {
            const Candidate* c = current(l);
            sum += inputCost(l, c) + (c == nullptr ? 0 : std::max(c->milliseconds, 0.0));
            for (const int t : graph_.layers[l].outputs)
                if (t >= 0 && isOutput_[static_cast<std::size_t>(t)]) sum += cost_(t, producedFormat(t), Format{});
        }
        return sum;
    }

    const SelectionProblem& problem_;
    const Graph& graph_;
    const ConversionCost& cost_;
    std::vector<std::vector<Use>> consumers_;
    std::vector<bool> isOutput_;
    std::vector<std::size_t> chosen_;
};
}  // namespace

std::vector<std::size_t> selectCandidates(const SelectionProblem& problem, const ConversionCost& cost) {
    return Search(problem, cost).best();
}

}  // namespace tenon
