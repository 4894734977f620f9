// Operators whose one output is a list of tensors that they own.
#pragma once

#include <tenon/sdk/owned_tensor.h>
#include <tenon/sdk/sdk.h>

namespace tenon::reference {

// Base of such an operator struct: run() says give(...). A plugin object has a list of its own.
class ListOutput {
public:
    ListOutput() = default;
    ListOutput(const ListOutput&) {}
    ListOutput& operator=(const ListOutput&) { return *this; }

protected:
    ~ListOutput() = default;
    // The items as output 0; the memory of each must last until the next run.
    void give(const sdk::Launch& l, std::vector<abi::FieldTensor> items, std::vector<sdk::OwnedTensor> owned = {}) const {
        items_ = std::move(items);
        owned_ = std::move(owned);
        const abi::ListRef list{items_.data(), items_.size()};
        std::memcpy(l.outputData(0), &list, sizeof list);
    }

private:
    mutable std::vector<abi::FieldTensor> items_;
    mutable std::vector<sdk::OwnedTensor> owned_;
};

// `position` of a sequence of `count` items made non-negative; one past the end only where `mayAppend`.
inline std::size_t sequencePosition(std::int64_t position, std::size_t count, bool mayAppend) {
    const auto n = static_cast<std::int64_t>(count);
    if (position < -n || position > n - (mayAppend ? 0 : 1))
        throw sdk::Error("position " + std::to_string(position) + " is outside a sequence of " + std::to_string(n) + " items");
    return static_cast<std::size_t>(position < 0 ? position + n : position);
}

// The items of an input whose content a shape rule knows.
inline std::span<const abi::FieldTensor> knownItems(const sdk::Shape& x) {
    if (!abi::isComposite(x.type)) throw sdk::Error(std::string("expected a list of tensors, found ") + sdk::typeName(x.type));
    if (x.data == nullptr) throw sdk::Unresolved{};
    return sdk::itemsOf(x.data);
}

inline sdk::Shape shapeOf(const abi::TensorDesc& desc) {
    sdk::Shape s = sdk::Shape::ofRank(0);
    for (const std::int64_t d : sdk::dimsOf(desc))
        s.append(d);
    return s;
}

}  // namespace tenon::reference
