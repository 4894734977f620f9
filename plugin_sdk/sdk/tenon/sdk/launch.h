// What a kernel gets to work with: views of tensors, the launch, type dispatch, threads.
#pragma once

#include <tenon/sdk/types.h>

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::sdk {

inline std::int64_t elementCount(const abi::Dims& dims) {
    std::int64_t n = 1;
    for (int i = 0; i < dims.rank; ++i)
        n *= dims.d[i];
    return n;
}
// Bytes of a dense tensor. Elements of 4 bits lie two to a byte, the first in the low half.
inline std::size_t byteCount(const abi::TensorDesc& desc) {
    return static_cast<std::size_t>((elementCount(desc.dims) * elementBits(desc.type) + 7) / 8);
}
inline std::span<const std::int64_t> dimsOf(const abi::TensorDesc& desc) {
    return {desc.dims.d, static_cast<std::size_t>(desc.dims.rank)};
}

// A dense tensor of T in memory the kernel may touch.
template <class T>
struct View {
    T* data = nullptr;
    std::span<const std::int64_t> dims;
    std::int64_t count = 0;  // elements

    std::int64_t size() const { return count; }
    int rank() const { return static_cast<int>(dims.size()); }
    std::int64_t dim(int i) const { return dims[static_cast<std::size_t>(i)]; }
    T& operator[](std::int64_t i) const { return data[i]; }
    T* begin() const { return data; }
    T* end() const { return data + count; }
};

// A layer after configurePlugin: its descriptors, the chosen tactic, which constants are packed.
class Layer {
public:
    Layer() = default;
    explicit Layer(const abi::LayerDescs& descs)
        : inputs_(descs.inputs, descs.inputs + descs.inputCount), outputs_(descs.outputs, descs.outputs + descs.outputCount) {}
    int inputCount() const { return static_cast<int>(inputs_.size()); }
    int outputCount() const { return static_cast<int>(outputs_.size()); }
    bool hasInput(int i) const { return i < inputCount() && input(i).type != DataType::undefined; }
    bool hasOutput(int i) const { return i < outputCount() && output(i).type != DataType::undefined; }
    const abi::TensorDesc& input(int i) const { return inputs_.at(static_cast<std::size_t>(i)).desc; }
    const abi::TensorDesc& output(int i) const { return outputs_.at(static_cast<std::size_t>(i)).desc; }
    const abi::DynamicTensorDesc& inputRange(int i) const { return inputs_.at(static_cast<std::size_t>(i)); }
    const abi::DynamicTensorDesc& outputRange(int i) const { return outputs_.at(static_cast<std::size_t>(i)); }
    // Whether every dimension of every tensor is known: at run time always, at build when the profile is a single point.
    bool isConcrete() const {
        const auto dense = [](const abi::DynamicTensorDesc& d) {
            for (int i = 0; i < d.desc.dims.rank; ++i)
                if (d.desc.dims.d[i] < 0) return false;
            return true;
        };
        return std::all_of(inputs_.begin(), inputs_.end(), dense) && std::all_of(outputs_.begin(), outputs_.end(), dense);
    }
    const std::string& tactic() const { return tactic_; }
    bool isPacked(int i) const { return ((packed_ >> i) & 1U) != 0; }

    void setTactic(std::string name) { tactic_ = std::move(name); }
    void setPacked(int i) { packed_ |= std::uint64_t{1} << i; }
    void keepChoices(const Layer& other) {
        tactic_ = other.tactic_;
        packed_ = other.packed_;
    }

private:
    std::vector<abi::DynamicTensorDesc> inputs_, outputs_;
    std::string tactic_;
    std::uint64_t packed_ = 0;
};

// One call of a kernel.
class Launch {
public:
    Launch(const abi::EnqueueArgs& args, const Layer& layer) : args_(&args), layer_(&layer) {}
    int inputCount() const { return args_->inputCount; }
    int outputCount() const { return args_->outputCount; }
    bool hasInput(int i) const { return i < inputCount() && args_->inputDescs[i].type != DataType::undefined; }
    bool hasOutput(int i) const { return i < outputCount() && args_->outputDescs[i].type != DataType::undefined; }
    const abi::TensorDesc& inputDesc(int i) const { return args_->inputDescs[i]; }
    const abi::TensorDesc& outputDesc(int i) const { return args_->outputDescs[i]; }
    DataType inputType(int i) const { return args_->inputDescs[i].type; }
    DataType outputType(int i) const { return args_->outputDescs[i].type; }
    const void* inputData(int i) const { return args_->inputs[i]; }
    void* outputData(int i) const { return args_->outputs[i]; }
    template <class T>
    View<const T> input(int i) const {
        const auto& d = args_->inputDescs[i];
        return {static_cast<const T*>(args_->inputs[i]), dimsOf(d), elementCount(d.dims)};
    }
    template <class T>
    View<T> output(int i) const {
        const auto& d = args_->outputDescs[i];
        return {static_cast<T*>(args_->outputs[i]), dimsOf(d), elementCount(d.dims)};
    }
    // Content of an integer input (int32 or int64) as numbers; for shape inputs, which are in host memory.
    std::vector<std::int64_t> integers(int i) const {
        std::vector<std::int64_t> v;
        if (inputType(i) == DataType::i64)
            for (const auto e : input<std::int64_t>(i))
                v.push_back(e);
        else if (inputType(i) == DataType::i32)
            for (const auto e : input<std::int32_t>(i))
                v.push_back(e);
        else throw Error("input " + std::to_string(i) + " must be int32 or int64");
        return v;
    }
    void* workspace() const { return args_->workspace; }
    std::uint64_t workspaceSize() const { return args_->workspaceSize; }
    void* stream() const { return args_->stream; }
    const Layer& layer() const { return *layer_; }
    std::string_view tactic() const { return layer_->tactic(); }

private:
    const abi::EnqueueArgs* args_;
    const Layer* layer_;
};

template <DataType Type>
concept HasCppType = requires {
    typename CppTypeOf<Type>::Type;
};

// Calls body.operator()<T>() with the C++ type of `type`; only types of Set are instantiated, others are an error.
//   dispatch<numeric>(l.inputType(0), [&]<class T>() { … });
template <TypeSet Set, class F>
void dispatch(DataType type, F&& body) {
    const auto attempt = [&]<std::size_t I>() {
        constexpr auto kType = static_cast<DataType>(I);
        if constexpr (Set.has(kType) && HasCppType<kType>) {
            if (type == kType) {
                body.template operator()<CppType<kType>>();
                return true;
            }
        }
        return false;
    };
    const bool done = [&]<std::size_t... I>(std::index_sequence<I...>) { return (attempt.template operator()<I>() || ...); }
    (std::make_index_sequence<abi::kDataTypeCount>{});
    if (!done) throw Error(std::string("no kernel for type ") + typeName(type));
}

// An element of N bytes that is only copied.
template <std::size_t N>
struct Bytes {
    std::byte b[N];
};

// For kernels that only move elements: calls body.operator()<Bytes<size>>() by element size.
template <class F>
void dispatchSize(DataType type, F&& body) {
    switch (elementBits(type)) {
        case 8: return body.template operator()<std::uint8_t>();
        case 16: return body.template operator()<std::uint16_t>();
        case 32: return body.template operator()<std::uint32_t>();
        case 64: return body.template operator()<std::uint64_t>();
        case 128: return body.template operator()<Bytes<16>>();
        default: throw Error(std::string("elements of ") + typeName(type) + " do not fill whole bytes");
    }
}

// Calls body(begin, end) on disjoint ranges that cover [0, count), on the host's threads when count > grain.
template <class F>
void parallelFor(std::int64_t count, std::int64_t grain, F&& body) {
#if defined(_OPENMP) && !defined(__SANITIZE_THREAD__)
    const std::int64_t threads = host != nullptr ? host->maxThreads() : 1;
    const std::int64_t pieces = std::min(threads, (count + grain - 1) / std::max<std::int64_t>(grain, 1));
    if (pieces > 1) {
#pragma omp parallel for schedule(static) num_threads(static_cast <int>(pieces))
        for (std::int64_t p = 0; p < pieces; ++p)
            body(count * p / pieces, count * (p + 1) / pieces);
        return;
    }
#else
    static_cast<void>(grain);
#endif
    if (count > 0) body(std::int64_t{0}, count);
}

}  // namespace tenon::sdk
