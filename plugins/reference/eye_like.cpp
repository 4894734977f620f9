// y = ones on the k-th diagonal of a matrix with the dims of x, zeros elsewhere (ONNX EyeLike opset 9 and later).
#include <tenon/sdk/sdk.h>

namespace tenon::reference {
using namespace sdk;

struct EyeLike {
    std::optional<DataType> dtype;
    std::int64_t k = 0;
    static constexpr TypeSet kTypes = numeric | boolean;
    static constexpr Identity identity{.name = "EyeLike", .since = 9};
    static constexpr auto formats = rows(row(kTypes, kTypes));
    static constexpr std::uint64_t dimsOnlyInputs = bits(0);
    static constexpr auto attributes() {
        return std::tuple{attr(1, "dtype", &EyeLike::dtype, "type of the output; default: the input's"),
                          attr(2, "k", &EyeLike::k, "diagonal: positive is above the main one")};
    }
    void check(const abi::LayerInfo&) const {
        if (dtype && !kTypes.has(*dtype)) throw Error(std::string("no output of type ") + typeName(*dtype));
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        for (DataType& t : out)
            t = dtype.value_or(in[0]);
    }
    bool accepts(int pos, std::span<const abi::TensorDesc> inOut, int) const {
        return pos == 0 || inOut[static_cast<std::size_t>(pos)].type == dtype.value_or(inOut[0].type);
    }
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() != 2) throw Error("the input must be a matrix, it has rank " + std::to_string(x[0].rank()));
        y[0] = x[0].dims();
    }
    void run(const Launch& l) const {
        dispatch<kTypes>(l.outputType(0), [&]<class E>() {
            const auto y = l.output<E>(0);
            const std::int64_t columns = y.dim(1);
            std::fill_n(y.data, y.size(), E(0));
            if (k >= columns) return;
            for (std::int64_t row = 0; row < y.dim(0); ++row)
                if (row + k >= 0 && row + k < columns) y[row * columns + row + k] = E(1);
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(eye_like, tenon::reference::EyeLike)
