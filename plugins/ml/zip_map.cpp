// A map from class labels, ascending, to the scores of each row of x (ONNX-ML ZipMap opset 1).
#include "../reference/list_output.h"
#include "classes.h"
#include "features.h"

#include <algorithm>
#include <numeric>

namespace tenon::ml {
using namespace sdk;

struct ZipMap : Classes, reference::ListOutput {
    static constexpr Identity identity{.name = "ZipMap", .domain = "ai.onnx.ml", .implementation = "reference"};
    static constexpr auto formats = rows(row(f32, sequence(mapFromInt64(f32))), row(f32, sequence(mapFromString(f32))));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "classlabels_int64s", &ZipMap::labelInts, "the keys"),
                          attr(2, "classlabels_strings", &ZipMap::labelTexts, "or keys as texts")};
    }
    void check(const abi::LayerInfo&) {
        checkLabels();
        if (classCount() == 0) throw Error("no class labels are given");
        order_.resize(static_cast<std::size_t>(classCount()));
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        if (areTexts()) sortBy(labelTexts);
        else sortBy(labelInts);
    }
    void types(std::span<const DataType>, std::span<DataType> out) const {
        out[0] = abi::withFlags(mapType(), abi::kSequenceFlag);
    }
    bool accepts(int pos, std::span<const abi::TensorDesc> all, int inputCount) const {
        return pos < inputCount || abi::itemOf(all[static_cast<std::size_t>(pos)].type) == mapType();
    }
    void infer(Shapes x, Shapes y) const {
        rowsOf(x[0]);
        y[0] = Shape::ofRank(0);
    }
    void run(const Launch& l) const {
        const Features x = featuresOf(l.inputDesc(0));
        if (x.columns != classCount())
            throw Error("there are " + std::to_string(classCount()) + " labels for " + std::to_string(x.columns) + " columns");
        fill(memory_, x, l.input<float>(0).data);
        give(l, memory_.rows);
    }

private:
    // What the output points to; each object has its own, made anew by every run.
    struct Memory {
        std::vector<std::int64_t> ints;
        std::vector<abi::StringRef> texts;
        std::vector<float> scores;
        std::vector<std::array<abi::FieldTensor, 2>> pairs;  // keys and values of each row
        std::vector<abi::ListRef> maps;
        std::vector<abi::FieldTensor> rows;
    };
    DataType mapType() const { return abi::withFlags(DataType::f32, areTexts() ? abi::kMapStringFlag : abi::kMapInt64Flag); }

    template <class T>
    void sortBy(const std::vector<T>& labels) {
        const auto label = [&](std::size_t i) -> const T& { return labels[i]; };
        std::ranges::sort(order_, {}, label);
        if (std::ranges::adjacent_find(order_, {}, label) != order_.end()) throw Error("a class label is given twice");
    }
    abi::FieldTensor keys(Memory& m) const {
        m.ints.clear();
        m.texts.clear();
        for (const std::size_t c : order_) {
            if (areTexts()) m.texts.push_back({labelTexts[c].data(), labelTexts[c].size()});
            else m.ints.push_back(labelInts[c]);
        }
        const std::array<std::int64_t, 1> width{classCount()};
        if (areTexts()) return {hostDesc(DataType::string, width), m.texts.data(), m.texts.size() * sizeof(abi::StringRef)};
        return {hostDesc(DataType::i64, width), m.ints.data(), m.ints.size() * sizeof(std::int64_t)};
    }
    void fill(Memory& m, Features x, const float* scores) const {
        const auto count = static_cast<std::size_t>(x.rows), columns = order_.size();
        const std::array<std::int64_t, 1> width{x.columns};
        const abi::FieldTensor labels = keys(m);
        m.scores.resize(count * columns);
        m.pairs.resize(count);
        m.maps.resize(count);
        m.rows.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            float* row = m.scores.data() + i * columns;
            std::ranges::transform(order_, row, [&](std::size_t c) { return scores[i * columns + c]; });
            m.pairs[i] = {labels, {hostDesc(DataType::f32, width), row, columns * sizeof(float)}};
            m.maps[i] = {m.pairs[i].data(), 2};
            m.rows[i] = {hostDesc(mapType(), {}), &m.maps[i], sizeof(abi::ListRef)};
        }
    }
    std::vector<std::size_t> order_;  // of the columns, by ascending label
    mutable Memory memory_;
};

}  // namespace tenon::ml

TENON_OPERATORS(zip_map, tenon::ml::ZipMap)
