// y = entries of x along an axis, chosen by indices of any rank (ONNX Gather opset 1 and later).
#include "../reference/axis_rules.h"
#include "../reference/axis_split.h"
#include "cuda_op.h"
#include "kernels/strided.h"

namespace tenon::cuda {
using namespace sdk;

// An index outside the axis reads as zeros: the device cannot report it.
struct Gather {
    std::int64_t axis = 0;
    static constexpr Identity identity{.name = "Gather", .since = 1, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', movable), I = var('I', i32 | i64);
    static constexpr auto formats = rows(row(T, I, T));
    static constexpr auto attributes() { return std::tuple{attr(1, "axis", &Gather::axis, "axis that is indexed")}; }
    void infer(Shapes x, Shapes y) const {
        Shape out = reference::gatheredShape(x[0], x[1], axis);
        if (x[0].content && x[0].rank() == 1 && x[1].content && x[1].rank() <= 1) pick(*x[0].content, *x[1].content, out);
        y[0] = out;
    }
    void run(const Launch& l) const {
        const reference::AxisSplit s = reference::splitAt(dimsOf(l.inputDesc(0)), axis);
        const GatherShape shape{s.outer, s.extent, elementCount(l.inputDesc(1).dims), s.inner};
        check(gather(shape, elementBytes(l.inputType(0)), l.outputData(0), l.inputData(0), l.inputData(1),
                     l.inputType(1) == DataType::i64, streamOf(l)));
    }

private:
    static void pick(const std::vector<Dim>& content, const std::vector<Dim>& indices, Shape& out) {
        std::vector<Dim> picked;
        const auto size = static_cast<std::int64_t>(content.size());
        for (const Dim& d : indices) {
            if (!d.isConstant()) return;
            const std::int64_t i = d.value() < 0 ? d.value() + size : d.value();
            if (i < 0 || i >= size)
                throw Error("index " + std::to_string(d.value()) + " is outside an axis of extent " + std::to_string(size));
            picked.push_back(content[static_cast<std::size_t>(i)]);
        }
        out.content = std::move(picked);
    }
};

}  // namespace tenon::cuda

TENON_OPERATORS(gather, tenon::cuda::Gather)
