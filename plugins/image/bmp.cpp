// Windows bitmaps without compression: 8 bits with a palette, 24 and 32 bits.
#include "image.h"

#include <algorithm>

namespace tenon::image {

namespace {

std::uint32_t little(Stream s, std::size_t at, std::size_t bytes) {
    std::uint32_t v = 0;
    for (std::size_t i = 0; i < bytes && at + i < s.size(); ++i)
        v |= static_cast<std::uint32_t>(s[at + i]) << (8 * i);
    return v;
}

}  // namespace

std::optional<Image> decodeBmp(Stream stream) {
    constexpr std::size_t kFileHeader = 14, kSmallestHeader = 40;
    constexpr std::uint32_t kPlain = 0, kMasks = 3;  // masks: only the usual ones, blue first
    const std::size_t pixels = little(stream, 10, 4), header = little(stream, kFileHeader, 4);
    const auto width = static_cast<std::int32_t>(little(stream, 18, 4)),
               height = static_cast<std::int32_t>(little(stream, 22, 4));
    const std::size_t bits = little(stream, 28, 2);
    const std::uint32_t compression = little(stream, 30, 4), used = little(stream, 46, 4);
    const bool isKnown =
        (compression == kPlain && (bits == 8 || bits == 24 || bits == 32)) || (compression == kMasks && bits == 32);
    if (header < kSmallestHeader || !isKnown) return std::nullopt;
    if (compression == kMasks && (little(stream, 54, 4) != 0xFF0000U || little(stream, 62, 4) != 0xFFU)) return std::nullopt;
    const bool fromTop = height < 0;
    std::optional<Image> image = blank(fromTop ? -std::int64_t{height} : height, width);
    if (!image) return std::nullopt;
    const auto rows = static_cast<std::size_t>(image->height), columns = static_cast<std::size_t>(width);
    const std::size_t rowBytes = (columns * bits + 31) / 32 * 4, palette = kFileHeader + header;
    const std::size_t colours = used == 0 ? 256 : std::min<std::size_t>(used, 256);
    if (pixels > stream.size() || (stream.size() - pixels) / rowBytes < rows) return std::nullopt;
    for (std::size_t y = 0; y < rows; ++y)
        for (std::size_t x = 0; x < columns; ++x) {
            std::size_t at = pixels + y * rowBytes + x * bits / 8;
            if (bits == 8) {
                if (stream[at] >= colours || palette + (stream[at] + std::size_t{1}) * 4 > stream.size()) return std::nullopt;
                at = palette + stream[at] * std::size_t{4};
            }
            std::reverse_copy(stream.data() + at, stream.data() + at + 3,
                              image->rgb.data() + ((fromTop ? y : rows - 1 - y) * columns + x) * 3);
        }
    return image;
}

}  // namespace tenon::image
