// Tables from keys to values that are numbers or texts, made once and shared by the copies of an operator.
#pragma once

#include <tenon/sdk/sdk.h>

#include <bit>
#include <cmath>
#include <memory>
#include <string_view>
#include <unordered_map>

namespace tenon::ml {

// How a stored key or value stands in a tensor.
template <class T>
using ElementOf = std::conditional_t<std::is_same_v<T, std::string>, abi::StringRef, T>;

inline std::string_view textOf(const abi::StringRef& s) {
    return s.size == 0 ? std::string_view() : std::string_view(s.data, s.size);
}
inline abi::StringRef elementOf(const std::string& s) { return {s.data(), s.size()}; }
template <class T>
requires std::is_arithmetic_v<T> T elementOf(T v) { return v; }

// Where each key is in a list; the first of equal ones counts. Numbers are equal as numbers are, and NaN equals NaN.
template <class Key>
class KeyTable {
public:
    explicit KeyTable(std::vector<Key> keys) : keys_(std::move(keys)) {
        for (std::size_t i = 0; i < keys_.size(); ++i)
            places_.emplace(hashable(elementOf(keys_[i])), i);
    }
    KeyTable(const KeyTable&) = delete;
    KeyTable& operator=(const KeyTable&) = delete;
    std::size_t size() const { return keys_.size(); }
    // size() where there is no such key.
    std::size_t find(const ElementOf<Key>& key) const {
        const auto found = places_.find(hashable(key));
        return found == places_.end() ? size() : found->second;
    }

private:
    static std::string_view hashable(const abi::StringRef& s) { return textOf(s); }
    static std::int64_t hashable(std::integral auto v) { return v; }
    static std::int64_t hashable(std::floating_point auto v) {
        const double wide = std::isnan(v) ? std::numeric_limits<double>::quiet_NaN() : v == 0 ? 0.0 : static_cast<double>(v);
        return std::bit_cast<std::int64_t>(wide);
    }
    std::vector<Key> keys_;
    std::unordered_map<decltype(hashable(ElementOf<Key>{})), std::size_t> places_;
};

// y = value of the key x, for every element of input 0; texts of y are those of the table.
class Lookup {
public:
    virtual ~Lookup() = default;
    virtual void run(const sdk::Launch& l) const = 0;
};

template <class Key, class Value>
class LookupOf final : public Lookup {
public:
    // The value of keys that are not in the list is `other`.
    LookupOf(std::vector<Key> keys, std::vector<Value> values, Value other) : keys_(std::move(keys)), values_(std::move(values)) {
        if (keys_.size() != values_.size())
            throw sdk::Error("there are " + std::to_string(keys_.size()) + " keys and " + std::to_string(values_.size()) +
                             " values");
        values_.push_back(std::move(other));
    }
    void run(const sdk::Launch& l) const override {
        const auto x = l.input<ElementOf<Key>>(0);
        const auto y = l.output<ElementOf<Value>>(0);
        sdk::parallelFor(x.size(), 4096, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                y[i] = elementOf(values_[keys_.find(x[i])]);
        });
    }

private:
    KeyTable<Key> keys_;
    std::vector<Value> values_;
};

template <class Key, class Value>
std::shared_ptr<const Lookup> makeLookup(std::vector<Key> keys, std::vector<Value> values, Value other) {
    return std::make_shared<const LookupOf<Key, Value>>(std::move(keys), std::move(values), std::move(other));
}

}  // namespace tenon::ml
