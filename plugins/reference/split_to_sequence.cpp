// Parts of x along one axis as a sequence: of equal length (a scalar; the last may be shorter), of the given lengths, or of
// length 1 (ONNX SplitToSequence opset 11 and later).
#include "axis_split.h"
#include "list_output.h"

namespace tenon::reference {
using namespace sdk;

struct SplitToSequence : ListOutput {
    std::int64_t axis = 0;
    bool keepdims = true;
    static constexpr Identity identity{.name = "SplitToSequence", .since = 11};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(in(T, optional(i32 | i64)), out(sequence(T))));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &SplitToSequence::axis, "axis that is split"),
                          attr(2, "keepdims", &SplitToSequence::keepdims, "0: parts lack the axis, when split is absent")};
    }
    void infer(Shapes x, Shapes y) const {
        if (x[0].hasRank()) x[0].axis(axis);
        y[0] = Shape::ofRank(0);
    }
    void run(const Launch& l) const {
        const auto dims = dimsOf(l.inputDesc(0));
        const AxisSplit whole = splitAt(dims, axis);
        const auto at = static_cast<std::size_t>(axis < 0 ? axis + static_cast<std::int64_t>(dims.size()) : axis);
        const std::size_t element = static_cast<std::size_t>(elementBits(l.inputType(0))) / 8;
        std::vector<OwnedTensor> parts;
        std::vector<abi::FieldTensor> items;
        std::int64_t from = 0;
        for (const std::int64_t length : lengths(l, whole.extent)) {
            std::vector<std::int64_t> partDims(dims.begin(), dims.end());
            partDims[at] = length;
            if (!keepdims && !l.hasInput(1)) partDims.erase(partDims.begin() + static_cast<std::ptrdiff_t>(at));
            OwnedTensor part(l.inputType(0), partDims);
            const std::size_t row = static_cast<std::size_t>(length * whole.inner) * element;
            for (std::int64_t o = 0; row > 0 && o < whole.outer; ++o)
                std::memcpy(part.data() + static_cast<std::size_t>(o) * row,
                            static_cast<const std::byte*>(l.inputData(0)) +
                                static_cast<std::size_t>((o * whole.extent + from) * whole.inner) * element,
                            row);
            parts.push_back(l.inputType(0) == DataType::string ? OwnedTensor(part.ref()) : std::move(part));
            items.push_back(parts.back().ref());
            from += length;
        }
        give(l, std::move(items), std::move(parts));
    }

private:
    static std::vector<std::int64_t> lengths(const Launch& l, std::int64_t extent) {
        if (!l.hasInput(1)) return std::vector<std::int64_t>(static_cast<std::size_t>(extent), 1);
        const std::vector<std::int64_t> given = l.integers(1);
        if (l.inputDesc(1).dims.rank == 0) {
            const std::int64_t part = given.at(0);
            if (part < 1) throw Error("split is " + std::to_string(part) + ", must be positive");
            std::vector<std::int64_t> all;
            for (std::int64_t left = extent; left > 0; left -= part)
                all.push_back(std::min(part, left));
            return all;
        }
        std::int64_t left = extent;
        for (const std::int64_t n : given) {
            if (n < 0 || n > left) throw Error("the lengths in split do not fit an axis of " + std::to_string(extent));
            left -= n;
        }
        if (left != 0)
            throw Error("the lengths in split leave " + std::to_string(left) + " of an axis of " + std::to_string(extent));
        return given;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(split_to_sequence, tenon::reference::SplitToSequence)
