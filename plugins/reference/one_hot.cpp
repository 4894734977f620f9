// y[..., d, ...] = values[1] where d is the index, else values[0]: a new axis of length depth (ONNX OneHot opset 9 and later).
#include "arithmetic.h"
#include "axis_split.h"

namespace tenon::reference {
using namespace sdk;

struct OneHot {
    std::int64_t axis = -1;
    static constexpr Identity identity{.name = "OneHot", .since = 9};
    static constexpr Slot V = var('V', anyType);
    static constexpr auto formats = rows(row(in(Slot(numeric), Slot(numeric), V), out(V)));
    static constexpr std::uint64_t shapeInputs = bits(1);
    static constexpr auto attributes() { return std::tuple{attr(1, "axis", &OneHot::axis, "axis of the output that is new")}; }
    void infer(Shapes x, Shapes y) const {
        const int rank = x[0].rank() + 1;
        if (rank > abi::kMaxRank) throw Error("the output would have " + std::to_string(rank) + " dimensions");
        y[0] = Shape::ofRank(rank);
        const int at = y[0].axis(axis);
        for (int i = 0; i < rank; ++i)
            if (i != at) y[0][i] = x[0][i < at ? i : i - 1];
        if (x[2].rank() != 1 || (x[2][0].isConstant() && !x[2][0].is(2))) throw Error("values must be two elements: off and on");
        y[0][at] = depthOf(x[1]);
    }
    void run(const Launch& l) const {
        const AxisSplit s = splitAt(dimsOf(l.outputDesc(0)), axis);
        dispatchSize(l.outputType(0), [&]<class E>() {
            const E off = l.input<E>(2)[0], on = l.input<E>(2)[1];
            E* y = l.output<E>(0).data;
            std::fill_n(y, l.output<E>(0).size(), off);
            forEachIndex(l, [&](std::int64_t i, std::int64_t index) {
                if (index < 0) index += s.extent;
                if (index >= 0 && index < s.extent) y[i / s.inner * s.extent * s.inner + index * s.inner + i % s.inner] = on;
            });
        });
    }

private:
    static Dim depthOf(const Shape& depth) {
        if (depth.elements().isConstant() && !depth.elements().is(1)) throw Error("depth must be one number");
        if (depth.content) {
            const Dim d = depth.content->at(0);
            if (d.isConstant() && d.value() < 0) throw Error("depth is " + std::to_string(d.value()));
            return d;
        }
        const double d = depth.numbers().at(0);
        if (!(d >= 0 && d < 0x1p62)) throw Error("depth is " + std::to_string(d));
        return static_cast<std::int64_t>(d);
    }
    template <class E>
    static std::int64_t readIndex(const void* p, std::int64_t i) {
        const E v = static_cast<const E*>(p)[i];
        if constexpr (std::is_integral_v<E> && !std::is_same_v<E, std::uint64_t>) return v;
        else return toInteger<std::int64_t>(static_cast<double>(v));
    }
    template <class F>
    static void forEachIndex(const Launch& l, F&& body) {
        const void* data = l.inputData(0);
        std::int64_t (*read)(const void*, std::int64_t) = nullptr;
        dispatch<numeric>(l.inputType(0), [&]<class E>() { read = readIndex<E>; });
        const std::int64_t count = elementCount(l.inputDesc(0).dims);
        for (std::int64_t i = 0; i < count; ++i)
            body(i, read(data, i));
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(one_hot, tenon::reference::OneHot)
