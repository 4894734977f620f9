// y = x with a constant before and behind along axes; negative pads cut off (ONNX Pad opset 11 to 21, mode "constant").
#include "block_copy.h"

namespace tenon::cuda {
using namespace sdk;

struct Pad {
    std::string mode = "constant";
    static constexpr Identity identity{.name = "Pad", .since = 1, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', movable);
    static constexpr auto formats = rows(row(in(T, i64, optional(T), optional(i32 | i64)), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(1, 3);
    static constexpr auto attributes() {
        return std::tuple{attr(1, "mode", &Pad::mode, "only constant here").oneOf("constant|reflect|edge|wrap")};
    }
    void check(const abi::LayerInfo&) const {
        if (mode != "constant") throw declined("mode \"" + mode + "\" is not offered");
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape::ofRank(x[0].rank());
        const auto pads = padsOf(x[0].rank(), x[1].integers(), x.has(3) ? x[3].integers() : allAxes(x[0].rank()));
        for (int d = 0; d < x[0].rank(); ++d) {
            const auto [before, behind] = pads[static_cast<std::size_t>(d)];
            y[0][d] = x[0][d] + Dim(before) + Dim(behind);
            if (y[0][d].isConstant() && y[0][d].value() < 0)
                throw Error("pads leave dimension " + std::to_string(d) + " negative");
        }
    }
    void run(const Launch& l) const {
        const abi::TensorDesc &x = l.inputDesc(0), &y = l.outputDesc(0);
        const auto pads = padsOf(x.dims.rank, l.integers(1), l.hasInput(3) ? l.integers(3) : allAxes(x.dims.rank));
        const void* value = l.hasInput(2) ? l.inputData(2) : nullptr;
        cuda::check(fill(l.outputData(0), elementCount(y.dims), elementBytes(x.type), value, streamOf(l)));
        Box to = wholeOf(y), from = wholeOf(x);
        abi::Dims inside = x.dims;
        for (int d = 0; d < x.dims.rank; ++d) {
            const auto axis = static_cast<std::size_t>(d);
            const auto [before, behind] = pads[axis];
            to.offset += std::max<std::int64_t>(before, 0) * to.strides[axis];
            from.offset += std::max<std::int64_t>(-before, 0) * from.strides[axis];
            inside.d[d] =
                std::max<std::int64_t>(0, x.dims.d[d] + std::min<std::int64_t>(before, 0) + std::min<std::int64_t>(behind, 0));
        }
        copyBox(l, inside, memoryOrder(y), to, l.outputData(0), from, l.inputData(0), x.type);
    }

private:
    using Pads = std::vector<std::pair<std::int64_t, std::int64_t>>;
    static std::vector<std::int64_t> allAxes(int rank) {
        std::vector<std::int64_t> axes;
        for (int i = 0; i < rank; ++i)
            axes.push_back(i);
        return axes;
    }
    static Pads padsOf(int rank, const std::vector<std::int64_t>& given, const std::vector<std::int64_t>& axes) {
        if (given.size() != 2 * axes.size())
            throw Error("pads has " + std::to_string(given.size()) + " entries for " + std::to_string(axes.size()) + " axes");
        Pads pads(static_cast<std::size_t>(rank));
        const Shape ranked = Shape::ofRank(rank);
        for (std::size_t i = 0; i < axes.size(); ++i)
            pads[static_cast<std::size_t>(ranked.axis(axes[i]))] = {given[i], given[i + axes.size()]};
        return pads;
    }
};

}  // namespace tenon::cuda

TENON_OPERATORS(pad, tenon::cuda::Pad)
