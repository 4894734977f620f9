// y[n, q, m, :] = sum over levels l and points p of weight[n, q, m, l, p] * value[n, :, m, :] of level l, sampled bilinearly at
// location[n, q, m, l, p] (Zhu et al., Deformable DETR, 2020; TensorRT's MultiscaleDeformableAttnPlugin_TRT).
#include "bilinear.h"

namespace tenon::tensorrt {

struct MultiscaleAttention {
    static constexpr Identity identity = pluginIdentity("MultiscaleDeformableAttnPlugin_TRT");
    static constexpr Slot T = var('T', halfOrFloat), I = var('I', indexInts);
    static constexpr auto formats = rows(row(T, I, I, T, T, T));
    void infer(Shapes x, Shapes y) const {
        constexpr int kRanks[] = {4, 2, 1, 6, 5};
        for (int i = 0; i < 5; ++i)
            requireRank(x[i], kRanks[i], ("input " + std::to_string(i)).c_str());
        y[0] = {x[0][0], x[3][1], x[0][2], x[0][3]};
        const Shape &value = x[0], &location = x[3], &weight = x[4];
        require(agree(value[0], location[0]) && agree(value[2], location[2]), "values and locations differ in batch or heads");
        require(agree(x[1][1], 2) && agree(x[1][0], x[2][0]) && agree(x[1][0], location[3]) && agree(location[5], 2),
                "the levels do not fit each other");
        for (int i = 0; i < 5; ++i)
            require(agree(location[i], weight[i]), "locations and weights differ in dimensions");
    }
    void run(const Launch& l) const {
        dispatch<indexInts>(l.inputType(1), [&]<class N>() {
            dispatch<halfOrFloat>(l.inputType(0), [&]<class E>() {
                attend(l.input<E>(0), Levels<N>{l.input<N>(1), l.input<N>(2)}, l.input<E>(3), l.input<E>(4), l.output<E>(0));
            });
        });
    }

private:
    template <class N>
    struct Levels {
        View<const N> extents, starts;
        std::int64_t height(std::int64_t i) const { return static_cast<std::int64_t>(extents[2 * i]); }
        std::int64_t width(std::int64_t i) const { return static_cast<std::int64_t>(extents[2 * i + 1]); }
        std::int64_t start(std::int64_t i) const { return static_cast<std::int64_t>(starts[i]); }
        void check(std::int64_t rows) const {
            require(extents.size() == 2 * starts.size(), "the levels do not fit each other");
            for (std::int64_t i = 0; i < starts.size(); ++i) {
                constexpr std::int64_t kMost = INT32_MAX;
                require(height(i) >= 0 && width(i) >= 0 && start(i) >= 0 && height(i) <= kMost && width(i) <= kMost &&
                            start(i) <= rows && height(i) * width(i) <= rows - start(i),
                        "a level reaches outside the values");
            }
        }
    };

    template <class E, class N>
    void attend(View<const E> value, const Levels<N>& levels, View<const E> location, View<const E> weight, View<E> y) const {
        const std::int64_t rows = value.dim(1), heads = value.dim(2), size = value.dim(3), points = weight.dim(4);
        const std::int64_t perHead = weight.dim(3) * points, queries = weight.dim(1);
        require(weight.dim(3) == levels.starts.size() && weight.dim(2) == heads && weight.dim(0) == value.dim(0) &&
                    location.dim(5) == 2 && std::equal(weight.dims.begin(), weight.dims.end(), location.dims.begin()),
                "the inputs differ in dimensions");
        levels.check(rows);
        parallelFor(y.size(), 64, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                const std::int64_t head = i / size;  // of a query of an image
                const E* of = value.data + (head / heads / queries * rows * heads + head % heads) * size + i % size;
                y[i] = reference::elementFrom<E>(
                    sum(of, heads * size, levels, location.data + head * perHead * 2, weight.data + head * perHead, points));
            }
        });
    }
    // One element of one head; consecutive rows of the values are `stride` apart. A location is (x, y), 0 and 1 the edges.
    template <class E, class N>
    static double sum(const E* value, std::int64_t stride, const Levels<N>& levels, const E* location, const E* weight,
                      std::int64_t points) {
        double total = 0;
        for (std::int64_t k = 0; k < levels.starts.size() * points; ++k) {
            const std::int64_t level = k / points, height = levels.height(level), width = levels.width(level);
            const double x = Compute<E>(location[2 * k]) * static_cast<double>(width) - 0.5;
            const double y = Compute<E>(location[2 * k + 1]) * static_cast<double>(height) - 0.5;
            const E* plane = value + levels.start(level) * stride;
            total += Compute<E>(weight[k]) * cornersAt(y, x, height, width).sum([&](std::int64_t p) {
                return static_cast<double>(Compute<E>(plane[p * stride]));
            });
        }
        return total;
    }
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(multiscale_attention, tenon::tensorrt::MultiscaleAttention,
                tenon::tensorrt::Version<tenon::tensorrt::MultiscaleAttention, '2'>)
