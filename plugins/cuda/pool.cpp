// y = largest element, or mean, of a window of x (ONNX MaxPool opset 12, AveragePool opset 19, GlobalMaxPool, GlobalAveragePool).
#include "../reference/pooling.h"
#include "kernels/reduce.h"
#include "window.h"

namespace tenon::cuda {
using namespace sdk;

inline constexpr Slot kPoolType = var('T', floats).with(kImageLayouts);

// What the four have in common: x and y in one layout.
struct SameLayout {
    static constexpr const char* device = kDevice;
    static constexpr auto formats = rows(row(kPoolType, kPoolType));
    static bool accepts(int pos, std::span<const abi::TensorDesc> all, int) { return pos != 1 || all[1].layout == all[0].layout; }
};

template <class F>
struct Pool : F, SameLayout {
    static constexpr Identity identity{.name = F::kName, .since = 1, .implementation = "cuda.kernel"};
    void infer(Shapes x, Shapes y) const { y[0] = this->pooled(x[0]); }
    void configure(const Layer& l) const {
        if (l.input(0).dims.rank - 2 > kSpatial) throw declined("more than 3 spatial axes");
    }
    void run(const Launch& l) const {
        const abi::TensorDesc &x = l.inputDesc(0), &y = l.outputDesc(0);
        PoolShape s = poolShape(x, x.dims.d[1], this->windowsOf(dimsOf(x), dimsOf(y), this->kernelShape));
        s.countPadding = this->countsPadding();
        check(pool(F::kOp, x.type, s, l.inputData(0), l.outputData(0), streamOf(l)));
    }
};

struct MaxPoolOf : reference::Pooling {
    std::int64_t storageOrder = 0;
    static constexpr const char* kName = "MaxPool";
    static constexpr PoolOp kOp = PoolOp::max;
    static constexpr auto attributes() {
        return std::tuple_cat(poolingAttributes(), std::tuple{attr(7, "storage_order", &MaxPoolOf::storageOrder,
                                                                   "of the output Indices, which is not offered")});
    }
    static bool countsPadding() { return false; }
};

struct AveragePoolOf : reference::Pooling {
    bool countIncludePad = false;
    static constexpr const char* kName = "AveragePool";
    static constexpr PoolOp kOp = PoolOp::average;
    static constexpr auto attributes() {
        return std::tuple_cat(poolingAttributes(), std::tuple{attr(7, "count_include_pad", &AveragePoolOf::countIncludePad,
                                                                   "whether padding counts in the mean")});
    }
    bool countsPadding() const { return countIncludePad; }
};

template <bool Largest>
struct GlobalPool : SameLayout {
    static constexpr Identity identity{
        .name = Largest ? "GlobalMaxPool" : "GlobalAveragePool", .since = 1, .implementation = "cuda.kernel"};
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() < 2) throw Error("needs batch and channels, found rank " + std::to_string(x[0].rank()));
        Shape out = x[0].dims();
        for (int i = 2; i < out.rank(); ++i) {
            if (out[i].is(0)) throw Error("dimension " + std::to_string(i) + " is 0: there is nothing to pool");
            out[i] = 1;
        }
        y[0] = out;
    }
    void run(const Launch& l) const {
        const abi::TensorDesc& x = l.inputDesc(0);
        const Strides strides = stridesOf(x);
        Walk<1> kept, reduced;
        for (int d = x.dims.rank; d-- > 0;)
            (d < 2 ? kept : reduced).enclose(x.dims.d[d], {strides[static_cast<std::size_t>(d)]});
        check(reduce(Largest ? ReduceOp::max : ReduceOp::mean, x.type, kept, reduced, l.inputData(0), l.outputData(0),
                     streamOf(l)));
    }
};

}  // namespace tenon::cuda

TENON_OPERATORS(pool, tenon::cuda::Pool<tenon::cuda::AveragePoolOf>, tenon::cuda::GlobalPool<false>,
                tenon::cuda::GlobalPool<true>, tenon::cuda::Pool<tenon::cuda::MaxPoolOf>)
