// y = x as another type, given by attribute or by a second tensor (ONNX Cast opset 6 and later, CastLike opset 15 and later).
#include "number_buffer.h"
#include "view.h"

#include <charconv>
#include <cstdlib>
#include <deque>
#include <string_view>

namespace tenon::reference {
using namespace sdk;

inline constexpr TypeSet castable = convertible | halfBytes | str;

inline void castNumbers(const Launch& l, const Narrowing& narrowing) {
    const std::int64_t size = elementCount(l.inputDesc(0).dims);
    parallelFor(size, 16384, [&](std::int64_t begin, std::int64_t end) {
        forPieces(l.inputType(0), l.inputData(0), begin, end, [&](const auto* from, std::int64_t at, std::int64_t count) {
            dispatch<convertible>(l.outputType(0), [&]<class E>() {
                E* y = static_cast<E*>(l.outputData(0)) + at;
                for (std::int64_t i = 0; i < count; ++i)
                    y[i] = narrowing.operator()<E>(from[i]);
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
inline void castFromText(const Launch& l, const Narrowing& narrowing) {
    const auto x = l.input<abi::StringRef>(0);
    dispatch<convertible>(l.outputType(0), [&]<class E>() {
        E* y = static_cast<E*>(l.outputData(0));
        for (std::int64_t i = 0; i < x.size(); ++i) {
            if constexpr (std::is_same_v<E, std::int64_t> || std::is_same_v<E, std::uint64_t>) {
                const std::string_view text(x[i].size == 0 ? "" : x[i].data, x[i].size);
                const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), y[i]);
                if (error == std::errc() && end == text.data() + text.size()) continue;
            }
            y[i] = narrowing.operator()<E>(numberIn(x[i]));
        }
    });
}

// The shortest text that reads back as the same number, without an exponent where that is not long.
template <class E>
std::string textOf(E v) {
    using C = Compute<E>;
    std::array<char, 64> digits{};
    const C number = v;
    if constexpr (std::is_floating_point_v<C>) {
        if (std::isnan(number)) return "NaN";
        if (std::isinf(number)) return number < 0 ? "-INF" : "INF";
        const C size = std::fabs(number);
        const auto format =
            size == 0 || (size >= C(1e-4) && size < C(1e16)) ? std::chars_format::fixed : std::chars_format::scientific;
        return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number, format).ptr};
    }
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return {digits.data(), end};
}

// What Cast and CastLike share. The plugin owns the texts it made until its next run.
template <class Op>
struct Conversion : OnWholeBytes<Op> {
    void runWhole(const Launch& l) const {
        const Op& op = static_cast<const Op&>(*this);
        const DataType from = l.layer().input(0).type, to = l.layer().output(0).type;
        using Rounding = Float8E8M0::Rounding;
        const Rounding rounding = op.roundMode == "up"     ? Rounding::up
                                  : op.roundMode == "down" ? Rounding::down
                                                           : Rounding::nearest;
        const Narrowing narrowing{to, op.saturate, rounding};
        if (from == to) copyBytes(l);
        else if (from == DataType::string) castFromText(l, narrowing);
        else if (to == DataType::string) castToText(l);
        else castNumbers(l, narrowing);
    }

protected:
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

struct Cast : Conversion<Cast> {
    bool saturate = true;
    std::string roundMode = "up";
    DataType to = DataType::undefined;
    static constexpr Identity identity{.name = "Cast", .since = 1};
    static constexpr auto formats = rows(row(convertible | str, convertible | str).anyLayout(), row(castable, castable));
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "to", &Cast::to, "type of the output").required(),
            attr(2, "saturate", &Cast::saturate, "whether 8-bit floats out of range become the largest one"),
            attr(3, "round_mode", &Cast::roundMode, "of numbers between two values of float8e8m0").oneOf("up|down|nearest")};
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
};

struct CastLike : Conversion<CastLike> {
    bool saturate = true;
    std::string roundMode = "up";
    static constexpr Identity identity{.name = "CastLike", .since = 15};
    static constexpr Slot T = var('T', castable);
    static constexpr auto formats = rows(row(castable, T, T));
    static constexpr std::uint64_t dimsOnlyInputs = bits(1);
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "saturate", &CastLike::saturate, "whether 8-bit floats out of range become the largest one"),
            attr(2, "round_mode", &CastLike::roundMode, "of numbers between two values of float8e8m0").oneOf("up|down|nearest")};
    }
    void infer(Shapes x, Shapes y) const { inferContent(x[0], y[0], x[1].type); }
};

}  // namespace tenon::reference

TENON_OPERATORS(cast, tenon::reference::Cast, tenon::reference::CastLike)
