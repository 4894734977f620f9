// y = a w' + bias, where w(n, k) = (q(n, k) - zero point) scale: q has 2, 4 or 8 bits, and each block of consecutive k has its
// scale and zero point (com.microsoft MatMulNBits).
#include "../reference/product.h"
#include "contrib.h"
#include "row_normalization.h"

namespace tenon::microsoft {
using namespace sdk;

struct MatMulNBits {
    std::int64_t depth = 0, columns = 0, accuracyLevel = 0, bitCount = 4, blockSize = 0, prepacked = 0;
    static constexpr Identity identity = contrib("MatMulNBits");
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats =
        rows(row(in(T, Slot(u8), T, optional(Slot(u8 | floats)), optional(Slot(i32)), optional(T)), out(T)));
    enum Input { kA, kWeights, kScales, kZeros, kGroups, kBias };
    static constexpr auto attributes() {
        using Op = MatMulNBits;
        return std::tuple{
            attr(1, "K", &Op::depth, "rows of the weights").required().range(1, INT32_MAX),
            attr(2, "N", &Op::columns, "columns of the weights").required().range(1, INT32_MAX),
            attr(3, "accuracy_level", &Op::accuracyLevel, "lowest accuracy that suffices; float32 or better is used"),
            attr(4, "bits", &Op::bitCount, "bits of a weight: 2, 4 or 8").range(2, 8),
            attr(5, "block_size", &Op::blockSize, "weights that share a scale: a power of two, 16 or more")
                .required()
                .range(16, 1 << 24),
            attr(6, "weight_prepacked", &Op::prepacked, "layouts of one GPU; only 0 is known")};
    }
    void check(const abi::LayerInfo&) const {
        if (bitCount != 2 && bitCount != 4 && bitCount != 8)
            throw Error("bits must be 2, 4 or 8, found " + std::to_string(bitCount));
        if ((blockSize & (blockSize - 1)) != 0)
            throw Error("block_size must be a power of two, found " + std::to_string(blockSize));
        if (prepacked != 0) throw declined("the weights are packed for a GPU");
    }
    bool accepts(int pos, std::span<const abi::TensorDesc> all, int) const {
        const DataType type = all[static_cast<std::size_t>(pos)].type;
        return pos != kZeros || type == DataType::undefined || type == DataType::u8 || type == all[0].type;
    }
    void infer(Shapes x, Shapes y) const {
        const int rank = x[kA].rank();
        if (rank < 1) throw Error("a must have rank 1 or more");
        y[0] = x[kA].dims();
        expectElements(Shape{x[kA][rank - 1]}, depth, "the last dimension of a");
        y[0][rank - 1] = columns;
        expectElements(x[kWeights], floorDiv(Dim(columns) * blocks() * blockSize * bitCount, 8), "the weights");
        expectElements(x[kScales], Dim(columns) * blocks(), "the scales");
        if (x.has(kZeros))
            expectElements(x[kZeros], Dim(columns) * (x[kZeros].type == DataType::u8 ? zeroBytes() : blocks()),
                           "the zero points");
        if (x.has(kGroups) && !(x[kGroups].elements().isConstant() && x[kGroups].elements().is(blocks() * blockSize)))
            expectElements(x[kGroups], depth, "g_idx");
        if (x.has(kBias)) expectElements(x[kBias], columns, "the bias");
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(kA), [&]<class E>() { this->template runAs<E>(l); });
    }
    Cost cost(const Layer& l) const {
        const auto rows = static_cast<double>(elementCount(l.inputRange(kA).opt)) / static_cast<double>(depth);
        const double weights = static_cast<double>(depth) * static_cast<double>(columns);
        return {2 * rows * weights,
                weights * static_cast<double>(bitCount) / 8 + rows * static_cast<double>(depth + columns) * 4};
    }

private:
    std::int64_t blocks() const { return (depth + blockSize - 1) / blockSize; }
    std::int64_t zeroBytes() const { return (blocks() * bitCount + 7) / 8; }
    static void expectElements(const Shape& s, const Dim& wanted, const char* what) {
        const Dim n = s.rank() == 1 ? s[0] : s.elements();
        if (n.isConstant() && !n.same(wanted))
            throw Error(std::string(what) + ": " + std::to_string(n.value()) + " elements, must be " +
                        std::to_string(wanted.value()));
    }
    // Element i of numbers that follow each other from the low bits of each byte on.
    int unpacked(const std::uint8_t* bytes, std::int64_t i) const {
        const int perByteLog = bitCount == 2 ? 2 : bitCount == 4 ? 1 : 0, within = static_cast<int>(i & ((1 << perByteLog) - 1));
        return (bytes[i >> perByteLog] >> (within * static_cast<int>(bitCount))) & ((1 << bitCount) - 1);
    }
    // The scale and zero point of every block, (columns, blocks).
    struct Block {
        float scale, zero;
    };
    template <class E>
    std::vector<Block> blocksOf(const Launch& l) const {
        std::vector<Block> table(static_cast<std::size_t>(columns * blocks()));
        const E* scales = l.input<E>(kScales).data;
        const bool isPacked = l.hasInput(kZeros) && l.inputType(kZeros) == DataType::u8;
        for (std::int64_t n = 0; n < columns; ++n)
            for (std::int64_t b = 0; b < blocks(); ++b) {
                const std::int64_t at = n * blocks() + b;
                auto zero = static_cast<float>(1 << (bitCount - 1));
                if (isPacked) zero = static_cast<float>(unpacked(l.input<std::uint8_t>(kZeros).data + n * zeroBytes(), b));
                else if (l.hasInput(kZeros)) zero = static_cast<float>(Compute<E>(l.input<E>(kZeros)[at]));
                table[static_cast<std::size_t>(at)] = {static_cast<float>(Compute<E>(scales[at])), zero};
            }
        return table;
    }
    // The block whose scale row k of the weights has.
    std::vector<std::int64_t> groupsOf(const Launch& l) const {
        std::vector<std::int64_t> group(static_cast<std::size_t>(depth));
        for (std::int64_t k = 0; k < depth; ++k) {
            const std::int64_t g = l.hasInput(kGroups) ? l.input<std::int32_t>(kGroups)[k] : k / blockSize;
            if (g < 0 || g >= blocks())
                throw Error("g_idx has an element " + std::to_string(g) + " for " + std::to_string(blocks()) + " blocks");
            group[static_cast<std::size_t>(k)] = g;
        }
        return group;
    }
    template <class E>
    void runAs(const Launch& l) const {
        using reference::Range;
        const auto a = l.input<E>(kA);
        const auto y = l.output<E>(0);
        const std::uint8_t* weights = l.input<std::uint8_t>(kWeights).data;
        const std::vector<Block> table = blocksOf<E>(l);
        const std::vector<std::int64_t> group = groupsOf(l);
        const E* bias = dataOf<E>(l, kBias);
        const std::int64_t rowBytes = blocks() * blockSize * bitCount / 8;
        reference::forProducts<double>(
            {1, y.size() / columns, columns, depth},
            [&](std::int64_t, Range lanes, Range depths, auto& panel) {
                reference::packMatrix(a.data, {depth, 1}, lanes, depths, panel);
            },
            [&](std::int64_t, Range lanes, Range depths, auto& panel) {
                for (std::int64_t n = lanes.begin; n < lanes.end; ++n)
                    for (std::int64_t k = depths.begin; k < depths.end; ++k) {
                        const Block& b = table[static_cast<std::size_t>(n * blocks() + group[static_cast<std::size_t>(k)])];
                        const float w = (static_cast<float>(unpacked(weights + n * rowBytes, k)) - b.zero) * b.scale;
                        panel.set(n - lanes.begin, k - depths.begin, static_cast<double>(w));
                    }
            },
            [&](std::int64_t, std::int64_t m, std::int64_t n, double sum) {
                if (bias != nullptr) sum += static_cast<double>(Compute<E>(bias[n]));
                y[m * columns + n] = reference::elementFrom<E>(sum);
            });
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(matmul_nbits, tenon::microsoft::MatMulNBits)
