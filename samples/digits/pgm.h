// The images of this sample: binary PGM, 28 x 28, 255 is ink.
#pragma once

#include <string>
#include <vector>

namespace digits {

constexpr int kSide = 28;

// kSide * kSide numbers in 0..1. Throws std::runtime_error that says what is wrong with the file.
std::vector<float> readPgm(const std::string& path);

}  // namespace digits
