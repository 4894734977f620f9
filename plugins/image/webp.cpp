// WebP through libwebp. Transparency is dropped.
#include "image.h"

#include <webp/decode.h>

namespace tenon::image {

std::optional<Image> decodeWebp(Stream stream) {
    int width = 0, height = 0;
    if (WebPGetInfo(stream.data(), stream.size(), &width, &height) == 0) return std::nullopt;
    std::optional<Image> image = blank(height, width);
    if (image && WebPDecodeRGBInto(stream.data(), stream.size(), image->rgb.data(), image->rgb.size(), width * 3) == nullptr)
        image.reset();
    return image;
}

}  // namespace tenon::image
