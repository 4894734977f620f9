#include "tensor_values.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <map>

namespace tenon::check {

namespace {
using abi::DataType;

struct TypeFacts {
    int bits;
    const char* name;
};
// By ONNX's number.
constexpr std::array<TypeFacts, abi::kDataTypeCount> kTypes{{
    {0, "absent"},         {32, "float32"},  {8, "uint8"},        {8, "int8"},           {16, "uint16"},
    {16, "int16"},         {32, "int32"},    {64, "int64"},       {128, "string"},       {8, "bool"},
    {16, "float16"},       {64, "float64"},  {32, "uint32"},      {64, "uint64"},        {64, "complex64"},
    {128, "complex128"},   {16, "bfloat16"}, {8, "float8e4m3fn"}, {8, "float8e4m3fnuz"}, {8, "float8e5m2"},
    {8, "float8e5m2fnuz"}, {4, "uint4"},     {4, "int4"},         {4, "float4e2m1"},     {8, "float8e8m0"},
}};

int blockOf(abi::Layout layout) {
    switch (layout) {
        case abi::Layout::blocked4: return 4;
        case abi::Layout::blocked8: return 8;
        case abi::Layout::blocked16: return 16;
        case abi::Layout::blocked32: return 32;
        default: return 0;
    }
}

// Calls body(first byte, bytes) for every padding run of a blocked tensor.
void forPadding(const abi::TensorDesc& desc, const std::function<void(std::size_t, std::size_t)>& body) {
    const std::int64_t block = blockOf(desc.layout);
    if (block == 0 || desc.dims.d[1] % block == 0) return;
    const auto element = static_cast<std::int64_t>(elementBits(desc.type) / 8);
    const std::int64_t channels = desc.dims.d[1], blocks = (channels + block - 1) / block, used = channels % block;
    std::int64_t spatial = 1;
    for (int i = 2; i < desc.dims.rank; ++i)
        spatial *= desc.dims.d[i];
    for (std::int64_t n = 0; n < desc.dims.d[0]; ++n)
        for (std::int64_t s = 0; s < spatial; ++s)
            body(static_cast<std::size_t>((((n * blocks + blocks - 1) * spatial + s) * block + used) * element),
                 static_cast<std::size_t>((block - used) * element));
}

template <class T>
void put(std::byte* data, std::size_t i, T value) {
    std::memcpy(data + i * sizeof value, &value, sizeof value);
}

// In [-2, 2), by bits, for floats of 16 bits with this many bits of mantissa.
std::uint16_t smallFloat(RandomSource& random, int mantissa) {
    const int exponentBias = mantissa == 10 ? 15 : 127;
    const auto exponent = static_cast<std::uint16_t>(exponentBias - random.between(0, 3));
    const std::uint16_t fraction = static_cast<std::uint16_t>(random.next()) & static_cast<std::uint16_t>((1U << mantissa) - 1U);
    return static_cast<std::uint16_t>((random.next() & 0x8000U) | static_cast<unsigned>(exponent << mantissa) | fraction);
}

float number(RandomSource& random) { return static_cast<float>(random.between(-2000, 2000)) / 1000.0F; }

// What a map without entries refers to.
abi::ListRef emptyMap(DataType type) {
    static constexpr std::int64_t kNothing = 0;
    static constexpr auto kEntry = [](DataType t) {
        return abi::FieldTensor{{{1, {0}}, t, abi::Layout::linear, abi::Location::host, 0}, &kNothing, 0};
    };
    static std::map<DataType, std::array<abi::FieldTensor, 2>> maps;
    const bool hasTexts = (abi::flagsOf(type) & abi::kMapStringFlag) != 0;
    auto& map = maps[type];
    map = {kEntry(hasTexts ? DataType::string : DataType::i64), kEntry(abi::elementOf(type))};
    return {map.data(), map.size()};
}

// A list without items, or text, or a number.
void putElement(DataType type, std::byte* data, std::size_t i, std::int64_t integer, RandomSource& random) {
    static constexpr char kText[] = "abcdefg";
    constexpr std::int32_t kMaps = abi::kMapInt64Flag | abi::kMapStringFlag;
    if ((abi::flagsOf(type) & kMaps) != 0 && (abi::flagsOf(type) & ~kMaps) == 0) return put(data, i, emptyMap(type));
    if (abi::isComposite(type)) return put(data, i, abi::ListRef{nullptr, 0});
    switch (type) {
        case DataType::f32: return put(data, i, number(random));
        case DataType::f64: return put(data, i, double{number(random)});
        case DataType::c64: return put(data, i, std::array<float, 2>{number(random), number(random)});
        case DataType::c128: return put(data, i, std::array<double, 2>{number(random), number(random)});
        case DataType::f16: return put(data, i, smallFloat(random, 10));
        case DataType::bf16: return put(data, i, smallFloat(random, 7));
        case DataType::i64:
        case DataType::u64: return put(data, i, integer);
        case DataType::i32:
        case DataType::u32: return put(data, i, static_cast<std::int32_t>(integer));
        case DataType::i16:
        case DataType::u16: return put(data, i, static_cast<std::int16_t>(integer));
        case DataType::boolean: return put(data, i, static_cast<std::uint8_t>(random.chance(50)));
        case DataType::string: return put(data, i, abi::StringRef{kText, static_cast<std::uint64_t>(random.between(0, 7))});
        default: return put(data, i, static_cast<std::uint8_t>(random.chance(70) ? integer : random.between(0, 127)));
    }
}
}  // namespace

int elementBits(DataType type) {
    if (abi::isComposite(type)) return 8 * static_cast<int>(sizeof(abi::ListRef));
    const auto code = static_cast<std::int32_t>(type);
    return code < 0 || code >= abi::kDataTypeCount ? 0 : kTypes[static_cast<std::size_t>(code)].bits;
}

std::int64_t elementCount(const abi::Dims& dims) {
    std::int64_t n = 1;
    for (int i = 0; i < dims.rank; ++i)
        if (__builtin_mul_overflow(n, dims.d[i], &n)) return INT64_MAX;
    return n;
}

std::size_t byteSize(const abi::TensorDesc& desc) {
    abi::Dims dims = desc.dims;
    if (const int block = blockOf(desc.layout); block != 0) dims.d[1] = (dims.d[1] + block - 1) / block * block;
    return (static_cast<std::size_t>(elementCount(dims)) * static_cast<std::size_t>(elementBits(desc.type)) + 7) / 8;
}

abi::TensorDesc linearDesc(DataType type, const abi::Dims& dims) {
    return {dims, type, abi::Layout::linear, abi::Location::host, 0};
}

std::vector<std::byte> flatBytes(const abi::TensorDesc& desc, const void* data) {
    std::vector<std::byte> flat;
    const auto append = [&](const void* p, std::size_t size) {
        const auto* b = static_cast<const std::byte*>(p);
        flat.insert(flat.end(), b, b + size);
    };
    append(desc.dims.d, static_cast<std::size_t>(desc.dims.rank) * sizeof(std::int64_t));
    if (abi::isComposite(desc.type)) {
        const auto& list = *static_cast<const abi::ListRef*>(data);
        for (std::uint64_t i = 0; i < list.count; ++i) {
            const std::vector<std::byte> item = flatBytes(list.items[i].desc, list.items[i].data);
            append(item.data(), item.size());
        }
    } else if (desc.type == DataType::string) {
        for (std::int64_t i = 0; i < elementCount(desc.dims); ++i) {
            const auto& text = static_cast<const abi::StringRef*>(data)[i];
            append(&text.size, sizeof text.size);
            append(text.data, static_cast<std::size_t>(text.size));
        }
    } else if (byteSize(desc) > 0) {
        append(data, byteSize(desc));
    }
    return flat;
}

void fillRandom(const abi::TensorDesc& desc, std::byte* data, RandomSource& random) {
    enum Kind { constant, counting, mixed };
    const Kind kind = random.oneOf({constant, counting, mixed, mixed});
    const std::int64_t value = random.between(-1, 3);
    const std::size_t elementBytes = std::max(elementBits(desc.type) / 8, 1), count = byteSize(desc) / elementBytes;
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t integer = kind == constant   ? value
                                     : kind == counting ? static_cast<std::int64_t>(i)
                                                        : random.between(-1, 4);
        putElement(desc.type, data, i, integer, random);
    }
    forPadding(desc, [&](std::size_t at, std::size_t size) { std::memset(data + at, 0, size); });
}

bool isPaddingZero(const abi::TensorDesc& desc, const std::byte* data) {
    using enum DataType;
    const bool hasSign = desc.type == f32 || desc.type == f64 || desc.type == f16 || desc.type == bf16;
    const auto element = static_cast<std::size_t>(elementBits(desc.type) / 8);
    bool isZero = true;
    forPadding(desc, [&](std::size_t at, std::size_t size) {
        for (std::size_t i = at; i < at + size; ++i) {
            const bool isSignByte = hasSign && i % element == element - 1;  // -0 is a zero too
            isZero = isZero && (data[i] & (isSignByte ? std::byte{0x7F} : std::byte{0xFF})) == std::byte{0};
        }
    });
    return isZero;
}

std::string describe(DataType type, const abi::Dims& dims) {
    if (type == DataType::undefined) return "absent";
    const std::string element = elementBits(abi::elementOf(type)) == 0
                                    ? "type " + std::to_string(static_cast<std::int32_t>(type))
                                    : kTypes[static_cast<std::size_t>(abi::elementOf(type))].name;
    std::string s = abi::isComposite(type) ? "list of " + element : element;
    s += '[';
    for (int i = 0; i < dims.rank; ++i)
        s += (i > 0 ? "," : "") + std::to_string(dims.d[i]);
    return s + ']';
}

const char* layoutName(abi::Layout layout) {
    static constexpr const char* kNames[abi::kLayoutCount] = {"linear",    "channels_last", "blocked4", "blocked8",
                                                              "blocked16", "blocked32",     "opaque"};
    const auto i = static_cast<std::int32_t>(layout);
    return i < 0 || i >= abi::kLayoutCount ? "?" : kNames[i];
}

}  // namespace tenon::check
