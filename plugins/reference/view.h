// Operators whose output is the input's bytes under other dims.
#pragma once

#include <tenon/sdk/sdk.h>

namespace tenon::reference {

inline void copyBytes(const sdk::Launch& l) {
    const std::size_t size = sdk::byteCount(l.inputDesc(0));
    if (size > 0 && l.outputData(0) != l.inputData(0)) std::memcpy(l.outputData(0), l.inputData(0), size);
}

// One bit for each axis; an error when an axis is named twice.
inline std::uint32_t axisSet(const sdk::Shape& ranked, const std::vector<std::int64_t>& axes) {
    std::uint32_t set = 0;
    for (const std::int64_t a : axes) {
        const std::uint32_t bit = 1U << ranked.axis(a);
        if ((set & bit) != 0) throw sdk::Error("axis " + std::to_string(a) + " is named twice");
        set |= bit;
    }
    return set;
}

}  // namespace tenon::reference
