// y is the inputs joined along one axis (ONNX Concat opset 4 and later).
#include "kernel.h"
#include "layouts.h"

namespace tenon::onednn {
using namespace sdk;

struct Concat : Kernel {
    std::int64_t axis = 0;
    static constexpr Identity identity{.name = "Concat", .since = 4};
    static constexpr auto formats = inEachLayout(row(in(variadic(f32)), out(f32)));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &Concat::axis, "dimension to join along").required()};
    }

    // Channel blocks can be joined along the channels only where every input fills its blocks.
    bool accepts(int pos, std::span<const abi::TensorDesc> inOut, int) const {
        const abi::TensorDesc& t = inOut[static_cast<std::size_t>(pos)];
        const int block = blockOf(t.layout);
        const bool alongChannels = axis == 1 || axis == 1 - t.dims.rank;
        return block == 0 || !alongChannels || (t.dims.d[1] > 0 && t.dims.d[1] % block == 0);
    }

    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        const int along = x[0].axis(axis);
        for (int k = 1; k < x.count(); ++k) {
            if (x[k].rank() != x[0].rank()) throw Error("input " + std::to_string(k) + " has another rank");
            for (int i = 0; i < x[0].rank(); ++i)
                y[0][i] = i == along ? y[0][i] + x[k][i] : equalDim(y[0][i], x[k][i], k, i);
        }
    }

    void configure(const Layer& layer) {
        prepare(layer, [&](const Instance& at, Calls& calls) {
            if (at.output().elements() == 0) return;
            const auto along = static_cast<int>(axis < 0 ? axis + at.output().rank() : axis);
            std::vector<memory::desc> descs;
            std::vector<Operand> operands;
            for (int k = 0; k < static_cast<int>(at.inputs.size()); ++k) {
                if (at.input(k).elements() == 0) continue;
                operands.push_back(
                    {DNNL_ARG_MULTIPLE_SRC + static_cast<int>(descs.size()), descOf(at.input(k)), Place::input, k});
                descs.push_back(operands.back().desc);
            }
            const memory::desc y = descOf(at.output());
            operands.push_back({DNNL_ARG_DST, y, Place::output});
            calls.add(dnnl::concat::primitive_desc(y, along, descs, cpu(), userScratchpad()), operands);
        });
    }

private:
    static Dim equalDim(const Dim& a, const Dim& b, int input, int i) {
        if (a.isConstant() && b.isConstant() && !a.same(b))
            throw Error("input " + std::to_string(input) + " has " + std::to_string(b.value()) + " in dimension " +
                        std::to_string(i) + ", the others " + std::to_string(a.value()));
        return a.isConstant() || !b.isKnown() ? a : b;
    }
};

}  // namespace tenon::onednn

TENON_OPERATORS(concat, tenon::onednn::Concat)
