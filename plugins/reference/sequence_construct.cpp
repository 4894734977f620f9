// Sequences made from tensors: SequenceConstruct holds its inputs, SequenceEmpty nothing (ONNX opset 11 and later).
#include "list_output.h"

namespace tenon::reference {
using namespace sdk;

struct SequenceConstruct : ListOutput {
    static constexpr Identity identity{.name = "SequenceConstruct", .since = 11};
    static constexpr Slot T = var('T', anyType | halfBytes);
    static constexpr auto formats = rows(row(in(variadic(T)), out(sequence(T))));
    void infer(Shapes, Shapes y) const { y[0] = Shape::ofRank(0); }
    void run(const Launch& l) const {
        std::vector<OwnedTensor> owned;
        std::vector<abi::FieldTensor> items;
        for (int i = 0; i < l.inputCount(); ++i) {
            owned.emplace_back(inputTensor(l, i));
            items.push_back(owned.back().ref());
        }
        give(l, std::move(items), std::move(owned));
    }
};

struct SequenceEmpty : ListOutput {
    DataType dtype = DataType::f32;
    static constexpr Identity identity{.name = "SequenceEmpty", .since = 11};
    static constexpr auto formats = rows(row(in(), out(sequence(anyType | halfBytes))));
    static constexpr auto attributes() { return std::tuple{attr(1, "dtype", &SequenceEmpty::dtype, "type of the elements")}; }
    void types(std::span<const DataType>, std::span<DataType> out) const { out[0] = abi::withFlags(dtype, abi::kSequenceFlag); }
    void infer(Shapes, Shapes y) const { y[0] = Shape::ofRank(0); }
    void run(const Launch& l) const { give(l, {}); }
};

}  // namespace tenon::reference

TENON_OPERATORS(sequence_construct, tenon::reference::SequenceConstruct, tenon::reference::SequenceEmpty)
