// TIFF through libtiff, the first picture of the file. Transparency is dropped.
#include "image.h"

#include <tiffio.h>
#include <algorithm>
#include <cstdarg>
#include <cstring>

namespace tenon::image {

namespace {

// The stream as libtiff reads a file.
struct File {
    Stream stream;
    std::uint64_t at = 0;

    static File& of(thandle_t handle) { return *static_cast<File*>(handle); }
    static tmsize_t read(thandle_t handle, void* to, tmsize_t size) {
        File& f = of(handle);
        if (f.at >= f.stream.size() || size <= 0) return 0;
        const std::size_t n = std::min<std::size_t>(static_cast<std::size_t>(size), f.stream.size() - f.at);
        std::memcpy(to, f.stream.data() + f.at, n);
        f.at += n;
        return static_cast<tmsize_t>(n);
    }
    static tmsize_t write(thandle_t, void*, tmsize_t) { return -1; }
    static toff_t seek(thandle_t handle, toff_t offset, int whence) {
        File& f = of(handle);
        f.at = offset + (whence == SEEK_CUR ? f.at : whence == SEEK_END ? f.stream.size() : 0);
        return f.at;
    }
    static int close(thandle_t) { return 0; }
    static toff_t size(thandle_t handle) { return of(handle).stream.size(); }
};

int ignore(TIFF*, void*, const char*, const char*, std::va_list) { return 1; }

TIFF* open(File& file) {
    constexpr tmsize_t kMostMemory = 1 << 30;  // of one allocation
    TIFFOpenOptions* options = TIFFOpenOptionsAlloc();
    if (options == nullptr) return nullptr;
    TIFFOpenOptionsSetErrorHandlerExtR(options, ignore, nullptr);
    TIFFOpenOptionsSetWarningHandlerExtR(options, ignore, nullptr);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, kMostMemory);
    TIFF* tiff = TIFFClientOpenExt("stream", "rm", &file, File::read, File::write, File::seek, File::close, File::size, nullptr,
                                   nullptr, options);
    TIFFOpenOptionsFree(options);
    return tiff;
}

}  // namespace

std::optional<Image> decodeTiff(Stream stream) {
    File file{stream};
    TIFF* tiff = open(file);
    if (tiff == nullptr) return std::nullopt;
    std::uint32_t width = 0, height = 0;
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
    std::optional<Image> image;
    if (isUsable(height, width)) {
        std::vector<std::uint32_t> pixels(std::size_t{height} * width);
        if (TIFFReadRGBAImageOriented(tiff, width, height, pixels.data(), ORIENTATION_TOPLEFT, 1) != 0)
            image = blank(height, width);
        for (std::size_t i = 0; image && i < pixels.size(); ++i) {
            image->rgb[i * 3] = static_cast<std::uint8_t>(TIFFGetR(pixels[i]));
            image->rgb[i * 3 + 1] = static_cast<std::uint8_t>(TIFFGetG(pixels[i]));
            image->rgb[i * 3 + 2] = static_cast<std::uint8_t>(TIFFGetB(pixels[i]));
        }
    }
    TIFFClose(tiff);
    return image;
}

}  // namespace tenon::image
