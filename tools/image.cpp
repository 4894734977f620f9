#include "image.h"

#include <tenon/error.h>
#include <tenon/sdk/launch.h>

#include <fmt/format.h>

#include <vector>

#include "file_bytes.h"

namespace tenon::cli {

namespace {
constexpr std::int64_t kMaxSide = 1 << 16, kMaxValue = 65535;

struct Image {
    std::int64_t channels = 1, height = 0, width = 0, most = 255;
    std::vector<std::uint16_t> samples;  // row-major, channels together
};

class ImageReader {
public:
    explicit ImageReader(const std::string& path) : path_(path), bytes_(readFileBytes(path)) {}

    Image operator()() {
        if (bytes_.size() < 2 || bytes_[0] != 'P' || std::string_view("2356").find(bytes_[1]) == std::string_view::npos)
            fail("is not a PGM or PPM image (P2, P3, P5 or P6)");
        const bool isText = bytes_[1] < '5';
        Image image;
        image.channels = bytes_[1] == '3' || bytes_[1] == '6' ? 3 : 1;
        at_ = 2;
        image.width = number(1, kMaxSide);
        image.height = number(1, kMaxSide);
        image.most = number(1, kMaxValue);
        ++at_;  // the one white space after the numbers
        const std::int64_t count = image.width * image.height * image.channels;
        const std::int64_t smallest = count * (isText || image.most < 256 ? 1 : 2);
        if (at_ > bytes_.size() || static_cast<std::int64_t>(bytes_.size() - at_) < smallest) fail("is truncated");
        image.samples.reserve(static_cast<std::size_t>(count));
        for (std::int64_t i = 0; i < count; ++i)
            image.samples.push_back(isText ? static_cast<std::uint16_t>(number(0, image.most)) : sample(image.most));
        return image;
    }

private:
    [[noreturn]] void fail(const std::string& what) const { throw Error(ErrorCode::badInput, path_ + ": " + what); }

    std::int64_t number(std::int64_t least, std::int64_t most) {
        for (; at_ < bytes_.size(); ++at_) {
            if (bytes_[at_] == '#') at_ = std::min(bytes_.find('\n', at_), bytes_.size() - 1);
            else if (std::isspace(static_cast<unsigned char>(bytes_[at_])) == 0) break;
        }
        std::int64_t value = 0;
        const std::size_t begin = at_;
        for (; at_ < bytes_.size() && std::isdigit(static_cast<unsigned char>(bytes_[at_])) != 0 && at_ - begin < 9; ++at_)
            value = value * 10 + (bytes_[at_] - '0');
        if (at_ == begin || value < least || value > most)
            fail(fmt::format("a number from {} to {} is wanted at byte {}", least, most, begin));
        return value;
    }

    std::uint16_t sample(std::int64_t most) {
        const auto byte = [&] { return static_cast<unsigned char>(bytes_[at_++]); };
        if (most < 256) return byte();
        const unsigned high = byte();
        return static_cast<std::uint16_t>(high << 8U | byte());
    }

    const std::string& path_;
    std::string bytes_;
    std::size_t at_ = 0;
};

bool isFixedTo(const Dim& d, std::int64_t value) { return !d.isNamed() && d.value() == value; }

// Dims of the tensor, and whether channels lie together.
std::pair<Dims, bool> placement(const Image& image, const IoInfo& input) {
    const std::size_t rank = input.rankKnown ? input.dims.size() : 4;
    const bool together = rank >= 3 && input.rankKnown && isFixedTo(input.dims[rank - 1], image.channels) &&
                          !isFixedTo(input.dims[rank - 3], image.channels);
    Dims dims = together ? Dims{image.height, image.width, image.channels} : Dims{image.channels, image.height, image.width};
    if (rank == 2 && image.channels == 1) dims = {image.height, image.width};
    while (dims.size() < rank)
        dims.insert(dims.begin(), 1);
    return {dims, together};
}
}  // namespace

TensorValue readImage(const std::string& path, const IoInfo& input) {
    const Image image = ImageReader(path)();
    if (!(sdk::f32 | sdk::f16 | sdk::u8).has(input.type))
        throw Error(ErrorCode::badInput, fmt::format("{}: an image fits float32, float16 or uint8, and input '{}' is {}", path,
                                                     input.name, typeName(input.type)));
    const auto [dims, together] = placement(image, input);
    bool fits = !input.rankKnown || dims.size() == input.dims.size();
    for (std::size_t i = 0; fits && input.rankKnown && i < dims.size(); ++i)
        fits = input.dims[i].isNamed() || input.dims[i].value() == dims[i];
    if (!fits)
        throw Error(ErrorCode::badInput,
                    fmt::format("{}: is {} channels of {} rows and {} columns, which does not fit input '{}'", path,
                                image.channels, image.height, image.width, input.name));
    TensorValue value{input.type, dims, Blob::allocate(byteSize(input.type, dims))};
    sdk::dispatch<sdk::f32 | sdk::f16 | sdk::u8>(input.type, [&]<class T>() {
        T* to = reinterpret_cast<T*>(value.data.mutableData());
        const std::int64_t pixels = image.height * image.width;
        for (std::int64_t p = 0; p < pixels; ++p)
            for (std::int64_t c = 0; c < image.channels; ++c) {
                const std::uint16_t s = image.samples[static_cast<std::size_t>(p * image.channels + c)];
                T& slot = to[together ? p * image.channels + c : c * pixels + p];
                if constexpr (sdk::isFloating<T>) slot = T(static_cast<float>(s) / static_cast<float>(image.most));
                else slot = static_cast<T>(image.most > 255 ? s >> 8 : s);
            }
    });
    return value;
}

}  // namespace tenon::cli
