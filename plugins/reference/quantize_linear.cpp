// y = saturate(round half to even(x / scale) + zero point) (ONNX QuantizeLinear opset 10 and later).
#include "quantization.h"

namespace tenon::reference {
using namespace sdk;

struct QuantizeLinear : OnWholeBytes<QuantizeLinear> {
    std::int64_t axis = 1, blockSize = 0;
    bool saturate = true;
    DataType outputType = DataType::undefined, precision = DataType::undefined;
    static constexpr Identity identity{.name = "QuantizeLinear", .since = 10};
    static constexpr Slot Q = var('Q', quantized);
    static constexpr auto formats = rows(row(in(Slot(floats | i32), Slot(scales | i32), optional(Q)), out(Q)));
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "axis", &QuantizeLinear::axis, "axis of the scales"),
            attr(2, "block_size", &QuantizeLinear::blockSize, "elements along the axis that share a scale; 0: not blocked")
                .range(0, 1LL << 53),
            attr(3, "saturate", &QuantizeLinear::saturate, "whether 8-bit floats out of range become the largest one"),
            attr(4, "output_dtype", &QuantizeLinear::outputType, "type of y where there is no zero point"),
            attr(5, "precision", &QuantizeLinear::precision, "type of the quotient; default: that of the scale")};
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        out[0] = in.size() > 2 ? wanted(in[2]) : wanted(DataType::undefined);
        if (!quantized.has(out[0])) throw declined(std::string("does not quantize to ") + typeName(out[0]));
    }
    bool accepts(int pos, std::span<const abi::TensorDesc> all, int inputCount) const {
        if (pos < inputCount) return true;
        return all[static_cast<std::size_t>(pos)].type == wanted(inputCount > 2 ? all[2].type : DataType::undefined);
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        checkScale(x[0], x[1], axis, blockSize, "y_scale");
        if (x.has(2)) checkZeroPoint(x[1], x[2]);
    }
    void runWhole(const Launch& l) const {
        const ElementReader scale(l, 1), zeroPoint(l, 2);
        const ScaleRuns runs(dimsOf(l.inputDesc(0)), l.inputDesc(1).dims, axis, blockSize);
        const DataType division = precision != DataType::undefined ? precision : l.inputType(1);
        const DataType to = l.layer().output(0).type;
        const Narrowing narrowing{to, saturate};
        const double low = to == DataType::i4 ? -8 : -32768, high = to == DataType::i4 ? 7 : to == DataType::u4 ? 15 : 65535;
        runs.forRuns([&](std::int64_t begin, std::int64_t end, std::int64_t first) {
            const RunQuanta quanta(scale, zeroPoint, first, runs.step());
            forPieces(l.inputType(0), l.inputData(0), begin, end, [&](const auto* x, std::int64_t at, std::int64_t count) {
                dispatch<quantized>(l.outputType(0), [&]<class E>() {
                    E* y = static_cast<E*>(l.outputData(0)) + at;
                    for (std::int64_t i = 0; i < count; ++i) {
                        const Quantum q = quanta[at - begin + i];
                        const double quotient = divided(static_cast<double>(x[i]), q.scale, division);
                        if constexpr (std::is_integral_v<E>)
                            y[i] = toInteger<E>(std::clamp(std::nearbyint(quotient) + q.zeroPoint, low, high));
                        else y[i] = narrowing.operator()<E>(quotient + q.zeroPoint);
                    }
                });
            });
        });
    }

private:
    DataType wanted(DataType zeroPoint) const {
        if (zeroPoint != DataType::undefined) return zeroPoint;
        return outputType != DataType::undefined ? outputType : DataType::u8;
    }
    template <class E>
    static double dividedAs(double x, double scale) {
        return static_cast<Compute<E>>(
            E(static_cast<Compute<E>>(converted<E>(x)) / static_cast<Compute<E>>(converted<E>(scale))));
    }
    // x / scale in the arithmetic of a type: exact as can be for integers, float32 for powers of two.
    static double divided(double x, double scale, DataType type) {
        switch (type) {
            case DataType::f16: return dividedAs<Float16>(x, scale);
            case DataType::bf16: return dividedAs<BFloat16>(x, scale);
            case DataType::f64:
            case DataType::i32: return x / scale;
            default: return dividedAs<float>(x, scale);
        }
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(quantize_linear, tenon::reference::QuantizeLinear)
