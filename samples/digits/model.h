// The same network made in two ways.
#pragma once

#include <tenon/network.h>

#include <string>

namespace tenon {
class Registry;
}

namespace digits {

// From digits.onnx in the folder.
tenon::Network fromOnnx(const std::string& folder, const tenon::Registry& registry);
// Layer by layer through the API, with the numbers of digits.weights in the folder.
tenon::Network fromApi(const std::string& folder);

}  // namespace digits
