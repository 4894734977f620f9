// y = a tensor of one number; its dims come from attributes or from an input (experimental ONNX ConstantFill: opset 1, removed in
// opset 10).
#include <arithmetic.h>

#include "filled_shape.h"

namespace tenon::legacy {
using namespace sdk;

struct ConstantFill : FilledShape {
    DataType dtype = DataType::f32;
    float value = 0.0F;
    static constexpr TypeSet kTypes = numeric | boolean;
    static constexpr Identity identity{.name = "ConstantFill", .implementation = "reference"};
    static constexpr auto formats = rows(row(in(optional(anyType)), out(kTypes)));
    static constexpr std::uint64_t shapeInputs = bits(0);
    static constexpr auto attributes() {
        using Self = ConstantFill;
        return std::tuple{
            attr(1, "dtype", &Self::dtype, "type of the output"), attr(2, "extra_shape", &Self::extra, "dims behind the others"),
            attr(3, "input_as_shape", &Self::inputIsShape, "whether the input's content is the dims"),
            attr(4, "shape", &Self::shape, "dims where there is no input"), attr(5, "value", &Self::value, "the number")};
    }
    void check(const abi::LayerInfo&) const {
        if (!kTypes.has(dtype)) throw Error(std::string("dtype must not be ") + typeName(dtype));
    }
    void types(std::span<const DataType>, std::span<DataType> out) const {
        for (DataType& t : out)
            t = dtype;
    }
    bool accepts(int pos, std::span<const abi::TensorDesc> inOut, int inputCount) const {
        return pos < inputCount || inOut[static_cast<std::size_t>(pos)].type == dtype;
    }
    void infer(Shapes x, Shapes y) const { y[0] = dims(x); }
    void run(const Launch& l) const {
        dispatch<kTypes>(l.outputType(0), [&]<class E>() {
            const auto y = l.output<E>(0);
            E element{};
            if constexpr (isFloating<E>) element = E(value);
            else if constexpr (std::is_same_v<E, bool>) element = value != 0;
            else element = reference::toInteger<E>(value);
            std::fill(y.begin(), y.end(), element);
        });
    }
};

}  // namespace tenon::legacy

TENON_OPERATORS(constant_fill, tenon::legacy::ConstantFill)
