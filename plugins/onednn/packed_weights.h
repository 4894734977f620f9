// Constant weights in oneDNN's own layout, as they are kept in a plan: a header that names the layout, the elements, and the
// plain weights behind them where oneDNN cannot reorder the packed ones (Winograd's transformed weights) should another shape or
// thread count want another layout.
#pragma once

#include "kernel.h"

namespace tenon::onednn {

constexpr std::uint64_t kPackedHeader = 64;  // keeps the elements aligned

struct PackedHeader {
    std::uint64_t magic = 0x314B4350444E4E44;  // "DNNDPCK1"
    std::uint64_t size = 0;                    // bytes of the elements
    std::uint64_t layout = 0;                  // digest of the descriptor
};

// FNV-1a over the fields that decide where an element lies.
inline std::uint64_t layoutDigest(const memory::desc& desc) {
    const dnnl_memory_desc_t& d = desc.data;
    std::uint64_t hash = 0xCBF29CE484222325U;
    const auto mix = [&](std::int64_t v) { hash = (hash ^ static_cast<std::uint64_t>(v)) * 0x100000001B3U; };
    for (const std::int64_t v : {std::int64_t{d.ndims}, std::int64_t{d.data_type}, std::int64_t{d.format_kind}})
        mix(v);
    for (int i = 0; i < d.ndims; ++i) {
        mix(d.dims[i]);
        mix(d.padded_dims[i]);
    }
    if (d.format_kind == dnnl_blocked) {
        const auto& b = d.format_desc.blocking;
        for (int i = 0; i < d.ndims; ++i)
            mix(b.strides[i]);
        for (int i = 0; i < b.inner_nblks; ++i) {
            mix(b.inner_blks[i]);
            mix(b.inner_idxs[i]);
        }
    } else if (d.format_kind == dnnl_format_kind_wino) {
        const auto& w = d.format_desc.wino_desc;
        for (const int v :
             {static_cast<int>(w.wino_format), w.r, w.alpha, w.ic, w.oc, w.ic_block, w.oc_block, w.ic2_block, w.oc2_block})
            mix(v);
        mix(static_cast<std::int64_t>(w.size));
    }
    return hash;
}

inline PackedHeader headerOf(const memory::desc& packed) { return {.size = packed.get_size(), .layout = layoutDigest(packed)}; }

inline bool canReorder(const memory::desc& packed) { return packed.data.format_kind == dnnl_blocked; }
inline std::uint64_t plainOffset(const memory::desc& packed) { return kPackedHeader + (packed.get_size() + 63) / 64 * 64; }
inline std::uint64_t packedBytes(const memory::desc& plain, const memory::desc& packed) {
    return canReorder(packed) ? kPackedHeader + packed.get_size() : plainOffset(packed) + plain.get_size();
}

inline void packWeights(const memory::desc& plain, const memory::desc& packed, const void* from, void* to) {
    const PackedHeader header = headerOf(packed);
    auto* bytes = static_cast<std::byte*>(to);
    std::memset(bytes, 0, packedBytes(plain, packed));
    std::memcpy(bytes, &header, sizeof header);
    if (!canReorder(packed)) std::memcpy(bytes + plainOffset(packed), from, plain.get_size());
    memory source(plain, cpu(), const_cast<void*>(from)), target(packed, cpu(), bytes + kPackedHeader);
    dnnl::stream stream(cpu());
    dnnl::reorder(source, target).execute(stream, source, target);
    stream.wait();
}

inline void checkPacked(const PackedHeader& wanted, const void* weights) {
    if (std::memcmp(&wanted, weights, sizeof wanted) != 0)
        throw sdk::Error("the plan's packed weights have a layout that oneDNN does not use on this machine: build the plan again",
                         sdk::Status::corruptData);
}

// The shape and thread count that a packed layout was chosen for. oneDNN chooses by both, so they are kept with the plan, and
// the same choice is made again when it is loaded.
struct ChosenFor {
    memory::dims input, output;
    std::int64_t threads = 0;

    void save(sdk::Writer& w) const {
        for (const memory::dims* dims : {&input, &output})
            sdk::FieldTraits<std::vector<std::int64_t>>::write(w, *dims);
        w.put(threads);
    }
    void load(sdk::Reader& r) {
        for (memory::dims* dims : {&input, &output})
            *dims = sdk::FieldTraits<std::vector<std::int64_t>>::read(r);
        threads = r.get<std::int64_t>();
        if (!isSane(input) || !isSane(output) || threads < 0 || threads > 4096)
            throw sdk::Error("the shape that weights were packed for is damaged", sdk::Status::corruptData);
    }

private:
    static bool isSane(const memory::dims& dims) {
        std::int64_t product = 1;
        return std::ranges::all_of(dims, [&](std::int64_t d) {
            return d >= 0 && !__builtin_mul_overflow(product, std::max<std::int64_t>(d, 1), &product);
        });
    }
};

}  // namespace tenon::onednn
