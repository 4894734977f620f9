// A sequence with one tensor more or less, at a position that counts from the end when negative (ONNX SequenceInsert and
// SequenceErase, opset 11 and later). By default the tensor is appended, or the last item is erased.
#include "list_output.h"

namespace tenon::reference {
using namespace sdk;

inline constexpr Slot kPosition = optional(i32 | i64);

struct SequenceInsert : ListOutput {
    static constexpr Identity identity{.name = "SequenceInsert", .since = 11};
    static constexpr Slot T = var('T', anyType | halfBytes);
    static constexpr auto formats = rows(row(in(sequence(T), T, kPosition), out(sequence(T))));
    void infer(Shapes, Shapes y) const { y[0] = Shape::ofRank(0); }
    void run(const Launch& l) const {
        const auto before = itemsOf(l.inputData(0));
        std::vector<abi::FieldTensor> items(before.begin(), before.end());
        std::vector<OwnedTensor> owned;
        owned.emplace_back(inputTensor(l, 1));
        const std::size_t at = l.hasInput(2) ? sequencePosition(l.integers(2).at(0), items.size(), true) : items.size();
        items.insert(items.begin() + static_cast<std::ptrdiff_t>(at), owned.back().ref());
        give(l, std::move(items), std::move(owned));
    }
};

struct SequenceErase : ListOutput {
    static constexpr Identity identity{.name = "SequenceErase", .since = 11};
    static constexpr Slot S = var('T', anyType | halfBytes);
    static constexpr auto formats = rows(row(in(sequence(S), kPosition), out(sequence(S))));
    void infer(Shapes, Shapes y) const { y[0] = Shape::ofRank(0); }
    void run(const Launch& l) const {
        const auto before = itemsOf(l.inputData(0));
        std::vector<abi::FieldTensor> items(before.begin(), before.end());
        const std::size_t at = sequencePosition(l.hasInput(1) ? l.integers(1).at(0) : -1, items.size(), false);
        items.erase(items.begin() + static_cast<std::ptrdiff_t>(at));
        give(l, std::move(items));
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(sequence_insert, tenon::reference::SequenceInsert, tenon::reference::SequenceErase)
