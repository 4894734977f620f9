// Tensors in files, told apart by the end of the name: .npy, .pb (ONNX TensorProto), .pgm and .ppm (reading only).
#pragma once

#include <tenon/engine.h>

#include <string>

namespace tenon::cli {

// A tensor for the input. Throws Error.
TensorValue readTensorFile(const std::string& path, const IoInfo& input);
void writeTensorFile(const std::string& path, const std::string& name, const TensorValue& value);
// Throws UsageError unless writeTensorFile knows the name's ending.
void checkOutputName(const std::string& path);

// Floats in [-1, 1), integers and bools 0 or 1 (valid indices of any table), other types zero.
TensorValue randomTensor(DataType type, const Dims& dims, std::uint64_t seed);

}  // namespace tenon::cli
