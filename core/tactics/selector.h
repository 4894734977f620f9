// Which candidate every layer takes: own times plus the conversions (reformats, copies) between neighbours.
#pragma once

#include "candidate.h"

#include <functional>

namespace tenon {

struct SelectionProblem {
    const Graph* graph = nullptr;
    std::vector<const CandidateList*> layers;  // null: fixed to linear host tensors (shape phase)
};

// Milliseconds to bring a tensor from one format to another, 0 for equal ones; infinite when nothing can.
using ConversionCost = std::function<double(int tensor, const Format& from, const Format& to)>;

// Index of each layer's candidate. Equal inputs give equal answers.
std::vector<std::size_t> selectCandidates(const SelectionProblem& problem, const ConversionCost& cost);

}  // namespace tenon
