// Expand: y = x broadcast with a shape (ONNX opset 8). Tile: y = x repeated along each axis (opset 6).
#include "block_copy.h"

namespace tenon::cuda {
using namespace sdk;

struct Expand {
    static constexpr Identity identity{.name = "Expand", .since = 8, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', movable);
    static constexpr auto formats = rows(row(in(T, i64), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(1);
    void infer(Shapes x, Shapes y) const {
        if (!x[1].content) throw Unresolved{};
        const Shape wanted(*x[1].content);
        for (int i = 0; i < wanted.rank(); ++i)
            if (wanted[i].isConstant() && wanted[i].value() < 0)
                throw Error("shape has the entry " + std::to_string(wanted[i].value()));
        y[0] = broadcast(x[0], wanted);
    }
    void run(const Launch& l) const {
        const abi::TensorDesc &x = l.inputDesc(0), &y = l.outputDesc(0);
        const Walk<1> from = broadcastWalk<1>(y, {&x});
        Walk<2> w;
        std::int64_t step = 1;
        for (int d = 0; d < from.rank; step *= from.extent[d++])
            w.enclose(from.extent[d], {step, from.stride[0][d]});
        if (elementCount(y.dims) == 0) return;
        check(copyStrided(w, elementBytes(x.type), l.outputData(0), l.inputData(0), streamOf(l)));
    }
};

struct Tile {
    static constexpr Identity identity{.name = "Tile", .since = 6, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', movable);
    static constexpr auto formats = rows(row(in(T, i64), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(1);
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape::ofRank(x[0].rank());
        if (!x[1].content) throw Unresolved{};
        if (x[1].content->size() != static_cast<std::size_t>(x[0].rank()))
            throw Error("repeats has " + std::to_string(x[1].content->size()) + " entries, the input has rank " +
                        std::to_string(x[0].rank()));
        for (int i = 0; i < x[0].rank(); ++i) {
            const Dim& times = (*x[1].content)[static_cast<std::size_t>(i)];
            if (times.isConstant() && times.value() < 0) throw Error("repeats has the entry " + std::to_string(times.value()));
            y[0][i] = x[0][i] * times;
        }
    }
    void configure(const Layer& l) const {
        if (l.input(0).dims.rank * 2 > kMostLoops) throw declined("rank " + std::to_string(l.input(0).dims.rank) + " is above 8");
    }
    void run(const Launch& l) const {
        const abi::TensorDesc &x = l.inputDesc(0), &y = l.outputDesc(0);
        if (elementCount(y.dims) == 0) return;
        const Strides from = stridesOf(x), to = stridesOf(y);
        Walk<2> w;
        for (int d = x.dims.rank; d-- > 0;) {
            const auto axis = static_cast<std::size_t>(d);
            w.enclose(x.dims.d[d], {to[axis], from[axis]});
            w.enclose(y.dims.d[d] / x.dims.d[d], {to[axis] * x.dims.d[d], 0});
        }
        check(copyStrided(w, elementBytes(x.type), l.outputData(0), l.inputData(0), streamOf(l)));
    }
};

}  // namespace tenon::cuda

TENON_OPERATORS(expand, tenon::cuda::Expand, tenon::cuda::Tile)
