// JPEG through libjpeg.
#include "image.h"

#include <csetjmp>
#include <cstdio>

#include <jpeglib.h>

namespace tenon::image {

namespace {

// What libjpeg works with. Its errors come back by longjmp to `escape`, so that no object with a destructor may live between.
struct Session {
    jpeg_decompress_struct codec;
    jpeg_error_mgr errors;
    std::jmp_buf escape;
};

void escape(j_common_ptr codec) { std::longjmp(static_cast<Session*>(codec->client_data)->escape, 1); }
void ignore(j_common_ptr, int) {}

// Reads the header; false when there is none.
bool readHeader(Session& s, Stream stream) {
    if (setjmp(s.escape) != 0) return false;
    jpeg_create_decompress(&s.codec);
    jpeg_mem_src(&s.codec, stream.data(), stream.size());
    return jpeg_read_header(&s.codec, TRUE) == JPEG_HEADER_OK;
}

// Reads the rows; false when the stream is damaged. Streams that end early are read as far as they go.
bool readRows(Session& s, std::uint8_t* to) {
    if (setjmp(s.escape) != 0) return false;
    s.codec.out_color_space = JCS_RGB;
    jpeg_start_decompress(&s.codec);
    while (s.codec.output_scanline < s.codec.output_height) {
        JSAMPROW row = to + std::size_t{s.codec.output_scanline} * s.codec.output_width * 3;
        jpeg_read_scanlines(&s.codec, &row, 1);
    }
    jpeg_finish_decompress(&s.codec);
    return true;
}

}  // namespace

std::optional<Image> decodeJpeg(Stream stream) {
    Session s{};
    s.codec.err = jpeg_std_error(&s.errors);
    s.codec.client_data = &s;
    s.errors.error_exit = escape;
    s.errors.emit_message = ignore;
    std::optional<Image> image;
    if (readHeader(s, stream)) image = blank(s.codec.image_height, s.codec.image_width);
    if (image && !readRows(s, image->rgb.data())) image.reset();
    jpeg_destroy_decompress(&s.codec);
    return image;
}

}  // namespace tenon::image
