// y = alpha * a' b' + c, where ' transposes on request (ONNX Gemm opset 7 and later, beta = 1).
#include "../reference/broadcast.h"
#include "weighted_kernel.h"

namespace tenon::onednn {
using namespace sdk;

struct Gemm : WeightedKernel<Gemm> {
    float alpha = 1.0F, beta = 1.0F;
    bool transA = false, transB = false;
    static constexpr Identity identity{.name = "Gemm", .since = 7};
    static constexpr auto formats = rows(row(in(f32, f32, optional(f32)), out(f32)));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "alpha", &Gemm::alpha, "scale of the product"), attr(2, "beta", &Gemm::beta, "scale of c"),
                          attr(3, "transA", &Gemm::transA, "whether a is given transposed"),
                          attr(4, "transB", &Gemm::transB, "whether b is given transposed")};
    }
    static constexpr std::array kWays{Way{"brgemm", dnnl::algorithm::undef, "br"}, Way{"gemm", dnnl::algorithm::undef, "gemm"},
                                      Way{"jit", dnnl::algorithm::undef, "jit"}};
    using Primitive = dnnl::matmul;

    void infer(Shapes x, Shapes y) const {
        for (int i : {0, 1})
            if (x[i].rank() != 2)
                throw Error("input " + std::to_string(i) + " must be a matrix, found rank " + std::to_string(x[i].rank()));
        const Dim &inner = x[0][transA ? 0 : 1], &other = x[1][transB ? 1 : 0];
        if (inner.isConstant() && other.isConstant() && !inner.same(other))
            throw Error("a' has " + std::to_string(inner.value()) + " columns, b' has " + std::to_string(other.value()) +
                        " rows");
        y[0] = Shape{x[0][transA ? 1 : 0], x[1][transB ? 0 : 1]};
        if (x.has(2)) reference::checkBroadcastsTo(y[0], x[2], "c");
    }

    memory::desc plainWeights(const Instance& at) const { return matrix(at.input(1), transB); }
    Primitive::desc describe(const Instance& at, const Way&, const memory::desc* weights) const {
        const memory::desc plain = plainWeights(at), target = linearDesc(at.output().dims, memory::data_type::f32);
        const memory::desc any(plain.dims(), memory::data_type::f32, memory::format_tag::any);
        const memory::desc b = weights != nullptr ? *weights : any;
        if (cPlace(at) != CPlace::bias) return {matrix(at.input(0), transA), b, target};
        return {matrix(at.input(0), transA), b, cDesc(at), target};
    }
    dnnl::primitive_attr settings(const Instance& at) const {
        dnnl::primitive_attr attr = userScratchpad();
        if (alpha != 1.0F) attr.set_output_scales(0, {alpha});
        if (cPlace(at) != CPlace::added) return attr;
        dnnl::post_ops after;
        after.append_binary(dnnl::algorithm::binary_add, cDesc(at));
        attr.set_post_ops(after);
        return attr;
    }
    std::vector<Operand> operands(const Instance& at, const Primitive::primitive_desc& pd) const {
        std::vector<Operand> list{{DNNL_ARG_SRC, pd.src_desc(), Place::input}, {DNNL_ARG_DST, pd.dst_desc(), Place::output}};
        const CPlace place = cPlace(at);
        const int added = DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1;
        if (place != CPlace::none) list.push_back({place == CPlace::bias ? DNNL_ARG_BIAS : added, cDesc(at), Place::input, 2});
        return list;
    }
    Cost cost(const Layer& layer) const {
        const Instance at = instanceAt(layer, &abi::DynamicTensorDesc::opt);
        const auto a = static_cast<double>(at.input(0).elements()), b = static_cast<double>(at.input(1).elements());
        const auto y = static_cast<double>(at.output().elements());
        return {2.0 * y * static_cast<double>(at.input(0).dim(transA ? 0 : 1)), 4.0 * (a + b + y)};
    }

private:
    static memory::desc matrix(const Tensor& t, bool isTransposed) {
        if (!isTransposed) return linearDesc(t.dims, memory::data_type::f32);
        return {{t.dim(1), t.dim(0)}, memory::data_type::f32, memory::dims{1, t.dim(1)}};
    }
    // oneDNN scales its bias with the product, and takes one row only; another c is added afterwards.
    enum class CPlace { none, bias, added };
    CPlace cPlace(const Instance& at) const {
        if (!at.hasInput(2) || beta == 0.0F) return CPlace::none;
        if (beta != 1.0F) throw declined("oneDNN adds c unscaled, beta is " + std::to_string(beta));
        return alpha == 1.0F && cDesc(at).dims() == memory::dims{1, at.output().dim(1)} ? CPlace::bias : CPlace::added;
    }
    static memory::desc cDesc(const Instance& at) {
        memory::dims dims = at.input(2).dims;
        dims.insert(dims.begin(), 2 - std::min<std::size_t>(dims.size(), 2), 1);
        return linearDesc(dims, memory::data_type::f32);
    }
};

}  // namespace tenon::onednn

TENON_OPERATORS(gemm, tenon::onednn::Gemm)
