// Netpbm images (.pgm: P2 and P5; .ppm: P3 and P6) as tensors.
#pragma once

#include <tenon/engine.h>

#include <string>

namespace tenon::cli {

// The image as the input wants it: float32 or float16 in 0..1, or uint8 as it is; [1,C,H,W], [1,H,W,C] (where the input's last
// dimension is the number of channels), [C,H,W] or [H,W]. Throws Error when type, channels or size do not fit.
TensorValue readImage(const std::string& path, const IoInfo& input);

}  // namespace tenon::cli
