// y = a tensor of the given dims, filled with one value (ONNX ConstantOfShape opset 9 and later).
#include "whole_bytes.h"

namespace tenon::reference {
using namespace sdk;

struct ConstantOfShape : OnWholeBytes<ConstantOfShape> {
    Tensor value;
    static constexpr Identity identity{.name = "ConstantOfShape", .since = 9};
    static constexpr auto formats = rows(row(i64, fixedSize | halfBytes));
    static constexpr std::uint64_t shapeInputs = bits(0);
    static constexpr auto attributes() {
        return std::tuple{attr(1, "value", &ConstantOfShape::value, "one element; default: float32 0")};
    }
    void check(const abi::LayerInfo&) const {
        if (value.type == DataType::undefined) return;
        const auto size = static_cast<std::size_t>((elementBits(value.type) + 7) / 8);
        if (!(fixedSize | halfBytes).has(value.type) || value.bytes.size() != size)
            throw Error("value must be one element, found " + std::to_string(value.bytes.size()) + " bytes of " +
                        typeName(value.type));
    }
    void types(std::span<const DataType>, std::span<DataType> out) const {
        for (DataType& t : out)
            t = value.type == DataType::undefined ? DataType::f32 : value.type;
    }
    bool accepts(int pos, std::span<const abi::TensorDesc> inOut, int inputCount) const {
        const DataType wanted = value.type == DataType::undefined ? DataType::f32 : value.type;
        return pos < inputCount || inOut[static_cast<std::size_t>(pos)].type == wanted;
    }
    void infer(Shapes x, Shapes y) const {
        if (!x[0].content) {
            y[0] = Shape::ofRank(static_cast<int>(std::min<std::int64_t>(x[0].elements().value(), abi::kMaxRank)));
            return;
        }
        Shape out = Shape::ofRank(0);
        for (const Dim& d : *x[0].content) {
            if (d.isConstant() && d.value() < 0) throw Error("the shape has an entry " + std::to_string(d.value()));
            out.append(d);
        }
        y[0] = out;
        constexpr std::int64_t kLongest = 1024;  // longer tensors are data, not shapes
        const Dim count = out.elements();
        if (out.rank() > 1 || !count.isConstant() || count.value() > kLongest || !(ints | boolean).has(value.type)) return;
        y[0].content.emplace(static_cast<std::size_t>(count.value()), Dim(number()));
    }
    void runWhole(const Launch& l) const {
        dispatchSize(l.outputType(0), [&]<class E>() {
            E element{};
            if (!value.bytes.empty()) std::memcpy(&element, value.bytes.data(), sizeof element);
            if constexpr (sizeof(E) == 1)
                if (halfBytes.has(value.type)) unpackHalfBytes(value.type, value.bytes.data(), 1, &element);
            E* y = l.output<E>(0).data;
            parallelFor(l.output<E>(0).size(), 65536, [&](auto begin, auto end) { std::fill(y + begin, y + end, element); });
        });
    }

private:
    std::int64_t number() const {
        std::int64_t n = 0;
        dispatch<ints | boolean>(value.type, [&]<class E>() {
            std::conditional_t<std::is_same_v<E, bool>, std::uint8_t, E> element{};
            std::memcpy(&element, value.bytes.data(), sizeof element);
            n = static_cast<std::int64_t>(element);
        });
        return n;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(constant_of_shape, tenon::reference::ConstantOfShape)
