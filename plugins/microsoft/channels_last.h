// Tensors (N, spatial..., C), as ONNX Runtime's operators with channels last take them.
#pragma once

#include "../reference/strided_copy.h"

namespace tenon::microsoft {

// (N, spatial..., C) to (N, C, spatial...), and back.
inline sdk::Shape channelsSecond(const sdk::Shape& s) {
    sdk::Shape t{s[0], s[s.rank() - 1]};
    for (int d = 1; d + 1 < s.rank(); ++d)
        t.append(s[d]);
    return t;
}
inline sdk::Shape channelsLast(const sdk::Shape& s) {
    sdk::Shape t{s[0]};
    for (int d = 2; d < s.rank(); ++d)
        t.append(s[d]);
    t.append(s[1]);
    return t;
}
inline abi::TensorDesc channelsSecond(abi::TensorDesc desc) {
    std::rotate(desc.dims.d + 1, desc.dims.d + desc.dims.rank - 1, desc.dims.d + desc.dims.rank);
    return desc;
}

// Where channel c of batch n and its element i lie.
struct ChannelLayout {
    std::int64_t channels, elements;
    bool isLast;
    std::int64_t at(std::int64_t n, std::int64_t c, std::int64_t i) const {
        return isLast ? (n * elements + i) * channels + c : (n * channels + c) * elements + i;
    }
    // The channel that element `at` of the tensor belongs to.
    std::int64_t channelOf(std::int64_t at) const { return isLast ? at % channels : at / elements % channels; }
};

// A tensor with its channels in the second place, copied there where they come last.
template <class E>
class ChannelsFirst {
public:
    ChannelsFirst(sdk::View<const E> x, bool isLast) : data_(x.data), dims_(x.dims.begin(), x.dims.end()) {
        if (!isLast) return;
        std::rotate(dims_.begin() + 1, dims_.end() - 1, dims_.end());
        own_.resize(static_cast<std::size_t>(x.size()));
        const std::int64_t channels = dims_[1], batch = x.size() == 0 ? 0 : x.size() / dims_[0];
        reference::StridedCopy copy;
        copy.add(dims_[0], batch, batch);
        copy.add(channels, 1, batch == 0 ? 0 : batch / channels);
        copy.add(batch == 0 ? 0 : batch / channels, channels, 1);
        copy.run(x.data, own_.data());
        data_ = own_.data();
    }
    const E* data() const { return data_; }
    std::span<const std::int64_t> dims() const { return dims_; }

private:
    const E* data_;
    std::vector<std::int64_t> dims_;
    std::vector<E> own_;
};

}  // namespace tenon::microsoft
