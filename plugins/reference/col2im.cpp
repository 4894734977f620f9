// y = an image to which the column of every block position adds its elements, bools as "or" (ONNX Col2Im opset 18 and later).
#include "product.h"
#include "window.h"

namespace tenon::reference {
using namespace sdk;

struct Col2Im : WindowAttributes {
    static constexpr Identity identity{.name = "Col2Im", .since = 18};
    static constexpr TypeSet kTypes = numeric | boolean | c64 | c128;
    static constexpr Slot T = var('T', kTypes);
    static constexpr auto formats = rows(row(in(T, i64, i64), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(1, 2);
    static constexpr auto attributes() {
        using C = Col2Im;
        return std::tuple{attr(2, "dilations", &C::dilations, "steps inside the block; default ones"),
                          attr(4, "pads", &C::pads, "padding at all beginnings, then all ends; default zeros"),
                          attr(5, "strides", &C::strides, "steps of the block; default ones")};
    }
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() != 3) throw Error("the input must have rank 3, found " + std::to_string(x[0].rank()));
        const std::vector<std::int64_t> image = x[1].integers(), block = x[2].integers();
        const Windows w = windowsOver(image, block);
        if (x[0][2].isConstant() && !x[0][2].is(w.outputs()))
            throw Error("the input has " + std::to_string(x[0][2].value()) + " columns, the image has " +
                        std::to_string(w.outputs()) + " block positions");
        if (x[0][1].isConstant() && x[0][1].value() % w.elements() != 0)
            throw Error(std::to_string(x[0][1].value()) + " rows do not divide into blocks of " + std::to_string(w.elements()));
        Shape out{x[0][0], floorDiv(x[0][1], w.elements())};
        for (const std::int64_t extent : image)
            out.append(extent);
        y[0] = out;
    }
    void run(const Launch& l) const {
        const abi::Dims& dims = l.outputDesc(0).dims;
        const std::span<const std::int64_t> image{dims.d + 2, static_cast<std::size_t>(dims.rank) - 2};
        const Windows w = windowsOver(image, {l.input<std::int64_t>(2).data, image.size()});
        dispatch<kTypes>(l.outputType(0), [&]<class E>() {
            using S = Stored<E>;
            const S* x = l.input<S>(0).data;
            S* y = l.output<S>(0).data;
            const std::int64_t rows = w.elements() * w.outputs();
            parallelFor(dims.d[0] * dims.d[1] * w.inputs(), 1024, [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t i = begin; i < end; ++i) {
                    const Sum<S> sum = collected(x + i / w.inputs() * rows, w, i % w.inputs());
                    if constexpr (std::is_same_v<E, bool>) y[i] = static_cast<S>(sum != 0);
                    else y[i] = elementOf<S>(sum);
                }
            });
        });
    }

private:
    Windows windowsOver(std::span<const std::int64_t> image, std::span<const std::int64_t> block) const {
        const auto spatial = static_cast<int>(image.size());
        if (spatial < 1 || spatial > kMaxSpatial || block.size() != image.size())
            throw Error("image_shape has " + std::to_string(image.size()) + " elements, block_shape " +
                        std::to_string(block.size()));
        checkLists(spatial);
        Windows w;
        w.rank = spatial;
        for (int i = 0; i < spatial; ++i) {
            const std::int64_t in = image[static_cast<std::size_t>(i)], kernel = block[static_cast<std::size_t>(i)];
            if (in < 0 || in > INT32_MAX || kernel < 1 || kernel > INT32_MAX)
                throw Error("image_shape and block_shape must be positive");
            w.axis[static_cast<std::size_t>(i)] = axisOf(i, spatial, in, windows(i, spatial, in, kernel).value(), kernel);
        }
        return w;
    }
    // Sum over the elements k of the block that reach the image's element i, each from one block position.
    template <class E>
    static Sum<E> collected(const E* x, const Windows& w, std::int64_t i) {
        const std::int64_t elements = w.elements(), outputs = w.outputs();
        Sum<E> sum(0);
        for (std::int64_t k = 0; k < elements; ++k) {
            std::int64_t left = k, at = i, position = 0, step = 1;
            bool reaches = true;
            for (int d = w.rank; d-- > 0;) {
                const WindowAxis& a = w[d];
                const std::int64_t steps = at % a.in + a.padBegin - left % a.kernel * a.dilation;
                reaches = reaches && steps >= 0 && steps % a.stride == 0 && steps / a.stride < a.out;
                position += steps / a.stride * step;
                step *= a.out;
                at /= a.in;
                left /= a.kernel;
            }
            if (reaches) sum += static_cast<Sum<E>>(Compute<E>(x[k * outputs + position]));
        }
        return sum;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(col2im, tenon::reference::Col2Im)
