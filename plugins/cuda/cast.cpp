// y = x as another type (ONNX Cast opset 6 and later).
#include "cuda_op.h"
#include "kernels/pointwise.h"

namespace tenon::cuda {
using namespace sdk;

struct Cast {
    DataType to = DataType::undefined;
    bool saturate = true;
    std::string roundMode = "up";
    static constexpr Identity identity{.name = "Cast", .since = 6, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr TypeSet kTypes = numeric | boolean;
    static constexpr auto formats = rows(row(kTypes, kTypes).anyLayout());
    static constexpr auto attributes() {
        return std::tuple{attr(1, "to", &Cast::to, "type of y").required(),
                          attr(2, "saturate", &Cast::saturate, "for 8-bit floats, which are not offered here"),
                          attr(3, "round_mode", &Cast::roundMode, "for float8e8m0, which is not offered here")};
    }
    void check(const abi::LayerInfo&) const {
        if (!kTypes.has(to)) throw declined(std::string("does not cast to ") + typeName(to));
    }
    void types(std::span<const DataType>, std::span<DataType> out) const { out[0] = to; }
    void infer(Shapes x, Shapes y) const {
        const bool keepsNumbers = ints.has(to) && (ints | boolean).has(x[0].type) && elementBits(to) >= elementBits(x[0].type);
        y[0] = keepsNumbers ? x[0] : x[0].dims();
    }
    void run(const Launch& l) const {
        if (l.inputType(0) == l.outputType(0)) return copyWhole(l, 0, 0);
        cuda::check(
            cast(l.inputType(0), l.outputType(0), storedElements(l.inputDesc(0)), l.inputData(0), l.outputData(0), streamOf(l)));
    }
};

}  // namespace tenon::cuda

TENON_OPERATORS(cast, tenon::cuda::Cast)
