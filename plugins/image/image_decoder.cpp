// y = the picture that a stream of bytes encodes, (height, width, channels); empty when it cannot be decoded (ONNX ImageDecoder
// opset 20).
#include "image.h"
#include "owned_outputs.h"

#include <string_view>

namespace tenon::image {
using namespace sdk;

struct Format {
    std::string_view name;
    std::string_view signature;  // how its streams begin; '?' stands for any byte
    std::optional<Image> (*decode)(Stream);
};

// The formats that this library was built with.
inline constexpr Format kFormats[] = {
    {"BMP", "BM", decodeBmp},
#ifdef TENON_IMAGE_JPEG
    {"JPEG", "\xFF\xD8\xFF", decodeJpeg},
#endif
#ifdef TENON_IMAGE_JPEG2000
    {"JPEG 2000 codestream", {"\xFF\x4F\xFF\x51", 4}, decodeJpeg2000},
    {"JPEG 2000 file", {"\0\0\0\x0CjP  ", 8}, decodeJpeg2000},
#endif
#ifdef TENON_IMAGE_PNG
    {"PNG", "\x89PNG\r\n\x1A\n", decodePng},
#endif
    {"PNM", "P?", decodePnm},
#ifdef TENON_IMAGE_TIFF
    {"TIFF, little-endian", {"II*\0", 4}, decodeTiff},
    {"TIFF, big-endian", {"MM\0*", 4}, decodeTiff},
#endif
#ifdef TENON_IMAGE_WEBP
    {"WebP", "RIFF????WEBP", decodeWebp},
#endif
};

inline bool beginsWith(Stream stream, std::string_view signature) {
    if (stream.size() < signature.size()) return false;
    for (std::size_t i = 0; i < signature.size(); ++i)
        if (signature[i] != '?' && static_cast<std::uint8_t>(signature[i]) != stream[i]) return false;
    return true;
}

inline std::optional<Image> decode(Stream stream) {
    for (const Format& f : kFormats)
        if (beginsWith(stream, f.signature)) return f.decode(stream);
    return std::nullopt;
}

// Luma of ITU-R BT.601 in 16-bit fixed point.
inline std::uint8_t luma(const std::uint8_t* rgb) {
    return static_cast<std::uint8_t>((rgb[0] * 19595U + rgb[1] * 38470U + rgb[2] * 7471U + 0x8000U) >> 16U);
}

struct ImageDecoder final : reference::OwnedOutputs<ImageDecoder> {
    std::string pixelFormat = "RGB";
    static constexpr Identity identity{.name = "ImageDecoder", .since = 20, .implementation = "reference"};
    static constexpr auto formats = rows(row(u8, u8));
    static constexpr std::uint32_t flags = abi::kDataDependentShape;
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "pixel_format", &ImageDecoder::pixelFormat, "channels of the picture").oneOf("RGB|BGR|Grayscale")};
    }
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() != 1) throw Error("the stream must have rank 1, found " + std::to_string(x[0].rank()));
        y[0] = Shape::ofRank(3);
        y[0][2] = channels();
    }
    void run(const Launch& l) const {
        const auto stream = l.input<std::uint8_t>(0);
        const Image image = decode({stream.data, static_cast<std::size_t>(stream.size())}).value_or(Image{});
        OwnedTensor y(DataType::u8, std::array{image.height, image.width, channels()});
        auto* to = reinterpret_cast<std::uint8_t*>(y.data());
        for (std::size_t i = 0; i < image.rgb.size(); i += 3)
            to = put(image.rgb.data() + i, to);
        keep(l, 0, std::move(y));
    }

private:
    std::int64_t channels() const { return pixelFormat == "Grayscale" ? 1 : 3; }
    std::uint8_t* put(const std::uint8_t* rgb, std::uint8_t* to) const {
        if (pixelFormat == "RGB") return std::copy_n(rgb, 3, to);
        if (pixelFormat == "BGR") return std::reverse_copy(rgb, rgb + 3, to);
        *to = luma(rgb);
        return to + 1;
    }
};

}  // namespace tenon::image

TENON_OPERATORS(image_decoder, tenon::image::ImageDecoder)
