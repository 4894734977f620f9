// y = f(a, b), element by element; one input may be broadcast to the other's shape (ONNX Add, Sub, Mul, Div opset 7 and later).
#include "kernel.h"
#include "layouts.h"

namespace tenon::onednn {
using namespace sdk;
using dnnl::algorithm;

// `t` with leading ones up to `rank`; elsewhere than in linear layout ranks are equal already.
inline Tensor raisedTo(int rank, Tensor t) {
    t.dims.insert(t.dims.begin(), static_cast<std::size_t>(rank - t.rank()), 1);
    return t;
}

// F states the name, oneDNN's algorithm, and whether f(a, b) = f(b, a).
template <class F>
struct Binary : Kernel {
    static constexpr Identity identity{.name = F::kName, .since = 7};
    static constexpr auto formats = inEachLayout(row(f32, f32, f32));
    static constexpr int alias = 0;

    // Outside the linear layout only the batch may be broadcast.
    bool accepts(int pos, std::span<const abi::TensorDesc> inOut, int) const {
        const abi::TensorDesc& a = inOut[0];
        const abi::TensorDesc& b = inOut[static_cast<std::size_t>(pos)];
        if (b.layout == Layout::linear) return true;
        const auto same = [&](int i) { return a.dims.d[i] == b.dims.d[i] && a.dims.d[i] >= 0; };
        for (int i = 1; i < b.dims.rank; ++i)
            if (a.dims.rank != b.dims.rank || !same(i)) return false;
        return true;
    }

    void infer(Shapes x, Shapes y) const { y[0] = broadcast(x[0], x[1]); }

    void configure(const Layer& layer) {
        prepare(layer, [&](const Instance& at, Calls& calls) {
            const Tensor& y = at.output();
            if (y.elements() == 0) return;
            int first = 0, second = 1;
            if (at.input(0).elements() != y.elements()) std::swap(first, second);
            if (at.input(first).elements() != y.elements()) throw declined("both inputs are broadcast");
            if (first != 0 && !F::kCommutes) throw declined("the first operand is broadcast");
            makeCall(at, first, second, calls);
        });
    }

private:
    static void makeCall(const Instance& at, int first, int second, Calls& calls) {
        const Tensor& y = at.output();
        const bool flat = at.input(0).dims == y.dims && at.input(1).dims == y.dims;
        const auto desc = [&](const Tensor& t) { return descOf(flat ? flattenSpatial(t) : raisedTo(y.rank(), t)); };
        const memory::desc a = desc(at.input(first)), b = desc(at.input(second)), d = desc(y);
        const dnnl::binary::primitive_desc pd({F::kAlgorithm, a, b, d}, userScratchpad(), cpu());
        calls.add(pd, {{DNNL_ARG_SRC_0, a, Place::input, first},
                       {DNNL_ARG_SRC_1, b, Place::input, second},
                       {DNNL_ARG_DST, d, Place::output}});
    }
};

struct AddOf {
    static constexpr const char* kName = "Add";
    static constexpr algorithm kAlgorithm = algorithm::binary_add;
    static constexpr bool kCommutes = true;
};
struct SubOf {
    static constexpr const char* kName = "Sub";
    static constexpr algorithm kAlgorithm = algorithm::binary_sub;
    static constexpr bool kCommutes = false;
};
struct MulOf {
    static constexpr const char* kName = "Mul";
    static constexpr algorithm kAlgorithm = algorithm::binary_mul;
    static constexpr bool kCommutes = true;
};
struct DivOf {
    static constexpr const char* kName = "Div";
    static constexpr algorithm kAlgorithm = algorithm::binary_div;
    static constexpr bool kCommutes = false;
};

}  // namespace tenon::onednn

TENON_OPERATORS(binary, tenon::onednn::Binary<tenon::onednn::AddOf>, tenon::onednn::Binary<tenon::onednn::SubOf>,
                tenon::onednn::Binary<tenon::onednn::MulOf>, tenon::onednn::Binary<tenon::onednn::DivOf>)
