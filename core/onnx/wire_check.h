// A look at a model's bytes before protobuf parses them.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace tenon {

constexpr int kMostNestedGraphs = 200;
// A graph inside a node's attribute costs three messages; types and tensors need a few more.
constexpr int kMostNestedMessages = 3 * kMostNestedGraphs + 20;

// What is wrong with the framing of the protobuf messages of graphs, nodes and attributes: a message that goes beyond its end, or
// graphs nested too deep for the parser's stack. Empty: nothing. Needs no recursion and reads no tensor.
std::string framingProblem(std::span<const std::byte> model);

}  // namespace tenon
