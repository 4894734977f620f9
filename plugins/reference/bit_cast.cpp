// y = the bits of x read as another type of the same width (ONNX BitCast opset 26).
#include "view.h"

namespace tenon::reference {
using namespace sdk;

struct BitCast {
    DataType to = DataType::undefined;
    static constexpr Identity identity{.name = "BitCast", .since = 26};
    static constexpr TypeSet kTypes = fixedSize | halfBytes;
    static constexpr auto formats = rows(row(kTypes, kTypes));
    static constexpr int alias = 0;
    static constexpr bool view = true;
    static constexpr auto attributes() { return std::tuple{attr(1, "to", &BitCast::to, "type of the output").required()}; }
    void check(const abi::LayerInfo&) const {
        if (!kTypes.has(to)) throw Error(std::string("attribute 'to': there are no bits to read as ") + typeName(to));
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        if (elementBits(in[0]) != elementBits(to))
            throw Error(std::string(typeName(in[0])) + " and " + typeName(to) + " differ in width");
        out[0] = to;
    }
    void infer(Shapes x, Shapes y) const { y[0] = x[0].dims(); }
    void run(const Launch& l) const { copyBytes(l); }
};

}  // namespace tenon::reference

TENON_OPERATORS(bit_cast, tenon::reference::BitCast)
