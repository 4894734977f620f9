// y[0, i] = the value that map x has for word i of a vocabulary, else 0 or an empty text (ONNX-ML DictVectorizer opset 1).
#include "lookup.h"
#include "map_input.h"

namespace tenon::ml {
using namespace sdk;

struct DictVectorizer {
    std::vector<std::int64_t> vocabularyInts;
    std::vector<std::string> vocabularyTexts;
    static constexpr Identity identity{.name = "DictVectorizer", .domain = "ai.onnx.ml", .implementation = "reference"};
    static constexpr Slot T = var('T', i64 | f32 | f64), U = var('U', str | f32 | f64);
    static constexpr auto formats = rows(row(mapFromString(T), T), row(mapFromInt64(U), U));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "int64_vocabulary", &DictVectorizer::vocabularyInts, "the words, for maps from integers"),
                          attr(2, "string_vocabulary", &DictVectorizer::vocabularyTexts, "the words, for maps from texts")};
    }
    void check(const abi::LayerInfo&) {
        if (vocabularyInts.empty() == vocabularyTexts.empty()) throw Error("exactly one vocabulary must be given");
        ints_ = std::make_shared<const KeyTable<std::int64_t>>(vocabularyInts);
        texts_ = std::make_shared<const KeyTable<std::string>>(vocabularyTexts);
    }
    void infer(Shapes, Shapes y) const {
        y[0] = Shape{1, static_cast<std::int64_t>(std::max(vocabularyInts.size(), vocabularyTexts.size()))};
    }
    void run(const Launch& l) const {
        const MapInput map = mapIn(l.inputData(0), l.inputType(0));
        const bool hasTexts = map.keys->desc.type == DataType::string;
        if (hasTexts == vocabularyTexts.empty()) throw Error("vocabulary and keys are not both integers or both strings");
        if (l.outputType(0) == DataType::string) return place<abi::StringRef>(l, map, *ints_);
        dispatch<i64 | f32 | f64>(l.outputType(0), [&]<class V>() {
            if (hasTexts) place<V>(l, map, *texts_);
            else place<V>(l, map, *ints_);
        });
    }

private:
    template <class V, class Word>
    static void place(const Launch& l, const MapInput& map, const KeyTable<Word>& words) {
        V* y = l.output<V>(0).data;
        std::fill_n(y, words.size(), V{});
        for (std::size_t i = 0; i < static_cast<std::size_t>(map.count); ++i) {
            const std::size_t word = words.find(map.keysAs<ElementOf<Word>>()[i]);
            if (word < words.size()) y[word] = map.valuesAs<V>()[i];
        }
    }
    std::shared_ptr<const KeyTable<std::int64_t>> ints_;
    std::shared_ptr<const KeyTable<std::string>> texts_;
};

}  // namespace tenon::ml

TENON_OPERATORS(dict_vectorizer, tenon::ml::DictVectorizer)
