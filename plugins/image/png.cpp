// PNG through libpng's simplified interface. Transparency is dropped.
#include "image.h"

#include <png.h>
#include <algorithm>

namespace tenon::image {

std::optional<Image> decodePng(Stream stream) {
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    std::optional<Image> image;
    if (png_image_begin_read_from_memory(&png, stream.data(), stream.size()) != 0 && isUsable(png.height, png.width)) {
        png.format = PNG_FORMAT_RGBA;
        std::vector<std::uint8_t> rgba(PNG_IMAGE_SIZE(png));
        if (png_image_finish_read(&png, nullptr, rgba.data(), 0, nullptr) != 0) image = blank(png.height, png.width);
        for (std::size_t i = 0; image && i < rgba.size() / 4; ++i)
            std::copy_n(rgba.data() + i * 4, 3, image->rgb.data() + i * 3);
    }
    png_image_free(&png);
    return image;
}

}  // namespace tenon::image
