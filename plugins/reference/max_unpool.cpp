// y is zero but for the elements of x, each where MaxPool found it (ONNX MaxUnpool opset 9 and later). Indices count the elements
// of what the window makes of x; output_shape may add to its ends.
#include "window.h"

namespace tenon::reference {
using namespace sdk;

struct MaxUnpool : WindowAttributes {
    static constexpr Identity identity{.name = "MaxUnpool", .since = 9};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(in(T, i64, optional(i64)), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(2);
    static constexpr auto attributes() {
        using M = MaxUnpool;
        return std::tuple{attr(3, "kernel_shape", &M::kernelShape, "extents of the window").required(),
                          attr(4, "pads", &M::pads, "padding at all beginnings, then all ends; default zeros"),
                          attr(5, "strides", &M::strides, "steps of the window; default ones")};
    }
    void infer(Shapes x, Shapes y) const {
        const int spatial = static_cast<int>(kernelShape.size());
        if (x[0].rank() != spatial + 2)
            throw Error("a window of " + std::to_string(spatial) + " dimensions and an input of rank " +
                        std::to_string(x[0].rank()));
        checkLists(spatial);
        if (x.has(2)) {
            y[0] = Shape::ofRank(x[0].rank());
            const std::vector<std::int64_t> given = x[2].integers();
            if (given.size() != static_cast<std::size_t>(x[0].rank()))
                throw Error("output_shape must have " + std::to_string(x[0].rank()) + " elements, found " +
                            std::to_string(given.size()));
            for (int i = 0; i < x[0].rank(); ++i) {
                const std::int64_t extent = given[static_cast<std::size_t>(i)];
                if (extent < 0) throw Error("output_shape has the element " + std::to_string(extent));
                y[0][i] = extent;
            }
            return;
        }
        y[0] = Shape{x[0][0], x[0][1]};
        for (int i = 0; i < spatial; ++i)
            y[0].append(unpooled(i, spatial, x[0][i + 2]));
    }
    void run(const Launch& l) const {
        dispatchSize(l.inputType(0), [&]<class E>() {
            const View<const E> x = l.input<E>(0);
            const View<const std::int64_t> index = l.input<std::int64_t>(1);
            const View<E> y = l.output<E>(0);
            if (index.size() != x.size()) throw Error("there must be one index for each element");
            std::fill_n(y.data, y.size(), E{});
            for (std::int64_t i = 0; i < x.size(); ++i)
                y[placeOf(index[i], x.dims, y.dims)] = x[i];
        });
    }

private:
    // Extent along spatial dimension i of what the window makes of extent x.
    template <class D>
    D unpooled(int i, int spatial, const D& x) const {
        return (x - 1) * stride(i) + kernelShape[static_cast<std::size_t>(i)] - explicitPad(i) - explicitPad(i + spatial);
    }
    // Offset in y of an index.
    std::int64_t placeOf(std::int64_t index, std::span<const std::int64_t> x, std::span<const std::int64_t> y) const {
        std::int64_t left = index, offset = 0, step = 1;
        bool isInside = index >= 0;
        for (std::size_t d = x.size(); d-- > 0 && isInside; step *= y[d]) {
            const std::int64_t extent = d < 2 ? x[d] : unpooled(static_cast<int>(d) - 2, static_cast<int>(x.size()) - 2, x[d]);
            isInside = extent > 0 && left % extent < y[d];
            if (!isInside) break;
            offset += left % extent * step;
            left /= extent;
        }
        if (!isInside || left != 0) throw Error("index " + std::to_string(index) + " is outside of y");
        return offset;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(max_unpool, tenon::reference::MaxUnpool)
