// The plan file: a header, the protobuf description, and the weight section, aligned so that it can be used where it is mapped.
//   0   "TENONPLN", u32 version, u32 header size (128)
//   16  u64 description offset, size, checksum
//   40  u64 weights offset (multiple of 4096), size
//   56  u64 file size, u64 header checksum (of the 64 bytes before it)
// Weights lie at multiples of 64 in their section. All numbers are little-endian.
#pragma once

#include <tenon/tensor.h>

#include "plan.pb.h"

namespace tenon {

struct PlanContents {
    proto::Plan description;
    std::vector<Blob> weights;  // same order as description.weights
};

// The bytes of a plan file. Fills description.weights.
Blob serializePlan(PlanContents& plan);

// Checks header, sizes, checksums and every index of the description; weights stay views into `file`. Checksums of weights larger
// than kEagerChecksum are left to checkWeights, so that loading does not read them. Throws Error.
PlanContents parsePlan(const Blob& file);
constexpr std::size_t kEagerChecksum = 64 << 10;

// Reads all weights and compares their checksums. Throws Error that names the damaged ones.
void checkWeights(const PlanContents& plan);

// Maps a file read-only. Throws Error when it is no regular file or cannot be read.
Blob mapFile(const std::string& path);

}  // namespace tenon
