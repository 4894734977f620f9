// Data types, memory layouts and tensor descriptors.
#pragma once

#include <stdint.h>

namespace tenon::abi {

// The numbers are those of ONNX's TensorProto.DataType and are persisted in plans.
enum class DataType : int32_t {
    undefined = 0,  // an absent optional tensor
    f32 = 1,
    u8 = 2,
    i8 = 3,
    u16 = 4,
    i16 = 5,
    i32 = 6,
    i64 = 7,
    string = 8,  // elements are StringRef
    boolean = 9,
    f16 = 10,
    f64 = 11,
    u32 = 12,
    u64 = 13,
    c64 = 14,   // two f32
    c128 = 15,  // two f64
    bf16 = 16,
    f8e4m3fn = 17,
    f8e4m3fnuz = 18,
    f8e5m2 = 19,
    f8e5m2fnuz = 20,
    u4 = 21,  // two elements a byte, the first in the low half
    i4 = 22,
    f4e2m1 = 23,
    f8e8m0 = 24,
};
constexpr int32_t kDataTypeCount = 25;

// A value that is a list of tensors has a composite type: flags over the type of the tensors' elements. Where several are
// set, an optional holds a sequence, a sequence holds maps. Its tensor has rank 0 and holds one ListRef.
constexpr int32_t kMapInt64Flag = 64;    // keys are i64, the element type is that of the values
constexpr int32_t kMapStringFlag = 128;  // keys are strings
constexpr int32_t kSequenceFlag = 256;
constexpr int32_t kOptionalFlag = 512;
constexpr int32_t kCompositeFlags = kMapInt64Flag | kMapStringFlag | kSequenceFlag | kOptionalFlag;

constexpr DataType withFlags(DataType element, int32_t flags) { return DataType(int32_t(element) | flags); }
constexpr int32_t flagsOf(DataType type) { return int32_t(type) & kCompositeFlags; }
constexpr bool isComposite(DataType type) { return flagsOf(type) != 0; }
// The type of the elements of the tensors inside.
constexpr DataType elementOf(DataType type) { return DataType(int32_t(type) & ~kCompositeFlags); }
// The type of what a sequence or an optional holds.
constexpr DataType itemOf(DataType type) {
    return DataType(int32_t(type) & ~((int32_t(type) & kOptionalFlag) != 0 ? kOptionalFlag : kSequenceFlag));
}
// Whether the code is one that this header gives a meaning.
constexpr bool isDataType(int32_t code) {
    return code >= 0 && code < 2 * kOptionalFlag && (code & ~kCompositeFlags) < kDataTypeCount &&
           (code & (kMapInt64Flag | kMapStringFlag)) != (kMapInt64Flag | kMapStringFlag);
}

// How the elements of a tensor with logical dims (N, C, spatial...) lie in memory.
enum class Layout : int32_t {
    linear = 0,        // row-major in logical order; any rank
    channelsLast = 1,  // N, spatial..., C; rank >= 3
    blocked4 = 2,      // N, ceil(C/k), spatial..., k with k = 4; rank >= 3;
    blocked8 = 3,      // the channels that pad C up to a multiple of k hold zeros:
    blocked16 = 4,     // whoever writes the tensor writes them
    blocked32 = 5,
    opaque = 6,  // bytes only their producer understands (prepacked constants)
};
constexpr int32_t kLayoutCount = 7;

// Where a tensor's memory is, seen from the plugin that uses it.
enum class Location : int32_t {
    host = 0,
    device = 1,  // memory of the device that the plugin's creator names
};

constexpr int32_t kMaxRank = 16;

struct Dims {
    int32_t rank;
    int64_t d[kMaxRank];  // -1: not known yet (only in DynamicTensorDesc::desc)
};

struct TensorDesc {
    Dims dims;  // logical order, whatever the layout
    DataType type;
    Layout layout;
    Location location;
    uint32_t reserved;
};

// A tensor's descriptor while shapes may still vary within a profile.
struct DynamicTensorDesc {
    TensorDesc desc;  // -1 where a dimension varies
    Dims min;
    Dims opt;
    Dims max;
};

// One element of a string tensor; the bytes belong to the tensor's owner and carry no trailing zero.
struct StringRef {
    const char* data;
    uint64_t size;
};

// A dense tensor in host memory, linear layout. The bytes belong to whoever made it.
struct FieldTensor {
    TensorDesc desc;
    const void* data;
    uint64_t size;  // bytes
};

// The one element of a tensor of composite type: the items of a sequence; the item of an optional, if it has one; the keys and
// the values of a map, both of rank 1. Items and their bytes belong to the tensor's owner.
struct ListRef {
    const FieldTensor* items;
    uint64_t count;
};

}  // namespace tenon::abi
