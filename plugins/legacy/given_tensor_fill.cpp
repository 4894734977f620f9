// y = the given numbers; the dims come from attributes or from an input (experimental ONNX GivenTensorFill: opset 1, removed in
// opset 10).
#include "filled_shape.h"

namespace tenon::legacy {
using namespace sdk;

struct GivenTensorFill : FilledShape {
    std::vector<float> values;
    static constexpr Identity identity{.name = "GivenTensorFill", .implementation = "reference"};
    static constexpr auto formats = rows(row(in(optional(anyType)), out(f32)));
    static constexpr std::uint64_t shapeInputs = bits(0);
    static constexpr auto attributes() {
        using Self = GivenTensorFill;
        return std::tuple{attr(1, "extra_shape", &Self::extra, "dims behind the others"),
                          attr(2, "input_as_shape", &Self::inputIsShape, "whether the input's content is the dims"),
                          attr(3, "shape", &Self::shape, "dims where there is no input"),
                          attr(4, "values", &Self::values, "the numbers, in row-major order").required()};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = dims(x);
        const Dim count = y[0].elements();
        if (count.isConstant()) checkCount(count.value());
    }
    void run(const Launch& l) const {
        const auto y = l.output<float>(0);
        checkCount(y.size());
        std::copy(values.begin(), values.end(), y.begin());
    }

private:
    void checkCount(std::int64_t elements) const {
        if (elements != static_cast<std::int64_t>(values.size()))
            throw Error(std::to_string(values.size()) + " values for " + std::to_string(elements) + " elements");
    }
};

}  // namespace tenon::legacy

TENON_OPERATORS(given_tensor_fill, tenon::legacy::GivenTensorFill)
