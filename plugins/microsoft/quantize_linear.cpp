// y = saturate(round half to even(x / scale) + zero point), and x = (y - zero point) scale, with one scale for the tensor or one
// for each index of an axis (com.microsoft QuantizeLinear, DequantizeLinear).
#include "../reference/quantization.h"
#include "../reference/whole_bytes.h"
#include "contrib.h"

namespace tenon::microsoft {
using namespace sdk;

constexpr TypeSet numbers = f32 | f16, integerCodes = u8 | i8 | u16 | i16, halfCodes = setOf(DataType::u4) | setOf(DataType::i4);

// What both have in common: Op::convert(x, quantum, low, high) computes one element of type Y.
template <class Op>
struct Quantizing : reference::OnWholeBytes<Op> {
    std::int64_t axis = 1;
    static constexpr auto attributes() { return std::tuple{attr(1, "axis", &Quantizing::axis, "axis of the scales")}; }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        reference::checkScale(x[0], x[1], axis, 0, "the scale");
        if (x.has(2)) reference::checkZeroPoint(x[1], x[2]);
    }
    void runWhole(const Launch& l) const {
        dispatch<numbers | integerCodes>(l.outputType(0), [&]<class Y>() { this->template runAs<Y>(l); });
    }

private:
    template <class Y>
    void runAs(const Launch& l) const {
        const reference::ElementReader scale(l, 1), zeroPoint(l, 2);
        const reference::ScaleRuns runs(dimsOf(l.inputDesc(0)), l.inputDesc(1).dims, axis, 0);
        const DataType to = l.layer().output(0).type;
        const double low = to == DataType::i4 ? -8 : -32768, high = to == DataType::i4 ? 7 : to == DataType::u4 ? 15 : 65535;
        Y* y = static_cast<Y*>(l.outputData(0));
        runs.forRuns([&](std::int64_t begin, std::int64_t end, std::int64_t first) {
            const reference::RunQuanta quanta(scale, zeroPoint, first, runs.step());
            reference::forPieces(
                l.inputType(0), l.inputData(0), begin, end, [&](const auto* x, std::int64_t at, std::int64_t count) {
                    for (std::int64_t i = 0; i < count; ++i)
                        y[at + i] =
                            reference::elementFrom<Y>(Op::convert(static_cast<double>(x[i]), quanta[at - begin + i], low, high));
                });
        });
    }
};

struct QuantizeLinear : Quantizing<QuantizeLinear> {
    static constexpr Identity identity = contrib("QuantizeLinear");
    static constexpr Slot T = var('T', numbers), Q = var('Q', integerCodes | halfCodes);
    static constexpr auto formats = rows(row(in(T, T, optional(Q)), out(Q)));
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        out[0] = in.size() > 2 && in[2] != DataType::undefined ? in[2] : DataType::u8;
    }
    bool accepts(int pos, std::span<const abi::TensorDesc> all, int inputCount) const {
        const bool hasZero = inputCount > 2 && all[2].type != DataType::undefined;
        return pos < inputCount || hasZero || all[static_cast<std::size_t>(pos)].type == DataType::u8;
    }
    static double convert(double x, const reference::Quantum& q, double low, double high) {
        const float quotient = static_cast<float>(x) / static_cast<float>(q.scale);
        return std::clamp(std::nearbyint(static_cast<double>(quotient)) + q.zeroPoint, low, high);
    }
};

struct DequantizeLinear : Quantizing<DequantizeLinear> {
    static constexpr Identity identity = contrib("DequantizeLinear");
    static constexpr Slot T = var('T', numbers), Q = var('Q', integerCodes | halfCodes | i32);
    static constexpr auto formats = rows(row(in(Q, T, optional(Q)), out(T)));
    void types(std::span<const DataType> in, std::span<DataType> out) const { out[0] = in[1]; }
    static double convert(double code, const reference::Quantum& q, double, double) {
        return static_cast<double>(static_cast<float>(code - q.zeroPoint) * static_cast<float>(q.scale));
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(quantize_linear, tenon::microsoft::DequantizeLinear, tenon::microsoft::QuantizeLinear)
