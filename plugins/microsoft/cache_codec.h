// How the vectors of keys or values lie in a cache: as they are, or as codes of 8 or 4 bits, number = code scale, with one scale
// or one for each element of each head.
#pragma once

#include "../reference/quantization.h"

namespace tenon::microsoft {

class CacheCodec {
public:
    // `bits` says whether uint8 holds codes of 8 bits or two of 4 bits each, less 8.
    CacheCodec(const sdk::Launch& l, sdk::DataType type, int scaleInput, std::int64_t bits, std::int64_t size)
        : type_(type), scale_(l, scaleInput), size_(size), isHalved_(type == sdk::DataType::u8 && bits == 4) {
        hasScales_ = l.hasInput(scaleInput) && sdk::elementCount(l.inputDesc(scaleInput).dims) > 1;
    }
    bool isPlain() const { return sdk::floats.has(type_); }
    // Bytes of one vector.
    std::int64_t bytes() const { return isHalved_ ? (size_ + 1) / 2 : size_ * sdk::elementBits(type_) / 8; }

    template <class E>
    void read(const std::byte* from, std::int64_t head, E* to) const {
        if (isPlain()) {
            std::memcpy(to, from, static_cast<std::size_t>(bytes()));
            return;
        }
        for (std::int64_t i = 0; i < size_; ++i)
            to[i] = E(static_cast<float>(code(from, i)) * scale(head, i));
    }
    template <class E>
    void write(const E* from, std::int64_t head, std::byte* to) const {
        if (isPlain()) {
            std::memcpy(to, from, static_cast<std::size_t>(bytes()));
            return;
        }
        for (std::int64_t i = 0; i < size_; ++i)
            setCode(to, i, static_cast<float>(sdk::Compute<E>(from[i])) / scale(head, i));
    }

private:
    float scale(std::int64_t head, std::int64_t i) const { return static_cast<float>(scale_[hasScales_ ? head * size_ + i : 0]); }
    float code(const std::byte* from, std::int64_t i) const {
        const auto byte = static_cast<std::uint8_t>(from[isHalved_ ? i / 2 : i]);
        if (isHalved_) return static_cast<float>((byte >> (i % 2 * 4) & 15) - 8);
        if (type_ == sdk::DataType::f8e4m3fn) return sdk::Float8E4M3FN::decode(byte);
        return type_ == sdk::DataType::i8 ? static_cast<float>(static_cast<std::int8_t>(byte)) : static_cast<float>(byte - 128);
    }
    void setCode(std::byte* to, std::int64_t i, float v) const {
        const double rounded = std::nearbyint(static_cast<double>(v));
        if (type_ == sdk::DataType::f8e4m3fn) to[i] = static_cast<std::byte>(sdk::Float8E4M3FN::encode(v, true));
        else if (type_ == sdk::DataType::i8) to[i] = static_cast<std::byte>(reference::toInteger<std::int8_t>(rounded));
        else if (!isHalved_) to[i] = static_cast<std::byte>(reference::toInteger<std::uint8_t>(rounded + 128));
        else {
            const auto nibble = static_cast<std::byte>(reference::toInteger<std::uint8_t>(std::clamp(rounded, -8.0, 7.0) + 8));
            to[i / 2] = i % 2 == 0 ? nibble : to[i / 2] | nibble << 4;
        }
    }
    sdk::DataType type_;
    reference::ElementReader scale_;
    std::int64_t size_;
    bool isHalved_, hasScales_ = false;
};

}  // namespace tenon::microsoft
