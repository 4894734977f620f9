// The table of operators, forms and data types that the libraries implement, asked from the libraries themselves.
#pragma once

#include <tenon/registry/registry.h>

#include <string>

namespace tenon::cli {

// Markdown: a row for each creator. Types of a tensor are those that its plugin takes there when the tensors before it have types
// it takes; "?" where a plugin cannot be made without knowing the node's attributes.
std::string operatorTable(const Registry& registry);

}  // namespace tenon::cli
