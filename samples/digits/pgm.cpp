#include "pgm.h"

#include <fstream>
#include <stdexcept>

namespace digits {

std::vector<float> readPgm(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string magic;
    int width = 0, height = 0, most = 0;
    file >> magic >> width >> height >> most;
    file.get();  // the white space after the header
    if (!file || magic != "P5") throw std::runtime_error(path + ": is not a binary PGM image");
    if (width != kSide || height != kSide || most != 255)
        throw std::runtime_error(path + ": is not 28 x 28 with 255 grey levels");
    std::vector<unsigned char> bytes(kSide * kSide);
    if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size())))
        throw std::runtime_error(path + ": is truncated");
    std::vector<float> pixels;
    for (const unsigned char b : bytes)
        pixels.push_back(static_cast<float>(b) / 255);
    return pixels;
}

}  // namespace digits
