// Candidates: every implementation x format combination x tactic that takes a layer.
#pragma once

#include <tenon/builder.h>

#include "bound_graph.h"
#include "problem.h"

namespace tenon {

struct Format {
    abi::Layout layout = abi::Layout::linear;
    abi::Location location = abi::Location::host;
    auto operator<=>(const Format&) const = default;
};

struct Candidate {
    const CreatorRecord* creator = nullptr;
    std::vector<Format> inputs, outputs;
    std::string tactic;
    double milliseconds = -1;  // -1: not timed
    bool isEstimate = false;   // milliseconds come from the analytic cost

    std::string formats() const;  // "linear,linear->blocked16"
    std::string name() const;     // "onednn formats tactic": unique in the problem
};

// One layer with all that candidates are listed and measured for.
struct LayerInstance {
    Layer layer;
    Problem problem;
    std::vector<DataType> inputTypes, outputTypes;         // undefined: absent
    std::vector<ShapeRange> inputRanges, outputRanges;     // empty dims where unknown or absent
    std::vector<std::optional<TensorValue>> inputContent;  // constants, and content that decides shapes
    bool shapesKnown = true;                               // every range is known

    // Descriptors of the candidate's formats over the profile.
    std::vector<abi::DynamicTensorDesc> inputDescs(const Candidate& c) const;
    std::vector<abi::DynamicTensorDesc> outputDescs(const Candidate& c) const;
};

LayerInstance instanceOf(const BoundGraph& bound, std::size_t layer);
// An instance of one problem whose inputs are concrete. Throws Error when no implementation answers for its shapes.
LayerInstance instanceOf(const Problem& problem, PassContext& context);

struct CandidateList {
    std::vector<Candidate> candidates;
    std::vector<std::string> declined;  // "implementation: reason"
};

// Lists the candidates on the given device ("cpu" or the device's name), within the options. Constant and shape inputs are
// linear.
CandidateList listCandidates(const LayerInstance& instance, const Registry& registry, const BuilderOptions& options,
                             const std::string& device);

// A fresh plugin for the candidate, configured for the instance's profile. Throws Error when it declines.
PluginPtr configuredPlugin(const LayerInstance& instance, const Candidate& candidate, const Registry& registry);

}  // namespace tenon
