// Tensors that own their bytes, strings and lists: what sequence and control-flow operators keep between runs.
#pragma once

#include <tenon/sdk/launch.h>

namespace tenon::sdk {

// The items of the value of a tensor of composite type.
inline std::span<const abi::FieldTensor> itemsOf(const void* value) {
    const auto& list = *static_cast<const abi::ListRef*>(value);
    return {list.items, static_cast<std::size_t>(list.count)};
}

inline abi::TensorDesc hostDesc(DataType type, std::span<const std::int64_t> dims) {
    abi::TensorDesc desc{};
    desc.type = type;
    if (dims.size() > abi::kMaxRank) throw Error("a tensor has more than 16 dimensions");
    desc.dims.rank = static_cast<std::int32_t>(dims.size());
    std::copy(dims.begin(), dims.end(), desc.dims.d);
    return desc;
}

// The item as a tensor of the call: what ISubgraph::run and lists take.
inline abi::FieldTensor inputTensor(const Launch& l, int i) {
    return {l.inputDesc(i), l.inputData(i), l.hasInput(i) ? byteCount(l.inputDesc(i)) : 0};
}

// A deep copy of a tensor in host memory. Its addresses stay when the object is moved.
class OwnedTensor {
public:
    OwnedTensor() = default;
    explicit OwnedTensor(const abi::FieldTensor& source) : desc_(source.desc) {
        if (abi::isComposite(desc_.type)) copyItems(itemsOf(source.data));
        else if (desc_.type == DataType::string) copyStrings({static_cast<const abi::StringRef*>(source.data), source.size / 16});
        else if (const auto* p = static_cast<const std::byte*>(source.data); source.size > 0) bytes_.assign(p, p + source.size);
    }
    // A value of composite type that holds these tensors.
    OwnedTensor(DataType type, std::vector<OwnedTensor> items) : desc_(hostDesc(type, {})), owned_(std::move(items)) {
        listItems();
    }
    // A tensor of fixed-size elements, zero-filled, to be written through data().
    OwnedTensor(DataType type, std::span<const std::int64_t> dims) : desc_(hostDesc(type, dims)), bytes_(byteCount(desc_)) {}
    OwnedTensor(const OwnedTensor& other) : OwnedTensor(other.ref()) {}
    OwnedTensor(OwnedTensor&&) = default;
    OwnedTensor& operator=(const OwnedTensor& other) { return *this = OwnedTensor(other); }
    OwnedTensor& operator=(OwnedTensor&&) = default;
    ~OwnedTensor() = default;

    const abi::TensorDesc& desc() const { return desc_; }
    std::byte* data() { return bytes_.data(); }
    abi::FieldTensor ref() const {
        return {desc_, bytes_.empty() ? static_cast<const void*>(this) : bytes_.data(), bytes_.size()};
    }
    std::span<const OwnedTensor> items() const { return owned_; }

private:
    void copyStrings(std::span<const abi::StringRef> source) {
        std::size_t total = 0;
        for (const abi::StringRef& s : source)
            total += static_cast<std::size_t>(s.size);
        characters_.reserve(total);
        bytes_.resize(source.size_bytes());
        auto* refs = reinterpret_cast<abi::StringRef*>(bytes_.data());
        for (std::size_t i = 0; i < source.size(); ++i) {
            const char* at = characters_.data() + characters_.size();
            if (source[i].size > 0) characters_.insert(characters_.end(), source[i].data, source[i].data + source[i].size);
            refs[i] = {at, source[i].size};
        }
    }
    void copyItems(std::span<const abi::FieldTensor> source) {
        for (const abi::FieldTensor& item : source)
            owned_.emplace_back(item);
        listItems();
    }
    void listItems() {
        for (const OwnedTensor& item : owned_)
            items_.push_back(item.ref());
        const abi::ListRef list{items_.data(), items_.size()};
        bytes_.resize(sizeof list);
        std::memcpy(bytes_.data(), &list, sizeof list);
    }

    abi::TensorDesc desc_{};
    std::vector<std::byte> bytes_;
    std::vector<char> characters_;
    std::vector<OwnedTensor> owned_;
    std::vector<abi::FieldTensor> items_;
};

}  // namespace tenon::sdk
