// y = (data - zero point) scale for the slices of `data` that the indices name along one axis; each block of consecutive elements
// along another axis has its scale and zero point (com.microsoft GatherBlockQuantized). Indices outside the axis give zeros.
#include "../reference/axis_split.h"
#include "../reference/indices.h"
#include "../reference/quantization.h"
#include "../reference/whole_bytes.h"
#include "contrib.h"

namespace tenon::microsoft {
using namespace sdk;

struct GatherBlockQuantized : reference::OnWholeBytes<GatherBlockQuantized> {
    std::int64_t bitCount = 4, blockSize = 128, gatherAxis = 0, quantizeAxis = 1;
    static constexpr Identity identity = contrib("GatherBlockQuantized");
    static constexpr Slot D = var('D', u8 | setOf(DataType::u4) | setOf(DataType::i4)), T = var('T', f32 | f16 | bf16);
    static constexpr auto formats = rows(row(in(D, Slot(i32 | i64), T, optional(D)), out(T)));
    enum Input { kData, kIndices, kScales, kZeros };
    static constexpr auto attributes() {
        using Op = GatherBlockQuantized;
        return std::tuple{
            attr(1, "bits", &Op::bitCount, "bits of each number that uint8 data holds: 2, 4 or 8").range(2, 8),
            attr(2, "block_size", &Op::blockSize, "numbers that share a scale: a power of two, 16 or more").range(16, 1 << 24),
            attr(3, "gather_axis", &Op::gatherAxis, "axis of the indices"),
            attr(4, "quantize_axis", &Op::quantizeAxis, "axis of the blocks")};
    }
    void check(const abi::LayerInfo&) const {
        if (bitCount != 2 && bitCount != 4 && bitCount != 8)
            throw Error("bits must be 2, 4 or 8, found " + std::to_string(bitCount));
        if ((blockSize & (blockSize - 1)) != 0)
            throw Error("block_size must be a power of two, found " + std::to_string(blockSize));
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const { out[0] = in[kScales]; }
    void infer(Shapes x, Shapes y) const {
        Shape data = x[kData].dims();
        const int rank = data.rank(), gathered = data.axis(gatherAxis), quantized = data.axis(quantizeAxis);
        const bool isPacked = x[kData].type == DataType::u8;
        if (isPacked && gathered != 0) throw Error("gather_axis must be 0 for uint8 data");
        if (isPacked && bitCount < 8 && gathered == quantized) throw Error("gather_axis and quantize_axis must differ");
        if (isPacked) data[rank - 1] = data[rank - 1] * (8 / bitCount);
        Shape scales = data;
        scales[quantized] = ceilDiv(data[quantized], blockSize);
        checkDims(x[kScales], scales, "the scales");
        if (isPacked) scales[rank - 1] = ceilDiv(scales[rank - 1] * bitCount, 8);
        if (x.has(kZeros)) checkDims(x[kZeros], scales, "the zero points");
        y[0] = Shape::ofRank(0);
        for (int d = 0; d < gathered; ++d)
            y[0].append(data[d]);
        for (int d = 0; d < x[kIndices].rank(); ++d)
            y[0].append(x[kIndices][d]);
        for (int d = gathered + 1; d < rank; ++d)
            y[0].append(data[d]);
    }
    void runWhole(const Launch& l) const {
        dispatch<f32 | f16 | bf16>(l.outputType(0), [&]<class E>() {
            if (l.inputType(kData) == DataType::i8) gather<std::int8_t, E>(l);
            else gather<std::uint8_t, E>(l);
        });
    }

private:
    static void checkDims(const Shape& found, const Shape& wanted, const char* what) {
        if (found.rank() != wanted.rank()) throw Error(std::string(what) + " must have the rank of the data");
        for (int d = 0; d < found.rank(); ++d)
            if (found[d].isConstant() && wanted[d].isConstant() && !found[d].same(wanted[d]))
                throw Error(std::string(what) + " have " + std::to_string(found[d].value()) + " in dimension " +
                            std::to_string(d) + ", must have " + std::to_string(wanted[d].value()));
    }
    // Numbers of `bits` bits in rows of `width` numbers, each row in bytes of its own.
    template <class D>
    struct Packed {
        const D* data;
        std::int64_t bits, width;
        int operator[](std::int64_t i) const {
            if (bits == 8) return data[i];
            const std::int64_t perByte = 8 / bits, rowBytes = (width + perByte - 1) / perByte, column = i % width;
            return (data[i / width * rowBytes + column / perByte] >> (column % perByte * bits)) & ((1 << bits) - 1);
        }
    };
    template <class D, class E>
    void gather(const Launch& l) const {
        const bool isPacked = l.layer().input(kData).type == DataType::u8;
        const std::int64_t bits = isPacked ? bitCount : 8;
        std::vector<std::int64_t> dims(l.input<D>(kData).dims.begin(), l.input<D>(kData).dims.end());
        dims.back() *= 8 / bits;
        const auto scales = l.input<E>(kScales);
        const Packed<D> data{l.input<D>(kData).data, bits, dims.back()};
        const Packed<D> zeros{l.hasInput(kZeros) ? l.input<D>(kZeros).data : nullptr, bits, scales.dims.back()};
        const int defaultZero = isPacked ? 1 << (bits - 1) : 0;
        const reference::AxisSplit g = reference::splitAt(dims, gatherAxis), q = reference::splitAt(dims, quantizeAxis);
        const std::int64_t blocks = (q.extent + blockSize - 1) / blockSize;
        const reference::Indices indices(l, kIndices);
        const auto y = l.output<E>(0);
        for (std::int64_t i = 0; i < y.size(); ++i) {
            const std::int64_t at = indices.at(i / g.inner % indices.size(), g.extent);
            if (at < 0 || at >= g.extent) {
                y[i] = E(0.0F);
                continue;
            }
            const std::int64_t from = (i / g.inner / indices.size() * g.extent + at) * g.inner + i % g.inner;
            const std::int64_t block =
                (from / q.inner / q.extent * blocks + from / q.inner % q.extent / blockSize) * q.inner + from % q.inner;
            const int zero = zeros.data == nullptr ? defaultZero : zeros[block];
            y[i] = E(static_cast<float>(data[from] - zero) * static_cast<float>(scales[block]));
        }
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(gather_block_quantized, tenon::microsoft::GatherBlockQuantized)
