// Whether float32 may be rounded to TF32 (10 bits of mantissa) on tensor cores. Never by default.
#pragma once

#include <cstdlib>
#include <string_view>

namespace tenon::cuda {

inline constexpr const char* kTf32Refusal = "TF32 keeps 10 bits of float32's mantissa; set TENON_CUDA_TF32=1 to allow it";

inline bool tf32Allowed() {
    static const bool allowed = [] {
        const char* value = std::getenv("TENON_CUDA_TF32");
        return value != nullptr && std::string_view(value) == "1";
    }();
    return allowed;
}

}  // namespace tenon::cuda
