#include "npy.h"

#include <tenon/builder.h>
#include <tenon/error.h>

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "file_bytes.h"

namespace tenon::cli {

namespace {
constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMaxRank = 32;

struct TypeCode {
    DataType type;
    const char* code;  // after the byte order
};
constexpr std::array kCodes = {
    TypeCode{DataType::boolean, "b1"}, TypeCode{DataType::c128, "c16"}, TypeCode{DataType::c64, "c8"},
    TypeCode{DataType::f16, "f2"},     TypeCode{DataType::f32, "f4"},   TypeCode{DataType::f64, "f8"},
    TypeCode{DataType::i8, "i1"},      TypeCode{DataType::i16, "i2"},   TypeCode{DataType::i32, "i4"},
    TypeCode{DataType::i64, "i8"},     TypeCode{DataType::u8, "u1"},    TypeCode{DataType::u16, "u2"},
    TypeCode{DataType::u32, "u4"},     TypeCode{DataType::u64, "u8"},
};

// The header: a Python dictionary with the keys descr, fortran_order and shape, in any order.
class HeaderReader {
public:
    HeaderReader(const std::string& path, std::string text) : path_(path), text_(std::move(text)) {}

    TensorValue operator()() {
        expect('{');
        while (!take('}')) {
            const std::string key = quoted();
            expect(':');
            if (key == "descr") value_.type = type();
            else if (key == "fortran_order") rowMajor();
            else if (key == "shape") shape();
            else fail("unknown key '" + key + "'");
            if (!take(',') && !peek('}')) fail("',' or '}' is missing");
        }
        if (value_.type == DataType::undefined || !hasShape_) fail("descr or shape is missing");
        return value_;
    }

private:
    [[noreturn]] void fail(const std::string& what) const {
        throw Error(ErrorCode::badInput, path_ + ": damaged .npy header: " + what);
    }
    bool peek(char c) {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n'))
            ++at_;
        return at_ < text_.size() && text_[at_] == c;
    }
    bool take(char c) {
        if (!peek(c)) return false;
        ++at_;
        return true;
    }
    void expect(char c) {
        if (!take(c)) fail(std::string("'") + c + "' is missing");
    }
    std::string quoted() {
        const char quote = peek('"') ? '"' : '\'';
        expect(quote);
        const std::size_t end = text_.find(quote, at_);
        if (end == std::string::npos) fail("a string has no end");
        const std::string s = text_.substr(at_, end - at_);
        at_ = end + 1;
        return s;
    }
    DataType type() {
        if (peek('[')) throw Error(ErrorCode::badInput, path_ + ": holds records; an array of numbers is wanted");
        const std::string descr = quoted();
        for (const TypeCode& c : kCodes)
            if (descr.size() > 1 && descr.substr(1) == c.code && (descr[0] == '<' || descr[0] == '|')) return c.type;
        throw Error(ErrorCode::badInput,
                    path_ + ": elements of type '" + descr + "' are not supported; little-endian numbers and bools are");
    }
    void rowMajor() {
        if (peek('F') && text_.compare(at_, 5, "False") == 0) at_ += 5;
        else if (peek('T') && text_.compare(at_, 4, "True") == 0)
            throw Error(ErrorCode::badInput, path_ + ": is in Fortran order; save it with numpy.ascontiguousarray");
        else fail("fortran_order is neither True nor False");
    }
    void shape() {
        hasShape_ = true;
        expect('(');
        while (!take(')')) {
            peek(' ');
            char* end = nullptr;
            errno = 0;
            const long long dim = std::strtoll(text_.c_str() + at_, &end, 10);
            if (end == text_.c_str() + at_ || errno != 0 || dim < 0) fail("a dimension is no number, or negative");
            at_ = static_cast<std::size_t>(end - text_.c_str());
            if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // written by Python 2
            value_.dims.push_back(dim);
            if (value_.dims.size() > kMaxRank) fail("too many dimensions");
            if (!take(',') && !peek(')')) fail("',' or ')' is missing");
        }
    }

    const std::string& path_;
    std::string text_;
    std::size_t at_ = 0;
    bool hasShape_ = false;
    TensorValue value_;
};

std::uint32_t littleEndian(const std::string& bytes, std::size_t at, std::size_t count) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
        value |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
    return value;
}
}  // namespace

TensorValue readNpy(const std::string& path) {
    const std::string bytes = readFileBytes(path);
    const auto fail = [&](const std::string& what) { throw Error(ErrorCode::badInput, path + ": " + what); };
    if (bytes.size() < 12 || !bytes.starts_with(kMagic)) fail("is not a .npy file");
    const int version = bytes[6];
    if (version < 1 || version > 3) fail(fmt::format("has .npy version {}; 1 to 3 are known", version));
    const std::size_t lengthBytes = version == 1 ? 2 : 4;
    const std::size_t header = kMagic.size() + 2 + lengthBytes;
    const std::size_t length = littleEndian(bytes, kMagic.size() + 2, lengthBytes);
    if (length > bytes.size() - header) fail("is truncated");
    TensorValue value = HeaderReader(path, bytes.substr(header, length))();
    const std::size_t wanted = byteSize(value.type, value.dims);
    const std::size_t found = bytes.size() - header - length;
    if (wanted != found) fail(fmt::format("shape {} needs {} bytes, the file has {}", toString(value.dims), wanted, found));
    value.data = Blob::copyOf(bytes.data() + header + length, wanted);
    if (value.type == DataType::boolean)
        for (std::size_t i = 0; i < wanted; ++i)
            value.data.mutableData()[i] = std::byte{value.data.data()[i] != std::byte{0}};
    return value;
}

void writeNpy(const std::string& path, const TensorValue& value) {
    const char* code = nullptr;
    for (const TypeCode& c : kCodes)
        if (c.type == value.type) code = c.code;
    if (code == nullptr)
        throw Error(ErrorCode::badInput,
                    fmt::format("{}: NumPy has no {}; use a name that ends in .pb", path, typeName(value.type)));
    std::string shape;
    for (const std::int64_t d : value.dims)
        shape += std::to_string(d) + ",";
    std::string header = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}), }}",
                                     code[1] == '1' && code[2] == 0 ? '|' : '<', code, shape);
    constexpr std::size_t kPreamble = 10, kAlignment = 64;
    header.append(kAlignment - (kPreamble + header.size() + 1) % kAlignment, ' ');
    header += '\n';
    std::string bytes(kMagic);
    bytes += {1, 0, static_cast<char>(header.size() & 0xFF), static_cast<char>(header.size() >> 8)};
    bytes += header;
    if (value.data.size() > 0) bytes.append(reinterpret_cast<const char*>(value.data.data()), byteSize(value.type, value.dims));
    writeFile(path, std::as_bytes(std::span(bytes)));
}

}  // namespace tenon::cli
