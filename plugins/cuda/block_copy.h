// Copies between a tensor and a box inside another one: what Concat, Expand, Pad, Slice and Split are made of.
#pragma once

#include "cuda_op.h"
#include "kernels/strided.h"

namespace tenon::cuda {

// A view of elements: dims in logical order, where the first lies, and the step along each axis.
struct Box {
    Strides strides{};
    std::int64_t offset = 0;
};

// to(i) = from(i) for all i below dims; both memory orders follow `order`, innermost axis first.
inline void copyBox(const sdk::Launch& l, const abi::Dims& dims, const std::vector<int>& order, const Box& to, void* toData,
                    const Box& from, const void* fromData, abi::DataType type) {
    Walk<2> w;
    for (const int d : order) {
        const auto axis = static_cast<std::size_t>(d);
        w.enclose(dims.d[d], {to.strides[axis], from.strides[axis]});
    }
    if (w.count == 0) return;
    const int bytes = elementBytes(type);
    check(copyStrided(w, bytes, advance(toData, to.offset, bytes), advance(fromData, from.offset, bytes), streamOf(l)));
}

inline Box wholeOf(const abi::TensorDesc& desc) { return {stridesOf(desc), 0}; }
// The part that begins at `begin` along `axis`.
inline Box partOf(const abi::TensorDesc& desc, int axis, std::int64_t begin) {
    Box b = wholeOf(desc);
    b.offset = begin * b.strides[static_cast<std::size_t>(axis)];
    return b;
}

}  // namespace tenon::cuda
