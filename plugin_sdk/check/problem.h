// Layers made up at random that a creator accepts: attributes, types, shapes, contents.
#pragma once

#include <tenon/abi/extensions.h>

#include <optional>

#include "expressions.h"
#include "subject.h"
#include "tensor_values.h"

namespace tenon::check {

struct Problem {
    PluginPtr plugin;
    std::vector<abi::TensorDesc> inputs, outputs;  // linear, host
    std::vector<std::vector<std::byte>> content;   // of the inputs
    std::string attributes;
    std::string text() const;  // for messages
};

// Draws problems until one is accepted, within a budget of draws.
class ProblemSearch {
public:
    explicit ProblemSearch(const Subject& subject) : subject_(subject), random_(subject.seed) {}
    // Empty once the budget is used up.
    std::optional<Problem> next();
    RandomSource& random() { return random_; }
    std::string whyNone() const;  // for Skipped

private:
    bool drawLayer(Problem& p);
    bool drawTypes(Problem& p);
    std::vector<abi::DataType> supportedTypes(const Problem& p);
    void drawShapes(Problem& p);
    bool inferShapes(Problem& p);
    bool outputDims(const Problem& p, const abi::SymbolicTensor& inferred, int output, abi::Dims& dims);

    const Subject& subject_;
    RandomSource random_;
    int draws_ = 0;
    std::string lastRefusal_ = "nothing was accepted";
};

// Dims that suit many operators: all alike, images and weights, matrices, vectors, unrelated.
std::vector<abi::Dims> randomShapes(std::size_t count, RandomSource& random);
// A type for each input: mostly one type for all. Absent ones only where the creator allows.
std::vector<abi::DataType> randomTypes(const abi::CreatorInfo& info, std::size_t count, RandomSource& random);
// How many tensors: within the creator's limits, variadic ones up to three more.
int randomCount(int least, int most, RandomSource& random);
int randomOutputs(const abi::CreatorInfo& info, RandomSource& random);  // at least one, even where each alone may be absent

// An input as a shape query sees it, with content when that is given.
abi::SymbolicTensor symbolic(const abi::TensorDesc& desc, const std::vector<std::byte>* content, Expressions& builder);

}  // namespace tenon::check
