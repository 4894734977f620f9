// y[..., k] = 1 where x[...] is category k, else 0 (ONNX-ML OneHotEncoder opset 1).
#include "../reference/arithmetic.h"
#include "features.h"
#include "lookup.h"

namespace tenon::ml {
using namespace sdk;

struct OneHotEncoder {
    std::vector<std::int64_t> categoryInts;
    std::vector<std::string> categoryTexts;
    bool zeros = true;
    static constexpr Identity identity{.name = "OneHotEncoder", .domain = "ai.onnx.ml", .implementation = "reference"};
    static constexpr auto formats = rows(row(featureTypes | str, f32));
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "cats_int64s", &OneHotEncoder::categoryInts, "the categories of numbers"),
            attr(2, "cats_strings", &OneHotEncoder::categoryTexts, "the categories of texts"),
            attr(3, "zeros", &OneHotEncoder::zeros, "whether an unknown category gives zeros, else it is an error")};
    }
    void check(const abi::LayerInfo&) {
        if (categoryInts.empty() == categoryTexts.empty())
            throw Error("exactly one of 'cats_int64s' and 'cats_strings' must be given");
        ints_ = std::make_shared<const KeyTable<std::int64_t>>(categoryInts);
        texts_ = std::make_shared<const KeyTable<std::string>>(categoryTexts);
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        y[0].append(static_cast<std::int64_t>(std::max(categoryInts.size(), categoryTexts.size())));
    }
    void run(const Launch& l) const {
        if ((l.inputType(0) == DataType::string) != categoryInts.empty())
            throw Error("categories and input are not both numbers or both strings");
        if (l.inputType(0) == DataType::string) {
            const auto x = l.input<abi::StringRef>(0);
            encode(l, *texts_, x.size(), [&](std::int64_t i) { return x[i]; });
        } else {
            dispatch<featureTypes>(l.inputType(0), [&]<class T>() {
                const auto x = l.input<T>(0);
                encode(l, *ints_, x.size(), [&](std::int64_t i) { return whole(x[i]); });
            });
        }
    }

private:
    template <class T>
    static std::int64_t whole(T v) {
        if constexpr (std::is_floating_point_v<T>) return reference::toInteger<std::int64_t>(static_cast<double>(v));
        else return v;
    }
    template <class Key, class F>
    void encode(const Launch& l, const KeyTable<Key>& categories, std::int64_t count, F&& keyOf) const {
        float* y = l.output<float>(0).data;
        for (std::int64_t i = 0; i < count; ++i, y += categories.size()) {
            const std::size_t place = categories.find(keyOf(i));
            if (place == categories.size() && !zeros) throw Error("an input is none of the categories, and 'zeros' is 0");
            std::fill_n(y, categories.size(), 0.0F);
            if (place < categories.size()) y[place] = 1;
        }
    }
    std::shared_ptr<const KeyTable<std::int64_t>> ints_;
    std::shared_ptr<const KeyTable<std::string>> texts_;
};

}  // namespace tenon::ml

TENON_OPERATORS(one_hot_encoder, tenon::ml::OneHotEncoder)
