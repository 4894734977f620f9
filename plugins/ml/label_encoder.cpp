// y = value of the key x (ONNX-ML LabelEncoder opset 1, 2 and 4). Opset 1 numbers a list of texts.
#include "value_list.h"

#include <numeric>

namespace tenon::ml {
using namespace sdk;

struct LabelEncoder {
    std::vector<std::string> classTexts, keyTexts, valueTexts;
    std::vector<std::int64_t> keyInts, valueInts;
    std::vector<float> keyFloats, valueFloats;
    ValueList keyTensor, valueTensor, defaultTensor;
    std::string defaultText = "_Unused";
    std::int64_t defaultInt = -1;
    float defaultFloat = -0.0F;
    static constexpr Identity identity{.name = "LabelEncoder", .domain = "ai.onnx.ml", .implementation = "reference"};
    static constexpr TypeSet kTypes = str | i64 | f32 | f64 | i32 | i16;
    static constexpr auto formats = rows(row(kTypes, kTypes));
    static constexpr auto attributes() {
        using Op = LabelEncoder;
        return std::tuple{attr(1, "classes_strings", &Op::classTexts, "opset 1: texts, numbered from 0"),
                          attr(2, "keys_strings", &Op::keyTexts, "keys as texts"),
                          attr(3, "keys_int64s", &Op::keyInts, "keys as integers"),
                          attr(4, "keys_floats", &Op::keyFloats, "keys as floats"),
                          attr(5, "keys_tensor", &Op::keyTensor, "keys of any type"),
                          attr(6, "values_strings", &Op::valueTexts, "values as texts"),
                          attr(7, "values_int64s", &Op::valueInts, "values as integers"),
                          attr(8, "values_floats", &Op::valueFloats, "values as floats"),
                          attr(9, "values_tensor", &Op::valueTensor, "values of any type"),
                          attr(10, "default_string", &Op::defaultText, "value of other keys, a text"),
                          attr(11, "default_int64", &Op::defaultInt, "value of other keys, an integer"),
                          attr(12, "default_float", &Op::defaultFloat, "value of other keys, a float"),
                          attr(13, "default_tensor", &Op::defaultTensor, "value of other keys, of any type")};
    }
    void check(const abi::LayerInfo&) {
        if (!classTexts.empty()) return makeNumbering();
        const ValueList keys = one(keyTexts, keyInts, keyFloats, keyTensor, "keys");
        const ValueList values = one(valueTexts, valueInts, valueFloats, valueTensor, "values");
        keyType_ = typeOfList(keys);
        valueType_ = typeOfList(values);
        withValues(keys, [&]<class K>(const std::vector<K>& k) {
            withValues(values, [&]<class V>(const std::vector<V>& v) { lookup_ = makeLookup(k, v, otherOf<V>()); });
        });
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        const bool isClasses = !classTexts.empty(), isText = in[0] == DataType::string;
        if (isClasses ? !isText && in[0] != DataType::i64 : in[0] != keyType_)
            throw Error(std::string("the keys are not of the input's type ") + typeName(in[0]));
        out[0] = !isClasses ? valueType_ : isText ? DataType::i64 : DataType::string;
    }
    void run(const Launch& l) const {
        const bool isNumber = !classTexts.empty() && l.inputType(0) != DataType::string;
        (isNumber ? textOfNumber_ : lookup_)->run(l);
    }

private:
    // The one of the alternatives that is given.
    static ValueList one(const std::vector<std::string>& texts, const std::vector<std::int64_t>& ints,
                         const std::vector<float>& floats, const ValueList& tensor, const char* what) {
        const int given = int{!texts.empty()} + int{!ints.empty()} + int{!floats.empty()} + int{isGiven(tensor)};
        if (given != 1) throw Error(std::string("the ") + what + " must be given in one list");
        if (!texts.empty()) return texts;
        if (!ints.empty()) return ints;
        if (!floats.empty()) return floats;
        return tensor;
    }
    void makeNumbering() {
        std::vector<std::int64_t> numbers(classTexts.size());
        std::iota(numbers.begin(), numbers.end(), 0);
        lookup_ = makeLookup(classTexts, numbers, defaultInt);
        textOfNumber_ = makeLookup(numbers, classTexts, defaultText);
    }
    template <class V>
    V otherOf() const {
        if (isGiven(defaultTensor)) {
            const auto* values = std::get_if<std::vector<V>>(&defaultTensor);
            if (values == nullptr || values->size() != 1) throw Error("'default_tensor' must be one value of the values' type");
            return values->front();
        }
        if constexpr (std::is_same_v<V, std::string>) return defaultText;
        else if constexpr (std::is_same_v<V, std::int64_t>) return defaultInt;
        else if constexpr (std::is_integral_v<V>) return -1;
        else return static_cast<V>(defaultFloat);
    }
    DataType keyType_ = DataType::undefined, valueType_ = DataType::undefined;
    std::shared_ptr<const Lookup> lookup_;
    std::shared_ptr<const Lookup> textOfNumber_;  // of opset 1
};

}  // namespace tenon::ml

TENON_OPERATORS(label_encoder, tenon::ml::LabelEncoder)
