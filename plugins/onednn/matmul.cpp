// y = a b over the last two dimensions, the others broadcast as numpy does (ONNX MatMul opset 1 and later).
#include "../reference/matrix_product.h"
#include "weighted_kernel.h"

namespace tenon::onednn {
using namespace sdk;

struct MatMul : WeightedKernel<MatMul> {
    static constexpr Identity identity{.name = "MatMul", .since = 1};
    static constexpr auto formats = rows(row(f32, f32, f32));
    static constexpr std::array kWays{Way{"brgemm", dnnl::algorithm::undef, "br"}, Way{"gemm", dnnl::algorithm::undef, "gemm"},
                                      Way{"jit", dnnl::algorithm::undef, "jit"}};
    using Primitive = dnnl::matmul;

    void infer(Shapes x, Shapes y) const { y[0] = reference::multiplied(x[0], x[1]); }

    memory::desc plainWeights(const Instance& at) const { return linearDesc(problemOf(at).weights, memory::data_type::f32); }
    Primitive::desc describe(const Instance& at, const Way&, const memory::desc* weights) const {
        const Problem p = problemOf(at);
        const memory::desc any(p.weights, memory::data_type::f32, memory::format_tag::any);
        return {linear(p.source), weights != nullptr ? *weights : any, linear(p.target)};
    }
    static dnnl::primitive_attr settings(const Instance&) { return userScratchpad(); }
    std::vector<Operand> operands(const Instance&, const Primitive::primitive_desc& pd) const {
        return {{DNNL_ARG_SRC, pd.src_desc(), Place::input}, {DNNL_ARG_DST, pd.dst_desc(), Place::output}};
    }
    Cost cost(const Layer& layer) const {
        const Instance at = instanceAt(layer, &abi::DynamicTensorDesc::opt);
        const Tensor &a = at.input(0), &b = at.input(1), &y = at.output();
        const auto outputs = static_cast<double>(y.elements());
        return {2.0 * outputs * static_cast<double>(a.dim(a.rank() - 1)),
                4.0 * (static_cast<double>(a.elements()) + static_cast<double>(b.elements()) + outputs)};
    }

private:
    struct Problem {
        memory::dims source, weights, target;
    };
    static memory::desc linear(const memory::dims& dims) { return linearDesc(dims, memory::data_type::f32); }

    // With one matrix b, all rows of a are rows of one product; batches that agree are one dimension.
    static Problem problemOf(const Instance& at) {
        memory::dims a = at.input(0).dims, b = at.input(1).dims;
        if (a.size() == 1) a.insert(a.begin(), 1);
        if (b.size() == 1) b.push_back(1);
        const std::int64_t m = a[a.size() - 2], k = a.back(), n = b.back();
        a.resize(a.size() - 2);
        b.resize(b.size() - 2);
        if (productOf(b) == 1) return {{productOf(a) * m, k}, {k, n}, {productOf(a) * m, n}};
        const std::size_t rank = std::max(a.size(), b.size());
        a.insert(a.begin(), rank - a.size(), 1);
        b.insert(b.begin(), rank - b.size(), 1);
        memory::dims y;
        for (std::size_t i = 0; i < rank; ++i)
            y.push_back(std::max(a[i], b[i]));
        if (a == b) a = b = y = {productOf(y)};
        return {append(a, m, k), append(b, k, n), append(y, m, n)};
    }
    static std::int64_t productOf(const memory::dims& dims) {
        std::int64_t n = 1;
        for (const std::int64_t d : dims)
            n *= d;
        return n;
    }
    static memory::dims append(memory::dims dims, std::int64_t rows, std::int64_t columns) {
        dims.push_back(rows);
        dims.push_back(columns);
        return dims;
    }
};

}  // namespace tenon::onednn

TENON_OPERATORS(matmul, tenon::onednn::MatMul)
