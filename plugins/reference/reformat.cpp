// y = x in another memory layout (tenon::Reformat).
#include "strided_copy.h"

namespace tenon::reference {
using namespace sdk;

// Where element (n, c, s) of a tensor of N images, C channels and S pixels lies.
struct Packing {
    std::int64_t block;  // channels that lie together; all of them where the layout has no blocks
    std::int64_t image, group, lane, pixel;
    std::int64_t offset(std::int64_t c) const { return c / block * group + c % block * lane; }
};

inline Packing packingOf(Layout layout, std::int64_t channels, std::int64_t pixels) {
    constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();
    if (layout == Layout::linear) return {kAll, channels * pixels, 0, pixels, 1};
    if (layout == Layout::channelsLast) return {kAll, channels * pixels, 0, 1, channels};
    const std::int64_t k = blockOf(layout);
    return {k, (channels + k - 1) / k * k * pixels, pixels * k, 1, k};
}

struct Reformat {
    static constexpr Identity identity{.name = abi::kReformatName, .since = 1, .domain = abi::kReformatDomain};
    static constexpr Slot T = Slot(anyType, 'T').with(kAllLayouts);
    static constexpr auto formats = rows(row(T, T));
    void run(const Launch& l) const {
        const abi::TensorDesc &from = l.inputDesc(0), &to = l.outputDesc(0);
        if (elementCount(from.dims) == 0) return;
        dispatchSize(from.type, [&]<class E>() {
            const E* x = static_cast<const E*>(l.inputData(0));
            E* y = static_cast<E*>(l.outputData(0));
            if (from.layout == to.layout) copySame(from, x, y);
            else copy(from, to.layout, x, y);
        });
    }

private:
    static std::int64_t pixelsOf(const abi::Dims& dims) {
        std::int64_t n = 1;
        for (int i = 2; i < dims.rank; ++i)
            n *= dims.d[i];
        return n;
    }
    template <class E>
    static void copySame(const abi::TensorDesc& desc, const E* x, E* y) {
        const bool isBlocked = blockOf(desc.layout) != 0;
        const std::int64_t count = isBlocked ? desc.dims.d[0] * packingOf(desc.layout, desc.dims.d[1], pixelsOf(desc.dims)).image
                                             : elementCount(desc.dims);
        std::memcpy(y, x, static_cast<std::size_t>(count) * sizeof(E));
    }
    // Whole blocks of the coarser layout at once, what is left in blocks of the finer one, then the padding lanes.
    template <class E>
    static void copy(const abi::TensorDesc& desc, Layout layout, const E* x, E* y) {
        const std::int64_t images = desc.dims.d[0], channels = desc.dims.d[1], pixels = pixelsOf(desc.dims);
        const Packing from = packingOf(desc.layout, channels, pixels), to = packingOf(layout, channels, pixels);
        const std::int64_t fine = std::min({from.block, to.block, channels});
        const std::int64_t coarse = std::max<std::int64_t>({fine, blockOf(desc.layout), blockOf(layout)});
        const std::int64_t whole = channels / coarse;
        StridedCopy body;
        body.add(images, from.image, to.image);
        body.add(whole, from.offset(coarse), to.offset(coarse));
        body.add(coarse / fine, from.offset(fine), to.offset(fine));
        addPlane(body, from, to, pixels, fine);
        body.run(x, y);
        for (std::int64_t c = whole * coarse; c < channels; c += fine) {
            StridedCopy rest;
            rest.add(images, from.image, to.image);
            addPlane(rest, from, to, pixels, std::min(fine, channels - c));
            rest.run(x + from.offset(c), y + to.offset(c));
        }
        if (blockOf(layout) != 0 && channels % to.block != 0) clearPadding(to, images, channels, pixels, y);
    }
    // The innermost loop is the one that walks the destination densely.
    static void addPlane(StridedCopy& copy, const Packing& from, const Packing& to, std::int64_t pixels, std::int64_t lanes) {
        if (to.lane != 1) copy.add(lanes, from.lane, to.lane);
        copy.add(pixels, from.pixel, to.pixel);
        if (to.lane == 1) copy.add(lanes, from.lane, to.lane);
    }
    template <class E>
    static void clearPadding(const Packing& to, std::int64_t images, std::int64_t channels, std::int64_t pixels, E* y) {
        const E zero{};
        StridedCopy padding;
        padding.add(images, 0, to.image);
        padding.add(pixels, 0, to.pixel);
        padding.add(to.block - channels % to.block, 0, to.lane);
        padding.run(&zero, y + to.offset(channels));
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(reformat, tenon::reference::Reformat)
