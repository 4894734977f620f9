// NumPy's .npy files: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html (versions 1 to 3).
#pragma once

#include <tenon/tensor.h>

#include <string>

namespace tenon::cli {

// Little-endian, C-order arrays of numbers and bools. Throws Error that says what is wrong with the file.
TensorValue readNpy(const std::string& path);
// Throws Error for a type that NumPy lacks.
void writeNpy(const std::string& path, const TensorValue& value);

}  // namespace tenon::cli
