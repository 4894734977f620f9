// y = (x - zero point) * scale (ONNX DequantizeLinear opset 10 and later).
#include "quantization.h"

namespace tenon::reference {
using namespace sdk;

struct DequantizeLinear : OnWholeBytes<DequantizeLinear> {
    std::int64_t axis = 1, blockSize = 0;
    DataType outputType = DataType::undefined;
    static constexpr Identity identity{.name = "DequantizeLinear", .since = 10};
    static constexpr Slot Q = var('Q', quantized | i32);
    static constexpr auto formats = rows(row(in(Q, Slot(scales), optional(Q)), out(Slot(dequantized))));
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "axis", &DequantizeLinear::axis, "axis of the scales"),
            attr(2, "block_size", &DequantizeLinear::blockSize, "elements along the axis that share a scale; 0: not blocked")
                .range(0, 1LL << 53),
            attr(3, "output_dtype", &DequantizeLinear::outputType, "type of y; default: that of the scale")};
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        out[0] = outputType != DataType::undefined ? outputType : in[1];
        if (!quantized.has(in[0]) && in[0] != DataType::i32)
            throw declined(std::string("does not dequantize ") + typeName(in[0]));
        if (!dequantized.has(out[0]))
            throw declined(std::string("does not dequantize to ") + typeName(out[0]) + "; output_dtype says what to");
    }
    bool accepts(int pos, std::span<const abi::TensorDesc> all, int inputCount) const {
        const DataType wanted = outputType != DataType::undefined ? outputType : all[1].type;
        return pos < inputCount || all[static_cast<std::size_t>(pos)].type == wanted;
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        checkScale(x[0], x[1], axis, blockSize, "x_scale");
        if (x.has(2)) checkZeroPoint(x[1], x[2]);
    }
    void runWhole(const Launch& l) const {
        const ElementReader scale(l, 1), zeroPoint(l, 2);
        const ScaleRuns runs(dimsOf(l.inputDesc(0)), l.inputDesc(1).dims, axis, blockSize);
        runs.forRuns([&](std::int64_t begin, std::int64_t end, std::int64_t first) {
            const RunQuanta quanta(scale, zeroPoint, first, runs.step());
            forPieces(l.inputType(0), l.inputData(0), begin, end, [&](const auto* x, std::int64_t at, std::int64_t count) {
                dispatch<dequantized>(l.outputType(0), [&]<class E>() {
                    E* y = static_cast<E*>(l.outputData(0)) + at;
                    for (std::int64_t i = 0; i < count; ++i) {
                        const Quantum q = quanta[at - begin + i];
                        y[i] = E(static_cast<float>(static_cast<double>(x[i]) - q.zeroPoint) * static_cast<float>(q.scale));
                    }
                });
            });
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(dequantize_linear, tenon::reference::DequantizeLinear)
