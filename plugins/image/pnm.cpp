// Portable anymaps P1 to P6: bits, greys and colours, as text or binary.
#include "image.h"

#include <algorithm>

namespace tenon::image {

namespace {

class PnmReader {
public:
    explicit PnmReader(Stream stream) : stream_(stream) {}

    std::optional<Image> read() {
        const int kind = stream_[1] - '0';
        if (kind < 1 || kind > 6) return std::nullopt;
        at_ = 2;
        const std::int64_t width = number(), height = number();
        most_ = kind == 1 || kind == 4 ? 1 : number();
        if (!good_ || most_ < 1 || most_ > 65535) return std::nullopt;
        ++at_;  // one blank ends the header
        std::optional<Image> image = blank(height, width);
        const std::size_t channels = kind % 3 == 0 ? 3 : 1;
        // A sample takes a bit at least, so that a short stream does not fill a large picture.
        if (!image || at_ > stream_.size() || image->rgb.size() / 3 > (stream_.size() - at_) * 8) return std::nullopt;
        for (std::size_t i = 0; i < image->rgb.size() && good_; i += 3)
            for (std::size_t c = 0; c < 3; ++c)
                image->rgb[i + c] = c < channels ? sample(kind, i / 3 % static_cast<std::size_t>(width)) : image->rgb[i];
        return good_ ? image : std::nullopt;
    }

private:
    static bool isBlank(std::uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
    void skipBlanks() {
        for (bool inComment = false; at_ < stream_.size(); ++at_) {
            const std::uint8_t c = stream_[at_];
            inComment = c == '#' || (inComment && c != '\n');
            if (!inComment && !isBlank(c)) return;
        }
    }
    std::int64_t number() {
        constexpr std::int64_t kMost = std::int64_t{1} << 31;
        skipBlanks();
        good_ = good_ && at_ < stream_.size() && stream_[at_] >= '0' && stream_[at_] <= '9';
        std::int64_t v = 0;
        for (; at_ < stream_.size() && stream_[at_] >= '0' && stream_[at_] <= '9'; ++at_)
            v = std::min(kMost, v * 10 + stream_[at_] - '0');
        return v;
    }
    std::int64_t byte() {
        if (at_ < stream_.size()) return stream_[at_++];
        good_ = false;
        return 0;
    }
    // The next sample, in [0, 255]; `column` is where it stands in its row.
    std::uint8_t sample(int kind, std::size_t column) {
        if (kind == 1 || kind == 4) return bit(kind, column) ? 0 : 255;
        std::int64_t v = 0;
        if (kind <= 3) v = number();
        else v = byte();
        if (kind > 3 && most_ > 255) v = v * 256 + byte();
        v = std::min(v, most_);
        return static_cast<std::uint8_t>((v * 255 + most_ / 2) / most_);
    }
    // Text has a digit for each bit, blanks are optional; in binary each row begins with a new byte.
    bool bit(int kind, std::size_t column) {
        if (kind == 1) {
            skipBlanks();
            return byte() == '1';
        }
        if (column % 8 == 0) bits_ = byte();
        return (bits_ >> (7 - column % 8) & 1) != 0;
    }

    Stream stream_;
    std::size_t at_ = 0;
    std::int64_t most_ = 1, bits_ = 0;
    bool good_ = true;
};

}  // namespace

std::optional<Image> decodePnm(Stream stream) { return PnmReader(stream).read(); }

}  // namespace tenon::image
