// What a tensor looks like, in a line.
#pragma once

#include <tenon/tensor.h>

#include <string>
#include <utility>
#include <vector>

namespace tenon::cli {

// "min -1.2, max 3.4, mean 0.1, std 0.9, 0 NaN"; of strings and types that fill no bytes: the element count.
std::string statisticsText(const TensorValue& value);

// Position and value of the largest elements, largest first; NaN counts as smallest.
std::vector<std::pair<Dims, double>> largestElements(const TensorValue& value, std::size_t count);

}  // namespace tenon::cli
