// A tensor attribute as a list of one of the types that label encoders take; texts are owned.
#pragma once

#include "lookup.h"

#include <variant>

namespace tenon::ml {

using ValueList = std::variant<std::monostate, std::vector<std::string>, std::vector<std::int64_t>, std::vector<float>,
                               std::vector<double>, std::vector<std::int32_t>, std::vector<std::int16_t>>;

inline sdk::DataType typeOfList(const ValueList& list) {
    using sdk::DataType;
    constexpr std::array<DataType, 7> kTypes{DataType::undefined, DataType::string, DataType::i64, DataType::f32,
                                             DataType::f64,       DataType::i32,    DataType::i16};
    return kTypes[list.index()];
}
inline bool isGiven(const ValueList& list) { return list.index() != 0; }

// Calls body(values) with the vector inside the list, which is given.
template <class F>
decltype(auto) withValues(const ValueList& list, F&& body) {
    return std::visit(
        [&]<class V>(const V& v) -> decltype(body(std::vector<float>())) {
            if constexpr (std::is_same_v<V, std::monostate>) throw sdk::Error("a list is missing");
            else return body(v);
        },
        list);
}

}  // namespace tenon::ml

namespace tenon::sdk {

template <>
struct FieldTraits<ml::ValueList> {
    static constexpr abi::FieldType kType = abi::FieldType::tensor;
    static constexpr bool kList = false;
    static constexpr TypeSet kNumbers = i64 | f32 | f64 | i32 | i16;
    static ml::ValueList parse(const abi::Field& f) {
        const auto& t = *static_cast<const abi::FieldTensor*>(f.data);
        const auto count = static_cast<std::size_t>(elementCount(t.desc.dims));
        ml::ValueList list;
        if (t.desc.type == DataType::string) {
            auto& texts = list.emplace<std::vector<std::string>>();
            for (std::size_t i = 0; i < count; ++i)
                texts.emplace_back(ml::textOf(static_cast<const abi::StringRef*>(t.data)[i]));
            return list;
        }
        dispatch<kNumbers>(t.desc.type, [&]<class E>() { list = numbers<E>(t.data, count); });
        return list;
    }
    static void write(Writer& w, const ml::ValueList& v) {
        FieldTraits<DataType>::write(w, ml::typeOfList(v));
        if (ml::isGiven(v)) ml::withValues(v, [&](const auto& values) { writeValues(w, values); });
    }
    static ml::ValueList read(Reader& r) {
        const DataType type = FieldTraits<DataType>::read(r);
        if (type == DataType::undefined) return {};
        if (type == DataType::string) return FieldTraits<std::vector<std::string>>::read(r);
        ml::ValueList list;
        dispatch<kNumbers>(type, [&]<class E>() {
            const std::size_t count = r.count(sizeof(E));
            list = numbers<E>(r.take(count * sizeof(E)), count);
        });
        return list;
    }
    static std::string text(const ml::ValueList& v) { return std::string("tensor of ") + typeName(ml::typeOfList(v)); }

private:
    template <class E>
    static std::vector<E> numbers(const void* data, std::size_t count) {
        std::vector<E> v(count);
        if (count > 0) std::memcpy(v.data(), data, count * sizeof(E));
        return v;
    }
    static void writeValues(Writer& w, const std::vector<std::string>& v) { FieldTraits<std::vector<std::string>>::write(w, v); }
    template <class E>
    static void writeValues(Writer& w, const std::vector<E>& v) {
        w.put(static_cast<std::uint64_t>(v.size()));
        w.put(v.data(), v.size() * sizeof(E));
    }
};

}  // namespace tenon::sdk
