// y = x as another type, given by attribute or by a second tensor (ONNX Cast opset 6 and later, CastLike opset 15 and later).
#include "number_buffer.h"

#include <charconv>
#include <cstdlib>
#include <deque>
#include <string_view>

namespace tenon::reference {
using namespace sdk;

inline constexpr TypeSet castable = convertible | str;

// Numbers to numbers. An 8-bit float out of range is the largest one when `saturate`, else infinity or NaN.
inline void castNumbers(const Launch& l, bool saturate) {
    const std::int64_t size = elementCount(l.inputDesc(0).dims);
    parallelFor(size, 16384, [&](std::int64_t begin, std::int64_t end) {
        forPieces(l.inputType(0), l.inputData(0), begin, end, [&](const auto* from, std::int64_t at, std::int64_t count) {
            dispatch<convertible>(l.outputType(0), [&]<class E>() {
                E* y = static_cast<E*>(l.outputData(0)) + at;
                for (std::int64_t i = 0; i < count; ++i) {
                    if constexpr (float8s.has(typeOf<E>)) y[i].bits = E::encode(narrowed(static_cast<double>(from[i])), saturate);
                    else y[i] = converted<E>(from[i]);
                }
            });
        });
    });
}

// The number that a text spells, in plain or scientific notation, or INF, NAN in any case.
inline double numberIn(const abi::StringRef& s) {
    const std::string text(s.size == 0 ? "" : s.data, s.size);
    char* end = nullptr;
    const double v = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0') throw Error("\"" + text + "\" is not a number");
    return v;
}
inline void castFromText(const Launch& l, bool saturate) {
    const auto x = l.input<abi::StringRef>(0);
    dispatch<convertible>(l.outputType(0), [&]<class E>() {
        E* y = static_cast<E*>(l.outputData(0));
        for (std::int64_t i = 0; i < x.size(); ++i) {
            if constexpr (std::is_same_v<E, std::int64_t> || std::is_same_v<E, std::uint64_t>) {
                const std::string_view text(x[i].size == 0 ? "" : x[i].data, x[i].size);
                const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), y[i]);
                if (error == std::errc() && end == text.data() + text.size()) continue;
            }
            if constexpr (float8s.has(typeOf<E>)) y[i].bits = E::encode(narrowed(numberIn(x[i])), saturate);
            else y[i] = converted<E>(numberIn(x[i]));
        }
    });
}

// The shortest text that reads back as the same number.
template <class E>
std::string textOf(E v) {
    using C = Compute<E>;
    std::array<char, 64> digits{};
    const C number = v;
    if constexpr (std::is_floating_point_v<C>) {
        if (std::isnan(number)) return "NaN";
        if (std::isinf(number)) return number < 0 ? "-INF" : "INF";
    }
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return {digits.data(), end};
}

// What Cast and CastLike share. The plugin owns the texts it made until its next run.
struct Conversion {
    bool saturate = true;
    std::string roundMode = "up";

protected:
    void convert(const Launch& l) const {
        const bool fromText = l.inputType(0) == DataType::string, toText = l.outputType(0) == DataType::string;
        if (l.inputType(0) == l.outputType(0)) copy(l);
        else if (fromText) castFromText(l, saturate);
        else if (toText) castToText(l);
        else castNumbers(l, saturate);
    }
    // Integers and bools keep their content; true is any number but 0.
    static void inferContent(const Shape& x, Shape& y, DataType to) {
        y = x.dims();
        if (!x.content || !(ints | boolean).has(to)) return;
        y.content.emplace();
        for (const Dim& d : *x.content)
            y.content->push_back(kept(d, to));
    }

private:
    static Dim kept(const Dim& d, DataType to) {
        if (to == DataType::boolean) return Dim(1) - equal(d, 0);
        if (!d.isConstant()) return d;
        Dim c;
        dispatch<ints>(to, [&]<class E>() { c = static_cast<std::int64_t>(static_cast<E>(d.value())); });
        return c;
    }
    static void copy(const Launch& l) {
        const auto size = static_cast<std::size_t>(elementCount(l.inputDesc(0).dims) * elementBits(l.inputType(0)) / 8);
        if (size > 0 && l.outputData(0) != l.inputData(0)) std::memcpy(l.outputData(0), l.inputData(0), size);
    }
    void castToText(const Launch& l) const {
        texts_.clear();
        const auto y = l.output<abi::StringRef>(0);
        dispatch<convertible>(l.inputType(0), [&]<class E>() {
            const auto x = l.input<Stored<E>>(0);
            for (std::int64_t i = 0; i < y.size(); ++i) {
                if constexpr (std::is_same_v<E, bool>) texts_.push_back(x[i] != 0 ? "True" : "False");
                else texts_.push_back(textOf(x[i]));
                y[i] = {texts_.back().data(), texts_.back().size()};
            }
        });
    }
    mutable std::deque<std::string> texts_;
};

struct Cast : Conversion {
    DataType to = DataType::undefined;
    static constexpr Identity identity{.name = "Cast", .since = 1};
    static constexpr auto formats = rows(row(castable, castable).anyLayout());
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "to", &Cast::to, "type of the output").required(),
            attr(2, "saturate", &Cast::saturate, "whether 8-bit floats out of range become the largest one"),
            attr(3, "round_mode", &Cast::roundMode, "for float8e8m0, which is not offered").oneOf("up|down|nearest")};
    }
    void check(const abi::LayerInfo&) const {
        if (!castable.has(to)) throw declined(std::string("does not cast to ") + typeName(to));
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        if (!castable.has(in[0])) throw declined(std::string("does not cast from ") + typeName(in[0]));
        out[0] = to;
    }
    bool accepts(int pos, std::span<const abi::TensorDesc> all, int inputCount) const {
        return pos < inputCount || all[static_cast<std::size_t>(pos)].type == to;
    }
    void infer(Shapes x, Shapes y) const { inferContent(x[0], y[0], to); }
    void run(const Launch& l) const { convert(l); }
};

struct CastLike : Conversion {
    static constexpr Identity identity{.name = "CastLike", .since = 15};
    static constexpr Slot T = var('T', castable);
    static constexpr auto formats = rows(row(castable, T, T));
    static constexpr std::uint64_t dimsOnlyInputs = bits(1);
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "saturate", &CastLike::saturate, "whether 8-bit floats out of range become the largest one"),
            attr(2, "round_mode", &CastLike::roundMode, "for float8e8m0, which is not offered").oneOf("up|down|nearest")};
    }
    void infer(Shapes x, Shapes y) const { inferContent(x[0], y[0], x[1].type); }
    void run(const Launch& l) const { convert(l); }
};

}  // namespace tenon::reference

TENON_OPERATORS(cast, tenon::reference::Cast, tenon::reference::CastLike)
