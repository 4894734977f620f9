// grid[n, p..., :] = theta[n] (x, y[, z], 1) for the pixel centres of an image whose axes go from -1 to 1 (ONNX AffineGrid opset
// 20; Jaderberg et al., Spatial Transformer Networks, 2015).
#include "arithmetic.h"

namespace tenon::reference {
using namespace sdk;

struct AffineGrid {
    bool alignCorners = false;
    static constexpr Identity identity{.name = "AffineGrid", .since = 20};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(in(T, Slot(i64)), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(1);
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "align_corners", &AffineGrid::alignCorners, "whether -1 and 1 are centres of pixels, not edges")};
    }
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() != 3) throw Error("theta must have rank 3, found " + std::to_string(x[0].rank()));
        if (!x[1].content) throw Unresolved{};
        const std::vector<Dim>& size = *x[1].content;
        const auto spatial = static_cast<int>(size.size()) - 2;
        if (spatial != 2 && spatial != 3) throw Error("size must have 4 or 5 elements, found " + std::to_string(spatial + 2));
        expectDim(x[0][1], spatial, "rows");
        expectDim(x[0][2], spatial + 1, "columns");
        if (size[0].isConstant() && x[0][0].isConstant() && !size[0].same(x[0][0]))
            throw Error("theta has " + std::to_string(x[0][0].value()) + " matrices for a batch of " +
                        std::to_string(size[0].value()));
        y[0] = Shape{x[0][0]};
        for (std::size_t i = 2; i < size.size(); ++i) {
            if (size[i].isConstant() && size[i].value() < 0) throw Error("size must not be negative");
            y[0].append(size[i]);
        }
        y[0].append(spatial);
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() { generate(l.input<E>(0), l.output<E>(0)); });
    }

private:
    static void expectDim(const Dim& d, std::int64_t wanted, const char* what) {
        if (d.isConstant() && !d.is(wanted))
            throw Error("theta must have " + std::to_string(wanted) + " " + what + ", found " + std::to_string(d.value()));
    }
    // Where pixel i of n lies; a single pixel lies in the middle.
    double centre(std::int64_t i, std::int64_t n) const {
        if (alignCorners) return n == 1 ? 0 : 2 * static_cast<double>(i) / static_cast<double>(n - 1) - 1;
        return (2 * static_cast<double>(i) + 1) / static_cast<double>(n) - 1;
    }
    template <class E>
    void generate(View<const E> theta, View<E> grid) const {
        const auto spatial = static_cast<std::size_t>(grid.rank()) - 2;
        const std::int64_t points = grid.size() / static_cast<std::int64_t>(spatial);
        if (points == 0) return;
        const std::int64_t perImage = points / grid.dim(0);
        parallelFor(points, 1024, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t p = begin; p < end; ++p) {
                std::array<double, 4> at{0, 0, 0, 0};  // x, y, z, 1
                std::int64_t rest = p;
                for (std::size_t d = 0; d < spatial; ++d) {
                    const std::int64_t extent = grid.dims[spatial - d];
                    at[d] = centre(rest % extent, extent);
                    rest /= extent;
                }
                at[spatial] = 1;
                const E* row = theta.data + p / perImage * static_cast<std::int64_t>(spatial * (spatial + 1));
                for (std::size_t r = 0; r < spatial; ++r, row += spatial + 1) {
                    double sum = 0;
                    for (std::size_t c = 0; c <= spatial; ++c)
                        sum += static_cast<double>(Compute<E>(row[c])) * at[c];
                    grid[p * static_cast<std::int64_t>(spatial) + static_cast<std::int64_t>(r)] = elementFrom<E>(sum);
                }
            }
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(affine_grid, tenon::reference::AffineGrid)
