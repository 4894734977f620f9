// A problem: one layer with everything that decides how fast a kernel is. It has a one-line text form that parses back:
//   Conv(float32[1,3,224,224], const float32[64,3,7,7], _) pads=[3,3,3,3] strides=[2,2]
//   Reshape(float32[2,12], int64[2]{4,-1}) -> 1
// inputs are type[dims], `const` for those whose content is fixed at build, {…} where the content decides shapes, `_` for absent;
// "-> n" says how many outputs, "-> y_y" which of them exist.
#pragma once

#include "graph/graph.h"

namespace tenon {

struct ProblemInput {
    DataType type = DataType::undefined;  // undefined: absent
    Dims dims;
    bool isConstant = false;
    std::optional<TensorValue> content;  // known content: shown in the text when it decides shapes
    bool showContent = false;
};

struct Problem {
    std::string domain, op;
    int opsetVersion = 0;
    Attributes attributes;
    std::vector<ProblemInput> inputs;
    std::vector<bool> outputs{true};  // which exist

    std::string toString() const;
    // The layer and its tensors as a network of one layer, inputs named x0, x1...
    Layer layer() const;
};

// Throws Error that shows where the text stops making sense.
Problem parseProblem(std::string_view text);

// Content as text, "{1,-1}"; and back.
std::string contentText(const TensorValue& value);

}  // namespace tenon
