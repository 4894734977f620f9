// JPEG 2000 through OpenJPEG: grey and RGB pictures of whole components.
#include "image.h"

#include <openjpeg.h>
#include <algorithm>
#include <cstring>
#include <memory>

namespace tenon::image {

namespace {

// The stream as OpenJPEG reads a file.
struct Source {
    Stream stream;
    std::size_t at = 0;

    static OPJ_SIZE_T read(void* to, OPJ_SIZE_T size, void* user) {
        Source& s = *static_cast<Source*>(user);
        const std::size_t n = std::min(size, s.stream.size() - s.at);
        if (n == 0) return static_cast<OPJ_SIZE_T>(-1);
        std::memcpy(to, s.stream.data() + s.at, n);
        s.at += n;
        return n;
    }
    static OPJ_OFF_T skip(OPJ_OFF_T count, void* user) {
        Source& s = *static_cast<Source*>(user);
        if (count < 0) return -1;
        s.at += std::min(static_cast<std::size_t>(count), s.stream.size() - s.at);
        return count;
    }
    static OPJ_BOOL seek(OPJ_OFF_T to, void* user) {
        Source& s = *static_cast<Source*>(user);
        if (to < 0 || static_cast<std::size_t>(to) > s.stream.size()) return OPJ_FALSE;
        s.at = static_cast<std::size_t>(to);
        return OPJ_TRUE;
    }
};

template <class Handle, void (*Close)(Handle*)>
struct Release {
    void operator()(Handle* h) const { Close(h); }
};
template <class Handle, void (*Close)(Handle*)>
using Owned = std::unique_ptr<Handle, Release<Handle, Close>>;
using StreamPtr = Owned<opj_stream_t, opj_stream_destroy>;
using CodecPtr = Owned<opj_codec_t, opj_destroy_codec>;
using ImagePtr = Owned<opj_image_t, opj_image_destroy>;

StreamPtr open(Source& source) {
    StreamPtr stream(opj_stream_default_create(OPJ_TRUE));
    if (!stream) return nullptr;
    opj_stream_set_read_function(stream.get(), Source::read);
    opj_stream_set_skip_function(stream.get(), Source::skip);
    opj_stream_set_seek_function(stream.get(), Source::seek);
    opj_stream_set_user_data(stream.get(), &source, nullptr);
    opj_stream_set_user_data_length(stream.get(), source.stream.size());
    return stream;
}

// Whether the components can be shown: one or three (and transparency), of one size and the image's.
bool isPlain(const opj_image_t& image) {
    if (image.numcomps < 1 || image.x1 <= image.x0 || image.y1 <= image.y0) return false;
    if (image.color_space == OPJ_CLRSPC_SYCC || image.color_space == OPJ_CLRSPC_EYCC || image.color_space == OPJ_CLRSPC_CMYK)
        return false;
    return std::all_of(image.comps, image.comps + image.numcomps, [&](const opj_image_comp_t& c) {
        return c.w == image.x1 - image.x0 && c.h == image.y1 - image.y0 && c.prec >= 1 && c.prec <= 31;
    });
}

std::uint8_t sampleOf(const opj_image_comp_t& c, std::size_t i) {
    const std::int64_t most = (std::int64_t{1} << c.prec) - 1;
    const std::int64_t v = std::int64_t{c.data[i]} + (c.sgnd != 0 ? std::int64_t{1} << (c.prec - 1) : 0);
    return static_cast<std::uint8_t>((std::clamp<std::int64_t>(v, 0, most) * 255 + most / 2) / most);
}

}  // namespace

std::optional<Image> decodeJpeg2000(Stream bytes) {
    Source source{bytes};
    const StreamPtr stream = open(source);
    const CodecPtr codec(opj_create_decompress(bytes[0] == 0 ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K));
    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    if (!stream || !codec || opj_setup_decoder(codec.get(), &parameters) == OPJ_FALSE) return std::nullopt;
    opj_image_t* header = nullptr;
    const bool hasHeader = opj_read_header(stream.get(), codec.get(), &header) != OPJ_FALSE;
    const ImagePtr decoded(header);
    if (!hasHeader || !isPlain(*decoded)) return std::nullopt;
    std::optional<Image> image = blank(decoded->y1 - decoded->y0, decoded->x1 - decoded->x0);
    if (!image || opj_decode(codec.get(), stream.get(), decoded.get()) == OPJ_FALSE) return std::nullopt;
    if (!isPlain(*decoded) ||
        std::any_of(decoded->comps, decoded->comps + decoded->numcomps, [](const auto& c) { return c.data == nullptr; }))
        return std::nullopt;
    const bool isGrey = decoded->numcomps < 3;
    for (std::size_t i = 0; i < image->rgb.size(); ++i)
        image->rgb[i] = sampleOf(decoded->comps[isGrey ? 0 : i % 3], i / 3);
    return image;
}

}  // namespace tenon::image
