// Outputs of repeated runs of a nested network, stacked along a new axis.
#pragma once

#include <tenon/sdk/owned_tensor.h>
#include <tenon/sdk/shape.h>

namespace tenon::reference {

// The runs' outputs in order; all of one type and shape.
class StackedRuns {
public:
    void add(const abi::FieldTensor& run) {
        if (abi::isComposite(run.desc.type)) throw sdk::Error("outputs that are stacked must be tensors");
        if (!runs_.empty() && !sdk::sameDims(runs_[0].desc().dims, run.desc.dims))
            throw sdk::Error("an output that is stacked changes its shape from one run to another");
        runs_.emplace_back(run);
    }
    // The stack, new axis `axis` of length `runs`. Without a run it has the type and rank 1: nothing else is known.
    sdk::OwnedTensor stacked(sdk::DataType type, std::int64_t axis = 0, bool isReversed = false) && {
        if (isReversed) std::reverse(runs_.begin(), runs_.end());
        std::vector<std::int64_t> dims;
        if (!runs_.empty()) dims.assign(runs_[0].desc().dims.d, runs_[0].desc().dims.d + runs_[0].desc().dims.rank);
        const auto rank = static_cast<std::int64_t>(dims.size()) + 1;
        if (axis < -rank || axis >= rank) throw sdk::Error("a scan axis of " + std::to_string(axis) + " is outside the output");
        dims.insert(dims.begin() + (axis < 0 ? axis + rank : axis), static_cast<std::int64_t>(runs_.size()));
        std::int64_t outer = 1;
        for (std::int64_t d = 0; d < (axis < 0 ? axis + rank : axis); ++d)
            outer *= dims[static_cast<std::size_t>(d)];
        return interleaved(type, dims, outer);
    }

private:
    // Strings are copied as references first, which the deep copy then owns.
    sdk::OwnedTensor interleaved(sdk::DataType type, const std::vector<std::int64_t>& dims, std::int64_t outer) const {
        sdk::OwnedTensor whole(type, dims);
        if (sdk::elementBits(type) < 8) throw sdk::Error(std::string("outputs of ") + sdk::typeName(type) + " are not stacked");
        const std::size_t part = runs_.empty() || outer == 0 ? 0 : runs_[0].ref().size / static_cast<std::size_t>(outer);
        std::byte* to = whole.data();
        for (std::int64_t o = 0; part > 0 && o < outer; ++o)
            for (const sdk::OwnedTensor& run : runs_) {
                std::memcpy(to, static_cast<const std::byte*>(run.ref().data) + static_cast<std::size_t>(o) * part, part);
                to += part;
            }
        return type == sdk::DataType::string ? sdk::OwnedTensor(whole.ref()) : whole;
    }
    std::vector<sdk::OwnedTensor> runs_;
};

inline sdk::Shape stackedShape(const sdk::Dim& runs, const sdk::Shape& one, std::int64_t axis = 0) {
    if (!one.hasRank()) return {};
    const std::int64_t rank = one.rank() + 1, at = axis < 0 ? axis + rank : axis;
    sdk::Shape out = sdk::Shape::ofRank(0);
    for (std::int64_t i = 0; i < rank; ++i)
        out.append(i == at ? runs : one[static_cast<int>(i < at ? i : i - 1)]);
    return out;
}

}  // namespace tenon::reference
