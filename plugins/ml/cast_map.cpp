// y[0, i] = value i of map x in the order of its keys, or (SPARSE) the value of key i, as another type (ONNX-ML CastMap opset 1).
#include "../reference/arithmetic.h"
#include "lookup.h"
#include "map_input.h"

#include <charconv>
#include <cstdlib>
#include <deque>
#include <map>

namespace tenon::ml {
using namespace sdk;

struct CastMap {
    std::string castTo = "TO_FLOAT", form = "DENSE";
    std::int64_t length = 1;
    static constexpr Identity identity{.name = "CastMap", .domain = "ai.onnx.ml", .implementation = "reference"};
    static constexpr auto formats = rows(row(mapFromInt64(str | f32), str | f32 | i64));
    static constexpr std::uint64_t shapeInputs = bits(0);
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "cast_to", &CastMap::castTo, "type of the output").oneOf("TO_FLOAT|TO_STRING|TO_INT64"),
            attr(2, "map_form", &CastMap::form, "all values, or each at the place that its key is").oneOf("DENSE|SPARSE"),
            attr(3, "max_map", &CastMap::length, "SPARSE: length of the output").range(1, 1 << 30)};
    }
    void types(std::span<const DataType>, std::span<DataType> out) const { out[0] = outputType(); }
    bool accepts(int pos, std::span<const abi::TensorDesc> all, int inputCount) const {
        return pos < inputCount || all[static_cast<std::size_t>(pos)].type == outputType();
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape{1, form == "SPARSE" ? Dim(length) : Dim::unknown()};
        if (form == "DENSE" && x[0].data != nullptr) y[0][1] = mapIn(x[0].data, x[0].type).count;
    }
    void run(const Launch& l) const {
        const MapInput map = mapIn(l.inputData(0), l.inputType(0));
        texts_.clear();
        if (outputType() == DataType::string) fill(l, map, abi::StringRef{"", 0});
        else if (outputType() == DataType::i64) fill(l, map, std::int64_t{0});
        else fill(l, map, 0.0F);
    }

private:
    DataType outputType() const {
        return castTo == "TO_FLOAT" ? DataType::f32 : castTo == "TO_STRING" ? DataType::string : DataType::i64;
    }
    template <class V>
    void fill(const Launch& l, const MapInput& map, V zero) const {
        std::map<std::int64_t, std::size_t> places;
        for (std::size_t i = 0; i < static_cast<std::size_t>(map.count); ++i)
            places.emplace(map.keysAs<std::int64_t>()[i], i);
        if (static_cast<std::int64_t>(places.size()) != map.count) throw Error("a key of a map is given twice");
        const auto y = l.output<V>(0);
        if (form == "SPARSE") {
            std::fill(y.begin(), y.end(), zero);
            if (!places.empty() && places.begin()->first < 0) throw Error("a key is negative");
        }
        std::int64_t next = 0;
        for (const auto& [key, i] : places) {
            const std::int64_t at = form == "SPARSE" ? key : next++;
            if (at >= y.size()) continue;
            if (map.values->desc.type == DataType::f32) cast(map.valuesAs<float>()[i], y[at]);
            else cast(textOf(map.valuesAs<abi::StringRef>()[i]), y[at]);
        }
    }
    static void cast(float v, float& y) { y = v; }
    static void cast(float v, std::int64_t& y) { y = reference::toInteger<std::int64_t>(v); }
    void cast(float v, abi::StringRef& y) const { keep(std::to_string(v), y); }
    void cast(std::string_view v, abi::StringRef& y) const { keep(std::string(v), y); }
    static void cast(std::string_view v, float& y) {
        const std::string text(v);
        char* end = nullptr;
        y = std::strtof(text.c_str(), &end);
        if (text.empty() || *end != '\0') throw Error("\"" + text + "\" is not a number");
    }
    static void cast(std::string_view v, std::int64_t& y) {
        const auto [end, error] = std::from_chars(v.data(), v.data() + v.size(), y);
        if (error != std::errc() || end != v.data() + v.size()) throw Error("\"" + std::string(v) + "\" is not an integer");
    }
    void keep(std::string text, abi::StringRef& y) const {
        texts_.push_back(std::move(text));
        y = {texts_.back().data(), texts_.back().size()};
    }
    mutable std::deque<std::string> texts_;  // of the output, until the next run
};

}  // namespace tenon::ml

TENON_OPERATORS(cast_map, tenon::ml::CastMap)
