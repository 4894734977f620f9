// Index tensors: integers that count from the end where negative.
#pragma once

#include "strided_copy.h"

namespace tenon::reference {

// The elements of an int32 or int64 tensor.
class Indices {
public:
    Indices(const sdk::Launch& l, int input)
        : data_(l.inputData(input)),
          count_(sdk::elementCount(l.inputDesc(input).dims)),
          isWide_(l.inputType(input) == sdk::DataType::i64) {}
    std::int64_t size() const { return count_; }
    std::int64_t operator[](std::int64_t i) const {
        return isWide_ ? static_cast<const std::int64_t*>(data_)[i] : static_cast<const std::int32_t*>(data_)[i];
    }
    // Element i as an index into `extent` elements.
    std::int64_t at(std::int64_t i, std::int64_t extent) const {
        const std::int64_t v = (*this)[i];
        return v < 0 ? v + extent : v;
    }
    // An error, thrown outside any parallel loop, when one is outside [-extent, extent).
    void check(std::int64_t extent) const {
        for (std::int64_t i = 0; i < count_; ++i)
            checkOne((*this)[i], extent);
    }
    static void checkOne(std::int64_t v, std::int64_t extent) {
        if (v < -extent || v >= extent)
            throw sdk::Error("index " + std::to_string(v) + " is outside an axis of " + std::to_string(extent));
    }

private:
    const void* data_;
    std::int64_t count_;
    bool isWide_;
};

// The element of a dense tensor that belongs to each position of an index tensor of the same rank: the position itself, but for
// one axis, where the index says (GatherElements, ScatterElements).
class ElementWalk {
public:
    ElementWalk(std::span<const std::int64_t> dims, std::span<const std::int64_t> indexDims, std::size_t axis)
        : steps_(denseSteps(dims)), dims_(indexDims), axis_(axis), extent_(dims[axis]) {}
    // Calls body(position, element) for the positions [begin, end), in order.
    template <class F>
    void forEach(const Indices& indices, std::int64_t begin, std::int64_t end, F&& body) const {
        const std::size_t rank = dims_.size();
        while (begin < end) {
            const std::int64_t row = dims_[rank - 1], first = begin % row, stop = std::min(row, first + end - begin);
            const std::int64_t base = rowStart(begin / row), inner = axis_ == rank - 1 ? 0 : 1;
            for (std::int64_t i = first; i < stop; ++i, ++begin)
                body(begin, base + i * inner + indices.at(begin, extent_) * steps_[axis_]);
        }
    }

private:
    std::int64_t rowStart(std::int64_t row) const {
        std::int64_t at = 0;
        for (std::size_t d = dims_.size() - 1; d-- > 0;) {
            if (d != axis_) at += row % dims_[d] * steps_[d];
            row /= dims_[d];
        }
        return at;
    }
    std::array<std::int64_t, abi::kMaxRank> steps_;
    std::span<const std::int64_t> dims_;
    std::size_t axis_;
    std::int64_t extent_;
};

// Both tensors have one rank, and away from the axis the indices are no longer than the data.
inline void checkElementIndices(const sdk::Shape& data, const sdk::Shape& indices, int axis) {
    if (data.rank() != indices.rank())
        throw sdk::Error("indices have rank " + std::to_string(indices.rank()) + ", data has rank " +
                         std::to_string(data.rank()));
    for (int i = 0; i < data.rank(); ++i)
        if (i != axis && indices[i].isConstant() && data[i].isConstant() && indices[i].value() > data[i].value())
            throw sdk::Error("dimension " + std::to_string(i) + " of indices is " + std::to_string(indices[i].value()) +
                             ", that of data is " + std::to_string(data[i].value()));
}

// Rows of an index tensor [..., depth], each of which names a slice of a tensor (GatherND, ScatterND).
class SliceIndices {
public:
    // The slice lies in dims[first...]; its leading `depth` extents are indexed.
    SliceIndices(const Indices& indices, std::span<const std::int64_t> dims, std::size_t first, std::size_t depth)
        : indices_(indices), extents_(dims.subspan(first, depth)) {
        const auto steps = denseSteps(dims);
        std::copy_n(steps.begin() + static_cast<std::ptrdiff_t>(first), depth, steps_.begin());
    }
    void check(std::int64_t rows) const {
        for (std::int64_t r = 0; r < rows; ++r)
            for (std::size_t k = 0; k < extents_.size(); ++k)
                Indices::checkOne(indices_[r * depth() + static_cast<std::int64_t>(k)], extents_[k]);
    }
    // Offset of the slice that row r names.
    std::int64_t offset(std::int64_t r) const {
        std::int64_t at = 0;
        for (std::size_t k = 0; k < extents_.size(); ++k)
            at += indices_.at(r * depth() + static_cast<std::int64_t>(k), extents_[k]) * steps_[k];
        return at;
    }

private:
    std::int64_t depth() const { return static_cast<std::int64_t>(extents_.size()); }
    Indices indices_;
    std::span<const std::int64_t> extents_;
    std::array<std::int64_t, abi::kMaxRank> steps_{};
};

}  // namespace tenon::reference
