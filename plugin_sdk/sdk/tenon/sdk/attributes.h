// Declared attributes: one line each states id, name, member and help; parsing, checks, defaults and serialization follow.
#pragma once

#include <tenon/abi/creator.h>
#include <tenon/abi/extensions.h>
#include <tenon/sdk/number.h>

#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace tenon::sdk {

// A tensor attribute, owned. Strings are in `strings`, all other elements in `bytes`.
struct Tensor {
    DataType type = DataType::undefined;
    std::vector<std::int64_t> dims;
    std::vector<std::byte> bytes;
    std::vector<std::string> strings{};
};

// A graph attribute: the host's handle, given anew to each plugin; the host keeps the network itself.
struct Graph {
    abi::ISubgraph* handle = nullptr;
};

// Appends little-endian values to a buffer.
class Writer {
public:
    template <class T>
    requires std::is_trivially_copyable_v<T>
    void put(const T& value) {
        const auto* p = reinterpret_cast<const std::byte*>(&value);
        bytes.insert(bytes.end(), p, p + sizeof value);
    }
    void put(const void* data, std::size_t size) {
        const auto* p = static_cast<const std::byte*>(data);
        bytes.insert(bytes.end(), p, p + size);
    }
    std::vector<std::byte> bytes;
};

// Reads them back; every read is checked against the end.
class Reader {
public:
    Reader(const void* data, std::uint64_t size) : at_(static_cast<const std::byte*>(data)), left_(size) {}
    template <class T>
    T get() {
        T value;
        std::memcpy(&value, take(sizeof value), sizeof value);
        return value;
    }
    // A count of elements of at least `elementSize` bytes each, so that it cannot exceed what is left.
    std::size_t count(std::size_t elementSize) {
        const auto n = get<std::uint64_t>();
        if (n > left_ / elementSize) throw Error("serialized plugin is truncated", Status::corruptData);
        return static_cast<std::size_t>(n);
    }
    const std::byte* take(std::uint64_t size) {
        if (size > left_) throw Error("serialized plugin is truncated", Status::corruptData);
        const std::byte* p = at_;
        at_ += size;
        left_ -= size;
        return p;
    }
    bool atEnd() const { return left_ == 0; }

private:
    const std::byte* at_;
    std::uint64_t left_;
};

// How one C++ member type maps to a field: type, whether a list, parse, write, read, printable text.
template <class T>
struct FieldTraits;

inline void expect(const abi::Field& f, abi::FieldType type, bool list) {
    constexpr const char* kNames[] = {"nothing", "float", "int", "string", "tensor", "graph"};
    const auto name = [&](abi::FieldType t, bool l) { return std::string(kNames[static_cast<int>(t)]) + (l ? "s" : ""); };
    const bool emptyList = list && f.isList != 0 && f.length == 0;  // ONNX writes an empty list without its type
    if (emptyList || (f.type == type && (f.isList != 0) == list && (list || f.length == 1))) return;
    throw Error("attribute '" + std::string(f.name) + "' must be of type " + name(type, list) + ", found " +
                name(f.type, f.isList != 0));
}

template <class T, abi::FieldType Type, class Wire>
struct NumberTraits {
    static constexpr abi::FieldType kType = Type;
    static constexpr bool kList = false;
    static T parse(const abi::Field& f) {
        const Wire w = *static_cast<const Wire*>(f.data);
        if constexpr (std::is_same_v<T, bool>) return w != 0;
        const auto v = static_cast<T>(w);
        if (!std::is_floating_point_v<T> && static_cast<Wire>(v) != w)
            throw Error("attribute '" + std::string(f.name) + "': " + std::to_string(w) + " is out of range");
        return v;
    }
    static void write(Writer& w, const T& v) { w.put(static_cast<Wire>(v)); }
    static T read(Reader& r) { return static_cast<T>(r.get<Wire>()); }
    static std::string text(const T& v) { return std::to_string(static_cast<Wire>(v)); }
};
template <>
struct FieldTraits<float> : NumberTraits<float, abi::FieldType::float32, float> {};
template <>
struct FieldTraits<std::int64_t> : NumberTraits<std::int64_t, abi::FieldType::int64, std::int64_t> {};
template <>
struct FieldTraits<int> : NumberTraits<int, abi::FieldType::int64, std::int64_t> {};
template <>
struct FieldTraits<bool> : NumberTraits<bool, abi::FieldType::int64, std::int64_t> {};
template <>
struct FieldTraits<DataType> {  // an ONNX element type given as int
    static constexpr abi::FieldType kType = abi::FieldType::int64;
    static constexpr bool kList = false;
    static DataType parse(const abi::Field& f) { return check(*static_cast<const std::int64_t*>(f.data)); }
    static void write(Writer& w, const DataType& v) { w.put(static_cast<std::int32_t>(v)); }
    static DataType read(Reader& r) { return check(r.get<std::int32_t>()); }
    static std::string text(const DataType& v) { return typeName(v); }

private:
    static DataType check(std::int64_t code) {
        if (code < 0 || code > INT32_MAX || !abi::isDataType(static_cast<std::int32_t>(code)))
            throw Error("there is no data type " + std::to_string(code));
        return static_cast<DataType>(code);
    }
};

template <>
struct FieldTraits<std::string> {
    static constexpr abi::FieldType kType = abi::FieldType::string;
    static constexpr bool kList = false;
    static std::string parse(const abi::Field& f) {
        const auto& s = *static_cast<const abi::StringRef*>(f.data);
        return {s.data, s.size};
    }
    static void write(Writer& w, const std::string& v) {
        w.put(static_cast<std::uint64_t>(v.size()));
        w.put(v.data(), v.size());
    }
    static std::string read(Reader& r) {
        const std::size_t n = r.count(1);
        return {reinterpret_cast<const char*>(r.take(n)), n};
    }
    static std::string text(const std::string& v) { return '"' + v + '"'; }
};

template <class T, abi::FieldType Type>
struct ListTraits {
    static constexpr abi::FieldType kType = Type;
    static constexpr bool kList = true;
    using Element = FieldTraits<T>;
    static std::vector<T> parse(const abi::Field& f) {
        std::vector<T> v;
        for (std::int64_t i = 0; i < f.length; ++i) {
            using Wire = std::conditional_t<std::is_same_v<T, std::string>, abi::StringRef, T>;
            const abi::Field one{f.name, f.type, 0, static_cast<const Wire*>(f.data) + i, 1};
            v.push_back(Element::parse(one));
        }
        return v;
    }
    static void write(Writer& w, const std::vector<T>& v) {
        w.put(static_cast<std::uint64_t>(v.size()));
        for (const T& e : v)
            Element::write(w, e);
    }
    static std::vector<T> read(Reader& r) {
        const std::size_t n = r.count(1);
        std::vector<T> v;
        for (std::size_t i = 0; i < n; ++i)
            v.push_back(Element::read(r));
        return v;
    }
    static std::string text(const std::vector<T>& v) {
        std::string s = "[";
        for (std::size_t i = 0; i < v.size(); ++i)
            s.append(i != 0 ? "," : "").append(Element::text(v[i]));
        return s + "]";
    }
};
template <>
struct FieldTraits<std::vector<float>> : ListTraits<float, abi::FieldType::float32> {};
template <>
struct FieldTraits<std::vector<std::int64_t>> : ListTraits<std::int64_t, abi::FieldType::int64> {};
template <>
struct FieldTraits<std::vector<std::string>> : ListTraits<std::string, abi::FieldType::string> {};

template <>
struct FieldTraits<Tensor> {
    static constexpr abi::FieldType kType = abi::FieldType::tensor;
    static constexpr bool kList = false;
    static Tensor parse(const abi::Field& f) {
        const auto& t = *static_cast<const abi::FieldTensor*>(f.data);
        Tensor v{t.desc.type, {t.desc.dims.d, t.desc.dims.d + t.desc.dims.rank}, {}};
        const auto* p = static_cast<const std::byte*>(t.data);
        if (v.type != DataType::string) v.bytes.assign(p, p + t.size);
        for (std::uint64_t i = 0; v.type == DataType::string && i < t.size / sizeof(abi::StringRef); ++i) {
            const abi::StringRef& s = static_cast<const abi::StringRef*>(t.data)[i];
            v.strings.emplace_back(s.data, s.size);
        }
        return v;
    }
    static void write(Writer& w, const Tensor& v) {
        FieldTraits<DataType>::write(w, v.type);
        FieldTraits<std::vector<std::int64_t>>::write(w, v.dims);
        w.put(static_cast<std::uint64_t>(v.bytes.size()));
        w.put(v.bytes.data(), v.bytes.size());
        FieldTraits<std::vector<std::string>>::write(w, v.strings);
    }
    static Tensor read(Reader& r) {
        Tensor t{FieldTraits<DataType>::read(r), FieldTraits<std::vector<std::int64_t>>::read(r), {}};
        const std::size_t n = r.count(1);
        const std::byte* p = r.take(n);
        t.bytes.assign(p, p + n);
        t.strings = FieldTraits<std::vector<std::string>>::read(r);
        return t;
    }
    static std::string text(const Tensor& v) { return std::string("tensor of ") + typeName(v.type); }
};

template <>
struct FieldTraits<Graph> {
    static constexpr abi::FieldType kType = abi::FieldType::graph;
    static constexpr bool kList = false;
    static Graph parse(const abi::Field& f) { return {*static_cast<abi::ISubgraph* const*>(f.data)}; }
    static void write(Writer&, const Graph&) {}
    static Graph read(Reader&) { return {}; }
    static std::string text(const Graph&) { return "graph"; }
};

template <class T>
struct FieldTraits<std::optional<T>> {
    using Element = FieldTraits<T>;
    static constexpr abi::FieldType kType = Element::kType;
    static constexpr bool kList = Element::kList;
    static std::optional<T> parse(const abi::Field& f) { return Element::parse(f); }
    static void write(Writer& w, const std::optional<T>& v) {
        w.put(static_cast<std::uint8_t>(v.has_value()));
        if (v) Element::write(w, *v);
    }
    static std::optional<T> read(Reader& r) {
        if (r.get<std::uint8_t>() == 0) return std::nullopt;
        return Element::read(r);
    }
    static std::string text(const std::optional<T>& v) { return v ? Element::text(*v) : "absent"; }
};

// One attribute of Op, bound to its member. The member's initializer is the default.
template <class Op, class M>
struct Attribute {
    std::uint32_t id;
    const char* name;
    M Op::*member;
    const char* help;
    bool isRequired = false;
    bool hasRange = false;
    double low = 0, high = 0;
    const char* choices = nullptr;  // "a|b|c"

    constexpr Attribute required() const {
        Attribute a = *this;
        a.isRequired = true;
        return a;
    }
    constexpr Attribute range(double lowest, double highest) const {
        Attribute a = *this;
        a.hasRange = true;
        a.low = lowest;
        a.high = highest;
        return a;
    }
    constexpr Attribute oneOf(const char* alternatives) const {
        Attribute a = *this;
        a.choices = alternatives;
        return a;
    }
    void check(const M& value) const;
};
template <class Op, class M>
constexpr Attribute<Op, M> attr(std::uint32_t id, const char* name, M Op::*member, const char* help) {
    return {id, name, member, help};
}

inline bool isChoice(std::string_view choices, std::string_view value) {
    for (std::size_t at = 0; at <= choices.size();) {
        const std::size_t end = std::min(choices.find('|', at), choices.size());
        if (choices.substr(at, end - at) == value) return true;
        at = end + 1;
    }
    return false;
}

template <class Op, class M>
void Attribute<Op, M>::check(const M& value) const {
    if constexpr (std::is_arithmetic_v<M>) {
        if (hasRange && !(static_cast<double>(value) >= low && static_cast<double>(value) <= high))
            throw Error("attribute '" + std::string(name) + "' is " + FieldTraits<M>::text(value) + ", must be in [" +
                        std::to_string(low) + ", " + std::to_string(high) + "]");
    }
    if constexpr (std::is_same_v<M, std::string>) {
        if (choices != nullptr && !isChoice(choices, value))
            throw Error("attribute '" + std::string(name) + "' is \"" + value + "\", must be one of " + choices);
    }
}

template <class Op>
constexpr auto attributesOf() {
    if constexpr (requires { Op::attributes(); }) return Op::attributes();
    else return std::tuple<>{};
}

// Sets the members of `op` from the fields; an unknown, missing, mistyped or out-of-range one is an error.
template <class Op>
void parseFields(Op& op, const abi::Field* fields, int count) {
    std::vector<bool> used(static_cast<std::size_t>(count));
    std::string known;
    const auto one = [&](const auto& a) {
        using M = std::remove_cvref_t<decltype(op.*(a.member))>;
        known += (known.empty() ? "" : ", ") + std::string(a.name);
        for (int i = 0; i < count; ++i) {
            if (std::strcmp(fields[i].name, a.name) != 0) continue;
            expect(fields[i], FieldTraits<M>::kType, FieldTraits<M>::kList);
            op.*(a.member) = FieldTraits<M>::parse(fields[i]);
            a.check(op.*(a.member));
            used[static_cast<std::size_t>(i)] = true;
            return;
        }
        if (a.isRequired) throw Error("attribute '" + std::string(a.name) + "' is required and missing");
    };
    std::apply([&](const auto&... a) { (one(a), ...); }, attributesOf<Op>());
    for (int i = 0; i < count; ++i)
        if (!used[static_cast<std::size_t>(i)])
            throw Error("unknown attribute '" + std::string(fields[i].name) + "'; known: " + (known.empty() ? "none" : known));
}

constexpr std::uint32_t kPluginMagic = 0x31504E54;  // "TNP1"

template <class Op>
void writeFields(const Op& op, Writer& w) {
    constexpr auto kAttributes = attributesOf<Op>();
    w.put(kPluginMagic);
    w.put(static_cast<std::uint32_t>(std::tuple_size_v<decltype(kAttributes)>));
    const auto one = [&](const auto& a) {
        using M = std::remove_cvref_t<decltype(op.*(a.member))>;
        w.put(a.id);
        FieldTraits<M>::write(w, op.*(a.member));
    };
    std::apply([&](const auto&... a) { (one(a), ...); }, kAttributes);
    if constexpr (requires { op.save(w); }) op.save(w);
}

template <class Op>
void readFields(Op& op, Reader& r) {
    constexpr auto kAttributes = attributesOf<Op>();
    if (r.get<std::uint32_t>() != kPluginMagic) throw Error("not a serialized plugin of this SDK", Status::corruptData);
    if (r.get<std::uint32_t>() != std::tuple_size_v<decltype(kAttributes)>)
        throw Error("serialized plugin has another number of attributes", Status::corruptData);
    const auto one = [&](const auto& a) {
        using M = std::remove_cvref_t<decltype(op.*(a.member))>;
        if (r.get<std::uint32_t>() != a.id) throw Error("serialized plugin has other attributes", Status::corruptData);
        op.*(a.member) = FieldTraits<M>::read(r);
        a.check(op.*(a.member));
    };
    std::apply([&](const auto&... a) { (one(a), ...); }, kAttributes);
    if constexpr (requires { op.load(r); }) op.load(r);
    if (!r.atEnd()) throw Error("serialized plugin has trailing bytes", Status::corruptData);
}

}  // namespace tenon::sdk
