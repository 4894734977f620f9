// One item of a sequence, and the number of items (ONNX SequenceAt and SequenceLength, opset 11 and later).
#include "list_output.h"

namespace tenon::reference {
using namespace sdk;

struct SequenceAt {
    static constexpr Identity identity{.name = "SequenceAt", .since = 11};
    static constexpr Slot T = var('T', anyType | halfBytes);
    static constexpr auto formats = rows(row(in(sequence(T), i32 | i64), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(0, 1);
    void infer(Shapes x, Shapes y) const { y[0] = shapeOf(at(knownItems(x[0]), x[1].integers().at(0)).desc); }
    void run(const Launch& l) const {
        const abi::FieldTensor& item = at(itemsOf(l.inputData(0)), l.integers(1).at(0));
        if (item.size > 0) std::memcpy(l.outputData(0), item.data, item.size);
    }

private:
    static const abi::FieldTensor& at(std::span<const abi::FieldTensor> items, std::int64_t position) {
        return items[sequencePosition(position, items.size(), false)];
    }
};

struct SequenceLength {
    static constexpr Identity identity{.name = "SequenceLength", .since = 11};
    static constexpr auto formats = rows(row(sequence(anyType | halfBytes), i64));
    void infer(Shapes, Shapes y) const { y[0] = Shape::ofRank(0); }
    void run(const Launch& l) const { l.output<std::int64_t>(0)[0] = static_cast<std::int64_t>(itemsOf(l.inputData(0)).size()); }
};

}  // namespace tenon::reference

TENON_OPERATORS(sequence_at, tenon::reference::SequenceAt, tenon::reference::SequenceLength)
