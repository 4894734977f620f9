// Type sets and the signature (format rows) of an operator.
#pragma once

#include <tenon/sdk/number.h>

#include <array>
#include <span>

namespace tenon::sdk {

// A set of data types: one bit for each.
struct TypeSet {
    std::uint64_t bits = 0;
    constexpr bool has(DataType type) const {
        const auto i = static_cast<unsigned>(type);
        return i < 64 && ((bits >> i) & 1U) != 0;
    }
};
constexpr TypeSet operator|(TypeSet a, TypeSet b) { return {a.bits | b.bits}; }
constexpr TypeSet operator-(TypeSet a, TypeSet b) { return {a.bits & ~b.bits}; }
constexpr TypeSet setOf(DataType type) { return {std::uint64_t{1} << static_cast<int>(type)}; }

inline constexpr TypeSet f32 = setOf(DataType::f32), f64 = setOf(DataType::f64), f16 = setOf(DataType::f16),
                         bf16 = setOf(DataType::bf16);
inline constexpr TypeSet u8 = setOf(DataType::u8), i8 = setOf(DataType::i8), u16 = setOf(DataType::u16),
                         i16 = setOf(DataType::i16), u32 = setOf(DataType::u32), i32 = setOf(DataType::i32),
                         u64 = setOf(DataType::u64), i64 = setOf(DataType::i64);
inline constexpr TypeSet boolean = setOf(DataType::boolean), str = setOf(DataType::string);
inline constexpr TypeSet c64 = setOf(DataType::c64), c128 = setOf(DataType::c128);
inline constexpr TypeSet float8s =
    setOf(DataType::f8e4m3fn) | setOf(DataType::f8e4m3fnuz) | setOf(DataType::f8e5m2) | setOf(DataType::f8e5m2fnuz);
inline constexpr TypeSet f8e8m0 = setOf(DataType::f8e8m0);
inline constexpr TypeSet halfBytes = setOf(DataType::u4) | setOf(DataType::i4) | setOf(DataType::f4e2m1);
inline constexpr TypeSet floats = f32 | f64 | f16 | bf16;
inline constexpr TypeSet signedInts = i8 | i16 | i32 | i64, unsignedInts = u8 | u16 | u32 | u64, ints = signedInts | unsignedInts;
inline constexpr TypeSet numeric = floats | ints;
inline constexpr TypeSet fixedSize = numeric | boolean | c64 | c128 | float8s | f8e8m0;  // whole bytes, copied freely
inline constexpr TypeSet anyType = fixedSize | str;

inline constexpr std::uint32_t kAllLayouts = 0x3F;  // bit per Layout, without opaque
constexpr std::uint32_t layoutBit(Layout layout) { return 1U << static_cast<int>(layout); }

// What one tensor position may hold. Positions of one row with the same variable have the same type.
struct Slot {
    TypeSet types;
    char variable = 0;
    bool isOptional = false;
    bool isVariadic = false;  // last input or output, repeated
    std::int32_t flags = 0;   // of a composite type, `types` is then of the elements inside; kAnyFlags: tensor or composite
    std::uint32_t layouts = layoutBit(Layout::linear);
    constexpr Slot(TypeSet set, char name = 0) : types(set), variable(name) {}  // NOLINT: row(f32, f32)
    constexpr Slot() = default;
    constexpr Slot as(Layout layout) const { return with(layoutBit(layout)); }
    constexpr Slot with(std::uint32_t layoutBits) const {
        Slot s = *this;
        s.layouts = layoutBits;
        return s;
    }
};
constexpr Slot var(char name, TypeSet types) { return Slot(types, name); }
constexpr Slot optional(Slot slot) {
    slot.isOptional = true;
    return slot;
}
constexpr Slot variadic(Slot slot) {
    slot.isVariadic = true;
    return slot;
}
constexpr Slot composite(std::int32_t flags, Slot slot) {
    slot.flags |= flags;
    return slot;
}
constexpr Slot sequence(Slot slot) { return composite(abi::kSequenceFlag, slot); }
// A value of ONNX's optional type; an input that may be absent is optional(slot).
constexpr Slot optionalValue(Slot slot) { return composite(abi::kOptionalFlag, slot); }
constexpr Slot mapFromInt64(Slot slot) { return composite(abi::kMapInt64Flag, slot); }
constexpr Slot mapFromString(Slot slot) { return composite(abi::kMapStringFlag, slot); }

// Tensors, sequences, optionals and maps alike.
constexpr std::int32_t kAnyFlags = -1;
constexpr Slot orComposite(Slot slot) {
    slot.flags = kAnyFlags;
    return slot;
}

// Whether a tensor of this type may stand in the slot.
constexpr bool takes(const Slot& slot, DataType type) {
    return (slot.flags == kAnyFlags || abi::flagsOf(type) == slot.flags) && slot.types.has(abi::elementOf(type));
}
// What the slot's variable is bound to, and back.
constexpr DataType boundType(const Slot& slot, DataType type) { return slot.flags == kAnyFlags ? type : abi::elementOf(type); }
constexpr DataType slotType(const Slot& slot, DataType bound) {
    return slot.flags == kAnyFlags ? bound : abi::withFlags(bound, slot.flags);
}

inline constexpr int kMaxSlots = 12;

struct Slots {
    std::array<Slot, kMaxSlots> slot{};
    int count = 0;
    constexpr bool isVariadic() const { return count > 0 && slot[static_cast<std::size_t>(count - 1)].isVariadic; }
    // The slot of position i, or null when there is none.
    constexpr const Slot* at(int i) const {
        if (i < count) return &slot[static_cast<std::size_t>(i)];
        return isVariadic() ? &slot[static_cast<std::size_t>(count - 1)] : nullptr;
    }
    constexpr int required() const {
        int n = 0;
        for (int i = 0; i < count; ++i)
            if (!slot[static_cast<std::size_t>(i)].isOptional) n = i + 1;
        return n;
    }
};
template <class... S>
constexpr Slots in(S... s) {
    static_assert(sizeof...(S) <= kMaxSlots);
    return Slots{{Slot(s)...}, static_cast<int>(sizeof...(S))};
}
template <class... S>
constexpr Slots out(S... s) {
    return in(s...);
}

// One accepted combination.
struct Row {
    Slots inputs;
    Slots outputs;
    bool sameLayout = false;  // all tensors in one layout, whichever it is; see anyLayout()
    // For operators that treat every element alike: also channels-last and channel-blocked (whole blocks only), when
    // all tensors have the same dims.
    constexpr Row anyLayout() const {
        Row r = *this;
        r.sameLayout = true;
        return r;
    }
};
constexpr Row row(Slots inputs, Slots outputs) { return Row{inputs, outputs}; }
// row(a, b, c): inputs a and b, output c.
template <class... S>
requires(sizeof...(S) >= 2 && (std::is_convertible_v<S, Slot> && ...)) constexpr Row row(S... s) {
    const std::array<Slot, sizeof...(S)> all{Slot(s)...};
    Row r;
    for (std::size_t i = 0; i + 1 < sizeof...(S); ++i)
        r.inputs.slot[i] = all[i];
    r.inputs.count = static_cast<int>(sizeof...(S)) - 1;
    r.outputs.slot[0] = all[sizeof...(S) - 1];
    r.outputs.count = 1;
    return r;
}
template <class... R>
constexpr std::array<Row, sizeof...(R)> rows(R... r) {
    return {r...};
}

constexpr int blockOf(Layout layout) {
    switch (layout) {
        case Layout::blocked4: return 4;
        case Layout::blocked8: return 8;
        case Layout::blocked16: return 16;
        case Layout::blocked32: return 32;
        default: return 0;
    }
}

inline bool sameDims(const abi::Dims& a, const abi::Dims& b) {
    if (a.rank != b.rank) return false;
    for (int i = 0; i < a.rank; ++i)
        if (a.d[i] != b.d[i]) return false;
    return true;
}

// A layout that makes sense for these dims: images have rank >= 3.
inline bool layoutFits(const abi::TensorDesc& desc) {
    if (desc.layout == Layout::linear) return true;
    return desc.layout != Layout::opaque && desc.dims.rank >= 3;
}

inline bool sharedLayoutFits(const abi::TensorDesc& first, const abi::TensorDesc& desc, int inputCount) {
    if (desc.layout != first.layout) return false;
    if (desc.layout == Layout::linear) return true;
    if (desc.layout == Layout::opaque || desc.dims.rank < 3 || !sameDims(first.dims, desc.dims)) return false;
    for (int i = 1; inputCount > 1 && i < desc.dims.rank; ++i)
        if (desc.dims.d[i] < 0) return false;  // two unknown extents need not be equal
    const int block = blockOf(desc.layout);
    return block == 0 || (desc.dims.d[1] > 0 && desc.dims.d[1] % block == 0);
}

// Whether positions 0..pos of the layer fit the row.
inline bool fits(const Row& row, int pos, const abi::TensorDesc* inOut, int inputCount) {
    std::array<DataType, 128> bound{};
    for (int i = 0; i <= pos; ++i) {
        const bool isInput = i < inputCount;
        const Slot* slot = isInput ? row.inputs.at(i) : row.outputs.at(i - inputCount);
        const abi::TensorDesc& desc = inOut[i];
        if (slot == nullptr) return false;
        if (desc.type == DataType::undefined) {
            if (isInput && !slot->isOptional) return false;
            continue;
        }
        if (!takes(*slot, desc.type)) return false;
        if (slot->variable != 0) {
            const DataType element = boundType(*slot, desc.type);
            DataType& known = bound[static_cast<std::size_t>(slot->variable)];
            if (known != DataType::undefined && known != element) return false;
            known = element;
        }
        const bool layoutOk = row.sameLayout ? sharedLayoutFits(inOut[0], desc, inputCount)
                                             : (slot->layouts & layoutBit(desc.layout)) != 0 && layoutFits(desc);
        if (!layoutOk) return false;
    }
    return true;
}

}  // namespace tenon::sdk
