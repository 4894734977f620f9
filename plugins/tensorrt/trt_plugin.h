// What TensorRT's plugin operators share: how they are named and versioned, their weights, and checks of dimensions.
#pragma once

#include "../reference/arithmetic.h"

namespace tenon::tensorrt {
using namespace sdk;

inline constexpr TypeSet halfOrFloat = f32 | f16;
inline constexpr TypeSet indexInts = i32 | i64;  // TensorRT has int32 only; exporters write int64

constexpr Identity pluginIdentity(const char* name, const char* version = "1") {
    return {.name = name, .implementation = "reference", .version = version};
}

// Op under another plugin version, where TensorRT only changed the interface of the plugin.
template <class Op, char Digit>
struct Version : Op {
    static constexpr char kText[] = {Digit, '\0'};
    static constexpr Identity identity = pluginIdentity(Op::identity.name, kText);
};

// The numbers of a weights attribute, which may be float32 or float16.
inline std::vector<float> weightsOf(const Tensor& t, const char* name) {
    std::vector<float> v;
    if (!halfOrFloat.has(t.type))
        throw Error("attribute '" + std::string(name) + "' must be of float32 or float16, found " + typeName(t.type));
    dispatch<halfOrFloat>(t.type, [&]<class E>() {
        for (std::size_t at = 0; at + sizeof(E) <= t.bytes.size(); at += sizeof(E)) {
            E element;
            std::memcpy(&element, t.bytes.data() + at, sizeof element);
            v.push_back(Compute<E>(element));
        }
    });
    return v;
}

// False only when both dimensions are known and differ.
inline bool agree(const Dim& a, const Dim& b) { return !a.isConstant() || !b.isConstant() || a.same(b); }

inline void requireRank(const Shape& s, int rank, const char* what) {
    if (s.rank() != rank)
        throw Error(std::string(what) + " must have rank " + std::to_string(rank) + ", found " + std::to_string(s.rank()));
}
inline void require(bool holds, const char* what) {
    if (!holds) throw Error(what);
}

}  // namespace tenon::tensorrt
