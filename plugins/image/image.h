// Pictures out of encoded streams: one decoder for each format.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tenon::image {

// Rows from the top, three bytes a pixel: red, green, blue.
struct Image {
    std::int64_t height = 0, width = 0;
    std::vector<std::uint8_t> rgb;
};

using Stream = std::span<const std::uint8_t>;

// Larger pictures are not decoded: a short stream may claim any size.
inline constexpr std::int64_t kMostPixels = std::int64_t{1} << 27;

inline bool isUsable(std::int64_t height, std::int64_t width) { return height > 0 && width > 0 && height <= kMostPixels / width; }
// A picture to fill in, black; nothing when the size is unusable.
inline std::optional<Image> blank(std::int64_t height, std::int64_t width) {
    if (!isUsable(height, width)) return std::nullopt;
    return Image{height, width, std::vector<std::uint8_t>(static_cast<std::size_t>(height * width * 3))};
}

// Each gives the picture, or nothing when the stream is not one of its format or is damaged. [any thread]
std::optional<Image> decodeBmp(Stream stream);
std::optional<Image> decodeJpeg(Stream stream);
std::optional<Image> decodeJpeg2000(Stream stream);
std::optional<Image> decodePng(Stream stream);
std::optional<Image> decodePnm(Stream stream);
std::optional<Image> decodeTiff(Stream stream);
std::optional<Image> decodeWebp(Stream stream);

}  // namespace tenon::image
