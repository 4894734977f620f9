// y = x in another memory layout (tenon::Reformat).
#include "cuda_op.h"
#include "kernels/strided.h"

namespace tenon::cuda {
using namespace sdk;

struct Reformat {
    static constexpr Identity identity{
        .name = abi::kReformatName, .domain = abi::kReformatDomain, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', movable).with(kAllLayouts);
    static constexpr auto formats = rows(row(T, T));
    void infer(Shapes x, Shapes y) const { y[0] = x[0].dims(); }
    void run(const Launch& l) const {
        const abi::TensorDesc &x = l.inputDesc(0), &y = l.outputDesc(0);
        if (x.layout == y.layout || x.dims.rank < 3) return copyWhole(l, 0, 0);
        if (blockOf(x.layout) == 0 && blockOf(y.layout) == 0) return transpose(l);
        const std::int64_t count = elementCount(x.dims);
        if (count == 0) return;
        const std::int64_t n = x.dims.d[0], c = x.dims.d[1], block = blockOf(y.layout);
        const std::int64_t padded = block == 0 ? c : (c + block - 1) / block * block;
        check(reformat(n, c, padded, count / (n * c), imageLayout(y), imageLayout(x), elementBytes(x.type), l.outputData(0),
                       l.inputData(0), streamOf(l)));
    }

private:
    static ImageLayout imageLayout(const abi::TensorDesc& t) {
        const std::int64_t c = t.dims.d[1], space = elementCount(t.dims) / (t.dims.d[0] * c);
        if (t.layout == Layout::linear) return {c * space, space, 1, 1};
        if (t.layout == Layout::channelsLast) return {c * space, 0, c, c};
        const std::int64_t block = blockOf(t.layout);
        return {(c + block - 1) / block * space * block, space * block, block, block};
    }
    static void transpose(const Launch& l) {
        const abi::TensorDesc &x = l.inputDesc(0), &y = l.outputDesc(0);
        const Strides from = stridesOf(x), to = stridesOf(y);
        Walk<2> w;
        for (const int d : memoryOrder(y)) {
            const auto axis = static_cast<std::size_t>(d);
            w.enclose(y.dims.d[d], {to[axis], from[axis]});
        }
        check(copyStrided(w, elementBytes(x.type), l.outputData(0), l.inputData(0), streamOf(l)));
    }
};

}  // namespace tenon::cuda

TENON_OPERATORS(reformat, tenon::cuda::Reformat)
