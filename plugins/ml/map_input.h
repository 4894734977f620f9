// The keys and the values of an input that is a map.
#pragma once

#include <tenon/sdk/owned_tensor.h>
#include <tenon/sdk/sdk.h>

namespace tenon::ml {

struct MapInput {
    const abi::FieldTensor* keys = nullptr;
    const abi::FieldTensor* values = nullptr;
    std::int64_t count = 0;

    template <class K>
    std::span<const K> keysAs() const {
        return {static_cast<const K*>(keys->data), static_cast<std::size_t>(count)};
    }
    template <class V>
    std::span<const V> valuesAs() const {
        return {static_cast<const V*>(values->data), static_cast<std::size_t>(count)};
    }
};

// `type` is that of the tensor whose content this is.
inline MapInput mapIn(const void* content, sdk::DataType type) {
    if ((abi::flagsOf(type) & (abi::kMapInt64Flag | abi::kMapStringFlag)) == 0) throw sdk::Error("the input is no map");
    const auto items = sdk::itemsOf(content);
    if (items.size() != 2) throw sdk::Error("a map has keys and values");
    const bool hasTexts = (abi::flagsOf(type) & abi::kMapStringFlag) != 0;
    const MapInput map{&items[0], &items[1], sdk::elementCount(items[0].desc.dims)};
    if (map.keys->desc.type != (hasTexts ? sdk::DataType::string : sdk::DataType::i64) ||
        map.values->desc.type != abi::elementOf(type) || sdk::elementCount(map.values->desc.dims) != map.count)
        throw sdk::Error("a map's keys or values are not of its type");
    return map;
}

}  // namespace tenon::ml
