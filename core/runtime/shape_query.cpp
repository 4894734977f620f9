#include "shape_query.h"

#include <tenon/error.h>

namespace tenon {

namespace {
template <class T>
std::vector<std::int64_t> widen(const void* data, std::int64_t count) {
    const auto* p = static_cast<const T*>(data);
    return {p, p + count};
}

abi::SymbolicTensor symbolic(const KnownTensor& t, ExprPool& pool, bool showContent) {
    abi::SymbolicTensor s{};
    s.type = t.type;
    s.rank = static_cast<std::int32_t>(t.dims.size());
    for (std::size_t i = 0; i < t.dims.size(); ++i)
        s.dim[i] = pool.constant(t.dims[i]);
    s.valueCount = -1;
    if (!showContent || t.data == nullptr) return s;
    s.data = t.data;
    if (const auto numbers = smallIntegers(t)) {
        const abi::IDimExpr** values = pool.values(static_cast<std::int64_t>(numbers->size()));
        if (values == nullptr) return s;
        for (std::size_t i = 0; i < numbers->size(); ++i)
            values[i] = pool.constant((*numbers)[i]);
        s.values = values;
        s.valueCount = static_cast<std::int64_t>(numbers->size());
    }
    return s;
}

std::optional<Dims> concrete(const abi::SymbolicTensor& t, const std::string& who) {
    if (t.rank < 0) return std::nullopt;
    if (t.rank > abi::kMaxRank)
        throw Error(ErrorCode::pluginFailure, who + ": the plugin answers rank " + std::to_string(t.rank));
    Dims dims;
    for (int i = 0; i < t.rank; ++i) {
        if (t.dim[i] == nullptr || !t.dim[i]->isConstant()) return std::nullopt;
        dims.push_back(t.dim[i]->constantValue());
    }
    elementCount(dims);  // throws for a negative dim or an overflow
    return dims;
}
}  // namespace

std::optional<std::vector<std::int64_t>> smallIntegers(const KnownTensor& t) {
    constexpr std::int64_t kMost = 65536;
    const std::int64_t count = elementCount(t.dims);
    if (t.data == nullptr || count > kMost) return std::nullopt;
    switch (t.type) {
        case DataType::i64: return widen<std::int64_t>(t.data, count);
        case DataType::i32: return widen<std::int32_t>(t.data, count);
        case DataType::i16: return widen<std::int16_t>(t.data, count);
        case DataType::i8: return widen<std::int8_t>(t.data, count);
        case DataType::u8: return widen<std::uint8_t>(t.data, count);
        case DataType::u16: return widen<std::uint16_t>(t.data, count);
        case DataType::u32: return widen<std::uint32_t>(t.data, count);
        case DataType::boolean: return widen<bool>(t.data, count);
        default: return std::nullopt;
    }
}

std::vector<DataType> queryTypes(const abi::IPlugin& plugin, std::span<const DataType> inputs, std::size_t outputCount,
                                 const std::string& who) {
    std::vector<DataType> types(outputCount, DataType::undefined);
    takePluginMessage();
    const abi::Status status = plugin.getOutputTypes(inputs.data(), static_cast<std::int32_t>(inputs.size()), types.data(),
                                                     static_cast<std::int32_t>(outputCount));
    if (status != abi::Status::ok) throw Error(ErrorCode::badInput, who + ": " + pluginMessage(status));
    return types;
}

std::vector<std::optional<Dims>> queryDims(const abi::IPlugin& plugin, std::span<const KnownTensor> inputs,
                                           std::span<const DataType> outputTypes, std::uint64_t shapeInputs,
                                           const std::string& who) {
    ExprPool pool;
    std::vector<abi::SymbolicTensor> in, out;
    for (std::size_t i = 0; i < inputs.size(); ++i)
        in.push_back(symbolic(inputs[i], pool, i < 64 && ((shapeInputs >> i) & 1U) != 0));
    for (const DataType type : outputTypes) {
        abi::SymbolicTensor t{};
        t.type = type;
        t.rank = -1;
        t.valueCount = -1;
        out.push_back(t);
    }
    takePluginMessage();
    const abi::Status status = plugin.getOutputDimensions(in.data(), static_cast<std::int32_t>(in.size()), out.data(),
                                                          static_cast<std::int32_t>(out.size()), &pool);
    if (status != abi::Status::ok) throw Error(ErrorCode::badInput, who + ": " + pluginMessage(status));
    std::vector<std::optional<Dims>> dims;
    for (const abi::SymbolicTensor& t : out)
        dims.push_back(concrete(t, who));
    return dims;
}

}  // namespace tenon
