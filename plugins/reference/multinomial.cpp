// y = classes drawn with replacement, for each row of x, with probabilities in proportion to exp(x) (ONNX Multinomial opset 7 and
// later).
#include "random_source.h"

namespace tenon::reference {
using namespace sdk;

struct Multinomial {
    DataType dtype = DataType::i32;
    std::int64_t sampleSize = 1;
    std::optional<float> seed;
    RandomSource source;
    static constexpr Identity identity{.name = "Multinomial", .since = 7};
    static constexpr auto formats = rows(row(floats, i32 | i64));
    static constexpr std::uint32_t flags = abi::kNotFoldable;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "dtype", &Multinomial::dtype, "type of the output: int32 or int64"),
                          attr(2, "sample_size", &Multinomial::sampleSize, "draws for each row").range(0, 0x1p40),
                          attr(3, "seed", &Multinomial::seed, "start of the stream; default: another one for each layer")};
    }
    void check(const abi::LayerInfo&) const { checkRandomType(dtype, i32 | i64); }
    void types(std::span<const DataType>, std::span<DataType> out) const { std::ranges::fill(out, dtype); }
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() != 2) throw Error("the input must be a matrix, it has rank " + std::to_string(x[0].rank()));
        y[0] = Shape{x[0][0], sampleSize};
    }
    void run(const Launch& l) const {
        const std::int64_t rows = l.inputDesc(0).dims.d[0], classes = l.inputDesc(0).dims.d[1];
        if (elementCount(l.outputDesc(0).dims) == 0) return;
        if (classes == 0) throw Error("there are no classes to draw from");
        dispatch<floats>(l.inputType(0), [&]<class P>() {
            const P* x = l.input<P>(0).data;
            for (std::int64_t row = 0; row < rows; ++row)
                draw(l, x + row * classes, classes, row);
        });
    }

private:
    template <class P>
    void draw(const Launch& l, const P* x, std::int64_t classes, std::int64_t row) const {
        const double top = static_cast<double>(
            *std::max_element(x, x + classes, [](P a, P b) { return static_cast<double>(a) < static_cast<double>(b); }));
        std::vector<double> sums;
        double total = 0;
        for (std::int64_t c = 0; c < classes; ++c)
            sums.push_back(total += std::exp(static_cast<double>(x[c]) - top));
        std::uniform_real_distribution<double> uniform(0, total);
        for (std::int64_t i = row * sampleSize; i < (row + 1) * sampleSize; ++i) {
            const auto found = std::upper_bound(sums.begin(), sums.end() - 1, uniform(source(seed))) - sums.begin();
            if (dtype == DataType::i64) l.output<std::int64_t>(0)[i] = found;
            else l.output<std::int32_t>(0)[i] = static_cast<std::int32_t>(found);
        }
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(multinomial, tenon::reference::Multinomial)
