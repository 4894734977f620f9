// Slices of a tensor along one axis, one at a time: the inputs of the runs of Scan.
#pragma once

#include "stacked_runs.h"

namespace tenon::reference {

inline sdk::Shape sliceShape(const sdk::Shape& x, std::int64_t axis) {
    if (!x.hasRank()) return {};
    const int at = x.axis(axis);
    sdk::Shape out = sdk::Shape::ofRank(0);
    for (int i = 0; i < x.rank(); ++i)
        if (i != at) out.append(x[i]);
    return out;
}

class ScanSlices {
public:
    ScanSlices(const abi::FieldTensor& source, std::int64_t axis, bool isReversed) : source_(source), isReversed_(isReversed) {
        const abi::Dims& dims = source.desc.dims;
        if (axis < -dims.rank || axis >= dims.rank)
            throw sdk::Error("scan axis " + std::to_string(axis) + " is outside its input");
        if (sdk::elementBits(source.desc.type) < 8) throw sdk::Error("elements of less than a byte are not scanned");
        std::vector<std::int64_t> rest;
        for (int i = 0; i < dims.rank; ++i) {
            if (i == (axis < 0 ? axis + dims.rank : axis)) length_ = dims.d[i];
            else rest.push_back(dims.d[i]);
            if (i < (axis < 0 ? axis + dims.rank : axis)) outer_ *= dims.d[i];
        }
        slice_ = sdk::OwnedTensor(source.desc.type, rest);
    }
    std::int64_t length() const { return length_; }
    // Valid until the next call.
    abi::FieldTensor at(std::int64_t index) {
        const std::size_t size = slice_.ref().size, part = outer_ == 0 ? 0 : size / static_cast<std::size_t>(outer_);
        const auto from = static_cast<std::size_t>(isReversed_ ? length_ - 1 - index : index);
        for (std::size_t o = 0; part > 0 && o < static_cast<std::size_t>(outer_); ++o)
            std::memcpy(slice_.data() + o * part,
                        static_cast<const std::byte*>(source_.data) + (o * static_cast<std::size_t>(length_) + from) * part,
                        part);
        return slice_.ref();
    }

private:
    abi::FieldTensor source_;
    bool isReversed_;
    std::int64_t length_ = 0, outer_ = 1;
    sdk::OwnedTensor slice_;
};

}  // namespace tenon::reference
