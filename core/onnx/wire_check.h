// A look at a model's bytes before protobuf parses them.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace tenon {

constexpr int kMostNestedGraphs = 100;
// A graph inside a node's attribute costs three messages; types and tensors need a few more.
constexpr int kMostNestedMessages = 3 * kMostNestedGraphs + 20;
// Nodes, attributes, tensors, types ...: an empty one is two bytes of the file, and some hundred in memory.
constexpr std::size_t kMostMessages = std::size_t{1} << 22;

// What is wrong with the framing of the protobuf messages of graphs, nodes, attributes, tensors and types: a message that goes
// beyond its end, too many messages, or ones nested too deep for the parser's stack. Empty: nothing. Needs no recursion and reads
// no data.
std::string framingProblem(std::span<const std::byte> model);

}  // namespace tenon
