// Runs body on the items of sequences at equal positions, and on tensors as they are; each output of the body makes a sequence
// (ONNX SequenceMap opset 17).
#include "owned_outputs.h"

namespace tenon::reference {
using namespace sdk;

struct SequenceMap : OwnedOutputs<SequenceMap> {
    Graph body;
    static constexpr Identity identity{.name = "SequenceMap", .since = 17};
    static constexpr TypeSet kTypes = anyType | halfBytes;
    static constexpr auto formats = rows(row(in(variadic(orComposite(kTypes))), out(variadic(sequence(kTypes)))));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "body", &SequenceMap::body, "graph to run for every item").required()};
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        std::vector<DataType> items;
        for (std::size_t i = 0; i < in.size(); ++i)
            items.push_back(isMapped(static_cast<int>(i), in[i], in.size()) ? abi::itemOf(in[i]) : in[i]);
        const auto y = Subgraph(body).outputTypes(items);
        if (y.size() < out.size()) throw Error("the body gives fewer outputs than the layer");
        for (std::size_t i = 0; i < out.size(); ++i) {
            if (abi::isComposite(y[i])) throw Error("the outputs of the body must be tensors");
            out[i] = abi::withFlags(y[i], abi::kSequenceFlag);
        }
    }
    void infer(Shapes, Shapes y) const {
        for (int i = 0; i < y.count(); ++i)
            y[i] = Shape::ofRank(0);
    }
    void run(const Launch& l) const {
        if (!isMapped(0, l.inputType(0), static_cast<std::size_t>(l.inputCount())))
            throw Error("the first input must be a sequence");
        const std::size_t count = itemsOf(l.inputData(0)).size();
        std::vector<std::vector<OwnedTensor>> lists(static_cast<std::size_t>(l.outputCount()));
        for (std::size_t k = 0; k < count; ++k) {
            const auto y = Subgraph(body).run(inputsAt(l, k, count));
            for (std::size_t i = 0; i < lists.size(); ++i)
                lists[i].emplace_back(y.at(i));
        }
        for (int i = 0; i < l.outputCount(); ++i)
            if (l.hasOutput(i)) keep(l, i, OwnedTensor(l.outputType(i), std::move(lists[static_cast<std::size_t>(i)])));
    }

private:
    // Of the layer's own inputs sequences are taken apart; captured ones arrive as they are.
    bool isMapped(int i, DataType type, std::size_t inputCount) const {
        return i < static_cast<int>(inputCount) - Subgraph(body).capturedCount() && abi::flagsOf(type) == abi::kSequenceFlag;
    }
    std::vector<abi::FieldTensor> inputsAt(const Launch& l, std::size_t k, std::size_t count) const {
        std::vector<abi::FieldTensor> in;
        for (int i = 0; i < l.inputCount(); ++i) {
            in.push_back(inputTensor(l, i));
            if (!isMapped(i, l.inputType(i), static_cast<std::size_t>(l.inputCount()))) continue;
            const auto items = itemsOf(l.inputData(i));
            if (items.size() != count) throw Error("the sequences have different lengths");
            in.back() = items[k];
        }
        return in;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(sequence_map, tenon::reference::SequenceMap)
