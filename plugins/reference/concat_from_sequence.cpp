// The items of a sequence one after another along an axis, or along a new one (ONNX ConcatFromSequence opset 11 and later).
#include "axis_split.h"
#include "list_output.h"

namespace tenon::reference {
using namespace sdk;

struct ConcatFromSequence {
    std::int64_t axis = 0;
    bool newAxis = false;
    static constexpr Identity identity{.name = "ConcatFromSequence", .since = 11};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(in(sequence(T)), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(0);
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &ConcatFromSequence::axis, "axis along which items are joined").required(),
                          attr(2, "new_axis", &ConcatFromSequence::newAxis, "1: the axis is new")};
    }
    void infer(Shapes x, Shapes y) const {
        const auto items = knownItems(x[0]);
        if (items.empty()) throw Error("an empty sequence cannot be joined");
        const std::size_t at = position(items[0].desc.dims.rank);
        std::vector<std::int64_t> dims = partDims(items[0], at);
        for (std::size_t i = 1; i < items.size(); ++i) {
            std::vector<std::int64_t> part = partDims(items[i], at);
            const std::int64_t extent = part.size() == dims.size() ? std::exchange(part[at], dims[at]) : 0;
            if (part != dims) throw Error("item " + std::to_string(i) + " of the sequence does not fit those before it");
            dims[at] += extent;
        }
        y[0] = Shape::ofRank(0);
        for (const std::int64_t d : dims)
            y[0].append(d);
    }
    void run(const Launch& l) const {
        const auto items = itemsOf(l.inputData(0));
        const auto dims = dimsOf(l.outputDesc(0));
        const std::size_t at = position(static_cast<std::int32_t>(dims.size()) - (newAxis ? 1 : 0));
        std::size_t outer = 1;
        for (std::size_t d = 0; d < at; ++d)
            outer *= static_cast<std::size_t>(dims[d]);
        auto* to = static_cast<std::byte*>(l.outputData(0));
        for (std::size_t o = 0; o < outer; ++o)
            for (const abi::FieldTensor& item : items) {
                const std::size_t row = static_cast<std::size_t>(item.size) / outer;
                if (row > 0) std::memcpy(to, static_cast<const std::byte*>(item.data) + o * row, row);
                to += row;
            }
    }

private:
    std::size_t position(std::int32_t itemRank) const {
        const std::int64_t rank = itemRank + (newAxis ? 1 : 0);
        if (axis < -rank || axis >= rank)
            throw Error("axis " + std::to_string(axis) + " is outside a result of rank " + std::to_string(rank));
        return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
    }
    std::vector<std::int64_t> partDims(const abi::FieldTensor& item, std::size_t at) const {
        const auto given = dimsOf(item.desc);
        std::vector<std::int64_t> dims(given.begin(), given.end());
        if (at > dims.size()) throw Error("an item of the sequence has too few dimensions");
        if (newAxis) dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(at), 1);
        return dims;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(concat_from_sequence, tenon::reference::ConcatFromSequence)
