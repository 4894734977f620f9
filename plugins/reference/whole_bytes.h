// Elements of 4 bits, for kernels that know whole bytes only: each becomes a byte of a type that has all of its values.
#pragma once

#include <tenon/sdk/sdk.h>

namespace tenon::reference {

inline sdk::DataType wholeByteType(sdk::DataType type) {
    switch (type) {
        case sdk::DataType::u4: return sdk::DataType::u8;
        case sdk::DataType::i4: return sdk::DataType::i8;
        case sdk::DataType::f4e2m1: return sdk::DataType::f8e4m3fn;
        default: return type;
    }
}

// The 8-bit float with the value of a float4e2m1, and back.
inline constexpr std::array<std::uint8_t, 8> kFloat4Magnitudes{0x00, 0x30, 0x38, 0x3C, 0x40, 0x44, 0x48, 0x4C};
inline std::uint8_t widenedFloat4(std::uint8_t code) {
    return static_cast<std::uint8_t>((code & 8U) << 4 | kFloat4Magnitudes[code & 7U]);
}
inline std::uint8_t float4Code(std::uint8_t widened) {
    const auto at = std::ranges::find(kFloat4Magnitudes, widened & 0x7FU);
    return static_cast<std::uint8_t>((widened >> 4 & 8U) | static_cast<std::uint8_t>(at - kFloat4Magnitudes.begin()));
}

// The elements of a 4-bit type as whole bytes, and back; of integers the low bits.
inline void unpackHalfBytes(sdk::DataType type, const void* packed, std::int64_t count, std::uint8_t* to) {
    const auto* from = static_cast<const std::uint8_t*>(packed);
    sdk::parallelFor(count, 65536, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const auto code = static_cast<std::uint8_t>(from[i / 2] >> (i % 2 * 4) & 0xFU);
            if (type == sdk::DataType::i4) to[i] = static_cast<std::uint8_t>((code ^ 8U) - 8U);
            else to[i] = type == sdk::DataType::f4e2m1 ? widenedFloat4(code) : code;
        }
    });
}
inline void packHalfBytes(sdk::DataType type, const std::uint8_t* from, std::int64_t count, void* packed) {
    auto* to = static_cast<std::uint8_t*>(packed);
    const auto code = [&](std::int64_t i) {
        if (i == count) return std::uint8_t{0};
        return type == sdk::DataType::f4e2m1 ? float4Code(from[i]) : static_cast<std::uint8_t>(from[i] & 0xFU);
    };
    sdk::parallelFor((count + 1) / 2, 32768, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i)
            to[i] = static_cast<std::uint8_t>(code(2 * i) | code(2 * i + 1) << 4);
    });
}

// A launch in which tensors of 4-bit elements lie in bytes of this object.
class WholeByteLaunch {
public:
    explicit WholeByteLaunch(const sdk::Launch& l) {
        for (int i = 0; i < l.inputCount(); ++i) {
            descs_.push_back(l.inputDesc(i));
            inputs_.push_back(l.inputData(i));
            if (!isPacked(l.inputType(i))) continue;
            std::vector<std::uint8_t>& bytes = staged(descs_.back());
            unpackHalfBytes(l.inputType(i), l.inputData(i), sdk::elementCount(l.inputDesc(i).dims), bytes.data());
            inputs_.back() = bytes.data();
        }
        for (int i = 0; i < l.outputCount(); ++i) {
            descs_.push_back(l.outputDesc(i));
            outputs_.push_back(l.outputData(i));
            if (isPacked(l.outputType(i))) outputs_.back() = staged(descs_.back()).data();
        }
        args_ = {descs_.data(),  descs_.data() + l.inputCount(),
                 inputs_.data(), outputs_.data(),
                 l.workspace(),  l.workspaceSize(),
                 l.stream(),     l.inputCount(),
                 l.outputCount()};
    }
    const abi::EnqueueArgs& args() const { return args_; }
    void packOutputs(const sdk::Launch& l) const {
        for (int i = 0; i < l.outputCount(); ++i)
            if (isPacked(l.outputType(i)))
                packHalfBytes(l.outputType(i), static_cast<const std::uint8_t*>(outputs_[static_cast<std::size_t>(i)]),
                              sdk::elementCount(l.outputDesc(i).dims), l.outputData(i));
    }
    static bool isPacked(sdk::DataType type) { return sdk::halfBytes.has(type); }

private:
    std::vector<std::uint8_t>& staged(abi::TensorDesc& desc) {
        desc.type = wholeByteType(desc.type);
        return bytes_.emplace_back(static_cast<std::size_t>(std::max<std::int64_t>(1, sdk::elementCount(desc.dims))));
    }
    std::vector<abi::TensorDesc> descs_;
    std::vector<const void*> inputs_;
    std::vector<void*> outputs_;
    std::vector<std::vector<std::uint8_t>> bytes_;
    abi::EnqueueArgs args_{};
};

// Base of an operator that may meet 4-bit elements: Op::runWhole(const Launch&) sees them as whole bytes. The layer keeps the
// types that the tensors have.
template <class Op>
struct OnWholeBytes {
    void run(const sdk::Launch& l) const {
        const Op& op = static_cast<const Op&>(*this);
        bool anyPacked = false;
        for (int i = 0; i < l.inputCount(); ++i)
            anyPacked = anyPacked || WholeByteLaunch::isPacked(l.inputType(i));
        for (int i = 0; i < l.outputCount(); ++i)
            anyPacked = anyPacked || WholeByteLaunch::isPacked(l.outputType(i));
        if (!anyPacked) return op.runWhole(l);
        const WholeByteLaunch whole(l);
        op.runWhole(sdk::Launch(whole.args(), l.layer()));
        whole.packOutputs(l);
    }
};

}  // namespace tenon::reference
