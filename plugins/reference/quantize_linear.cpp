// y = saturate(round half to even(x / scale) + zero point) (ONNX QuantizeLinear opset 10 and later).
#include "quantization.h"

namespace tenon::reference {
using namespace sdk;

struct QuantizeLinear {
    std::int64_t axis = 1, blockSize = 0;
    bool saturate = true;
    DataType outputType = DataType::undefined, precision = DataType::undefined;
    static constexpr Identity identity{.name = "QuantizeLinear", .since = 10};
    static constexpr Slot Q = var('Q', quantized);
    static constexpr auto formats = rows(row(in(Slot(floats | i32), Slot(scales), optional(Q)), out(Q)));
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
    void run(const Launch& l) const {
        const ElementReader scale(l, 1), zeroPoint(l, 2);
        const ScaleRuns runs(dimsOf(l.inputDesc(0)), l.inputDesc(1).dims, axis, blockSize);
        const DataType rounding = precision != DataType::undefined ? precision : l.inputType(1);
        runs.forRuns([&](std::int64_t begin, std::int64_t end, std::int64_t first) {
            const RunQuanta quanta(scale, zeroPoint, first, runs.step());
            forPieces(l.inputType(0), l.inputData(0), begin, end, [&](const auto* x, std::int64_t at, std::int64_t count) {
                dispatch<quantized>(l.outputType(0), [&]<class E>() {
                    E* y = static_cast<E*>(l.outputData(0)) + at;
                    for (std::int64_t i = 0; i < count; ++i) {
                        const Quantum q = quanta[at - begin + i];
                        y[i] = quantize<E>(divided(static_cast<float>(x[i]), q.scale, rounding), q.zeroPoint);
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
    static float divided(float x, float scale, DataType precision) {
        const float q = x / scale;
        if (precision == DataType::f16) return Float16(q);
        return precision == DataType::bf16 ? float(BFloat16(q)) : q;
    }
    template <class E>
    E quantize(float quotient, double zeroPoint) const {
        if constexpr (std::is_integral_v<E>) return toInteger<E>(std::nearbyint(static_cast<double>(quotient)) + zeroPoint);
        else {
            E e;
            e.bits = E::encode(quotient + static_cast<float>(zeroPoint), saturate);
            return e;
        }
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(quantize_linear, tenon::reference::QuantizeLinear)
