// y = alpha (a' - zero point)(b' - zero point) + c in the scale of the product, as float32 or quantized; ' transposes on request
// (com.microsoft QGemm).
#include "affine.h"
#include "contrib.h"

namespace tenon::microsoft {
using namespace sdk;

struct QGemm {
    float alpha = 1.0F;
    bool transA = false, transB = false;
    static constexpr Identity identity = contrib("QGemm");
    static constexpr Slot A = var('A', codes), B = var('B', codes), S = f32, Y = var('Y', codes);
    static constexpr auto formats =
        rows(row(in(A, S, A, B, S, B, optional(Slot(i32)), optional(S), optional(Y)), out(Slot(codes | f32))));
    enum Input { kA, kScaleA, kZeroA, kB, kScaleB, kZeroB, kC, kScaleY, kZeroY };
    static constexpr auto attributes() {
        return std::tuple{attr(1, "alpha", &QGemm::alpha, "scale of the product"),
                          attr(2, "transA", &QGemm::transA, "whether a is given transposed"),
                          attr(3, "transB", &QGemm::transB, "whether b is given transposed")};
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const { out[0] = wanted(in); }
    bool accepts(int pos, std::span<const abi::TensorDesc> all, int inputCount) const {
        if (pos < inputCount) return true;
        std::vector<DataType> in;
        for (int i = 0; i < inputCount; ++i)
            in.push_back(all[static_cast<std::size_t>(i)].type);
        return all[static_cast<std::size_t>(pos)].type == wanted(in);
    }
    void infer(Shapes x, Shapes y) const {
        for (const int i : {kA, kB})
            if (x[i].rank() != 2) throw Error("a and b must be matrices, found rank " + std::to_string(x[i].rank()));
        const Dim &inner = x[kA][transA ? 0 : 1], &other = x[kB][transB ? 1 : 0];
        if (inner.isConstant() && other.isConstant() && !inner.same(other))
            throw Error("a' has " + std::to_string(inner.value()) + " columns, b' has " + std::to_string(other.value()) +
                        " rows");
        y[0] = Shape{x[kA][transA ? 1 : 0], x[kB][transB ? 0 : 1]};
        expectSingle(x, {kScaleA, kZeroA, kScaleY, kZeroY});
        for (const int i : {kScaleB, kZeroB})
            reference::checkPerLane(x[i], y[0][1], y[0][1], "a scale or zero point of b");
        if (x.has(kC)) reference::checkBroadcastsTo(y[0], x[kC], "c");
        if (x.has(kZeroY) && !x.has(kScaleY)) throw Error("y_zero_point needs y_scale");
    }
    void run(const Launch& l) const {
        dispatch<codes>(l.inputType(kA),
                        [&]<class E>() { dispatch<codes>(l.inputType(kB), [&]<class F>() { this->template runAs<E, F>(l); }); });
    }

private:
    static DataType wanted(std::span<const DataType> in) {
        if (in.size() > kZeroY && in[kZeroY] != DataType::undefined) return in[kZeroY];
        return in.size() > kScaleY && in[kScaleY] != DataType::undefined ? in[kA] : DataType::f32;
    }
    // Packs a matrix of codes less their zero points.
    template <class E>
    static auto packed(const E* data, reference::MatrixSteps step, const reference::PerLane& zero) {
        return [data, step, &zero](std::int64_t, reference::Range lanes, reference::Range depths, auto& panel) {
            for (std::int64_t i = lanes.begin; i < lanes.end; ++i)
                for (std::int64_t k = depths.begin; k < depths.end; ++k)
                    panel.set(i - lanes.begin, k - depths.begin,
                              reference::centred(data[i * step.lane + k * step.depth], zero.at(0, i)));
        };
    }
    template <class E, class F>
    void runAs(const Launch& l) const {
        using reference::MatrixSteps, reference::IntegerSum;
        const abi::Dims &a = l.inputDesc(kA).dims, &y = l.outputDesc(0).dims;
        const std::int64_t rows = y.d[0], columns = y.d[1], depth = a.d[transA ? 0 : 1];
        const reference::PerLane zeroA(l, kZeroA, 1), zeroB(l, kZeroB, columns), scaleB(l, kScaleB, columns);
        const float scaleA = Affine::of(l, kScaleA, kZeroA).scale;
        const Affine to = l.hasInput(kScaleY) ? Affine::of(l, kScaleY, kZeroY) : Affine{};
        const std::int32_t* c = l.hasInput(kC) ? l.input<std::int32_t>(kC).data : nullptr;
        std::array<std::int64_t, abi::kMaxRank> stepsC{};
        if (c != nullptr) stepsC = reference::broadcastStrides(dimsOf(l.inputDesc(kC)), dimsOf(l.outputDesc(0)));
        dispatch<codes | f32>(l.outputType(0), [&]<class Y>() {
            Y* out = l.output<Y>(0).data;
            reference::forProducts<IntegerSum>(
                {1, rows, columns, depth},
                packed(l.input<E>(kA).data, transA ? MatrixSteps{1, rows} : MatrixSteps{depth, 1}, zeroA),
                packed(l.input<F>(kB).data, transB ? MatrixSteps{depth, 1} : MatrixSteps{1, columns}, zeroB),
                [&](std::int64_t, std::int64_t m, std::int64_t n, IntegerSum sum) {
                    if (c != nullptr) sum += static_cast<IntegerSum>(c[m * stepsC[0] + n * stepsC[1]]);
                    const float scale = alpha * scaleA * static_cast<float>(scaleB.at(0, n));
                    const float v = static_cast<float>(static_cast<std::int32_t>(sum)) * scale;
                    if constexpr (std::is_same_v<Y, float>) out[m * columns + n] = v;
                    else out[m * columns + n] = to.code<Y>(v);
                });
        });
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(qgemm, tenon::microsoft::QGemm)
