// Tenon's tensors as oneDNN memory descriptors.
#pragma once

#include <tenon/sdk/sdk.h>

#include <oneapi/dnnl/dnnl.hpp>

namespace tenon::onednn {

using memory = dnnl::memory;

inline const dnnl::engine& cpu() {
    static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

// One tensor with a number for every dimension; an absent one has type `undefined`.
struct Tensor {
    memory::dims dims;
    sdk::DataType type = sdk::DataType::undefined;
    sdk::Layout layout = sdk::Layout::linear;

    bool present() const { return type != sdk::DataType::undefined; }
    int rank() const { return static_cast<int>(dims.size()); }
    std::int64_t dim(int i) const { return dims[static_cast<std::size_t>(i)]; }
    std::int64_t product(int first, int last) const {
        std::int64_t n = 1;
        for (int i = first; i < last; ++i)
            n *= dim(i);
        return n;
    }
    std::int64_t elements() const { return product(0, rank()); }
};

// The tensors of a layer at one point of its profile.
struct Instance {
    std::vector<Tensor> inputs, outputs;
    bool hasInput(int i) const { return i < static_cast<int>(inputs.size()) && input(i).present(); }
    const Tensor& input(int i) const { return inputs[static_cast<std::size_t>(i)]; }
    const Tensor& output(int i = 0) const { return outputs[static_cast<std::size_t>(i)]; }
};

using ProfilePoint = abi::Dims abi::DynamicTensorDesc::*;

inline Tensor tensorAt(const abi::DynamicTensorDesc& desc, ProfilePoint point) {
    Tensor t{{}, desc.desc.type, desc.desc.layout};
    for (int i = 0; t.present() && i < desc.desc.dims.rank; ++i)
        t.dims.push_back(desc.desc.dims.d[i] >= 0 ? desc.desc.dims.d[i] : (desc.*point).d[i]);
    return t;
}

inline Instance instanceAt(const sdk::Layer& layer, ProfilePoint point) {
    Instance at;
    for (int i = 0; i < layer.inputCount(); ++i)
        at.inputs.push_back(tensorAt(layer.inputRange(i), point));
    for (int i = 0; i < layer.outputCount(); ++i)
        at.outputs.push_back(tensorAt(layer.outputRange(i), point));
    return at;
}

inline memory::data_type dnnlType(sdk::DataType type) {
    switch (type) {
        case sdk::DataType::f32: return memory::data_type::f32;
        case sdk::DataType::bf16: return memory::data_type::bf16;
        case sdk::DataType::i32: return memory::data_type::s32;
        case sdk::DataType::i8: return memory::data_type::s8;
        case sdk::DataType::u8: return memory::data_type::u8;
        default: throw sdk::declined(std::string("oneDNN has no type ") + sdk::typeName(type));
    }
}

// Row-major; rank 0 becomes one element.
inline memory::desc linearDesc(memory::dims dims, memory::data_type type) {
    if (dims.empty()) dims = {1};
    if (dims.size() > DNNL_MAX_NDIMS) throw sdk::declined("oneDNN takes at most 12 dimensions");
    memory::dims strides(dims.size(), 1);
    for (std::size_t i = dims.size() - 1; i-- > 0;)
        strides[i] = strides[i + 1] * std::max<std::int64_t>(dims[i + 1], 1);
    return {dims, type, strides};
}

// N, spatial..., C.
inline memory::desc channelsLastDesc(const memory::dims& dims, memory::data_type type) {
    memory::dims strides(dims.size(), 1);
    std::int64_t step = dims[1];
    for (std::size_t i = dims.size() - 1; i >= 2; --i) {
        strides[i] = step;
        step *= dims[i];
    }
    strides[0] = step;
    return {dims, type, strides};
}

inline memory::format_tag blockedTag(std::size_t rank, int block) {
    using Tag = memory::format_tag;
    static constexpr Tag kTags[3][4] = {{Tag::aBc4b, Tag::aBc8b, Tag::aBc16b, Tag::aBc32b},
                                        {Tag::aBcd4b, Tag::aBcd8b, Tag::aBcd16b, Tag::aBcd32b},
                                        {Tag::aBcde4b, Tag::aBcde8b, Tag::aBcde16b, Tag::aBcde32b}};
    if (rank < 3 || rank > 5) throw sdk::declined("oneDNN blocks tensors of rank 3 to 5 only");
    return kTags[rank - 3][block == 4 ? 0 : block == 8 ? 1 : block == 16 ? 2 : 3];
}

inline memory::desc descOf(const Tensor& t) {
    const auto type = dnnlType(t.type);
    const int block = sdk::blockOf(t.layout);
    if (t.layout == sdk::Layout::linear) return linearDesc(t.dims, type);
    if (t.rank() < 3 || t.layout == sdk::Layout::opaque) throw sdk::declined("this layout needs rank 3 or more");
    return block == 0 ? channelsLastDesc(t.dims, type) : memory::desc(t.dims, type, blockedTag(t.dims.size(), block));
}

// (N, C, spatial) with the spatial dims as one: the same memory for operators that do not look at neighbours.
inline Tensor flattenSpatial(const Tensor& t) {
    if (t.rank() < 3) return t;
    return {{t.dim(0), t.dim(1), t.product(2, t.rank())}, t.type, t.layout};
}

inline bool hasPadding(const memory::desc& desc) {
    return !std::equal(desc.data.dims, desc.data.dims + desc.data.ndims, desc.data.padded_dims);
}

}  // namespace tenon::onednn
