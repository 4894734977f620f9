// Concat: y = inputs one after the other along an axis (ONNX opset 4 and later). Split: the reverse (opset 13 and 18 forms).
#include "block_copy.h"

namespace tenon::cuda {
using namespace sdk;

struct Concat {
    std::int64_t axis = 0;
    static constexpr Identity identity{.name = "Concat", .since = 4, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', movable).with(kImageLayouts);
    static constexpr auto formats = rows(row(in(variadic(T)), out(T)));
    static constexpr auto attributes() { return std::tuple{attr(1, "axis", &Concat::axis, "axis that grows").required()}; }
    bool accepts(int pos, std::span<const abi::TensorDesc> all, int) const {
        return all[static_cast<std::size_t>(pos)].layout == all[0].layout;
    }
    void infer(Shapes x, Shapes y) const {
        Shape out = x[0].dims();
        const int at = x[0].axis(axis);
        for (int i = 1; i < x.count(); ++i) {
            if (x[i].rank() != out.rank())
                throw Error("inputs of ranks " + std::to_string(out.rank()) + " and " + std::to_string(x[i].rank()));
            for (int d = 0; d < out.rank(); ++d) {
                if (d == at) out[d] = out[d] + x[i][d];
                else if (out[d].isConstant() && x[i][d].isConstant() && !out[d].same(x[i][d]))
                    throw Error("input " + std::to_string(i) + " has extent " + std::to_string(x[i][d].value()) + " along axis " +
                                std::to_string(d) + ", input 0 has " + std::to_string(out[d].value()));
                else if (!out[d].isConstant()) out[d] = x[i][d].isKnown() ? x[i][d] : out[d];
            }
        }
        if (out.rank() == 1) joinContents(x, out);
        y[0] = out;
    }
    void run(const Launch& l) const {
        const abi::TensorDesc& y = l.outputDesc(0);
        const int at = static_cast<int>(axis < 0 ? axis + y.dims.rank : axis);
        std::int64_t begin = 0;
        for (int i = 0; i < l.inputCount(); ++i) {
            const abi::TensorDesc& x = l.inputDesc(i);
            copyBox(l, x.dims, memoryOrder(y), partOf(y, at, begin), l.outputData(0), wholeOf(x), l.inputData(i), x.type);
            begin += x.dims.d[at];
        }
    }

private:
    static void joinContents(Shapes x, Shape& out) {
        std::vector<Dim> all;
        for (int i = 0; i < x.count(); ++i) {
            if (!x[i].content) return;
            all.insert(all.end(), x[i].content->begin(), x[i].content->end());
        }
        out.content = std::move(all);
    }
};

struct Split {
    std::int64_t axis = 0;
    std::optional<std::int64_t> numOutputs;
    static constexpr Identity identity{.name = "Split", .since = 1, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', movable).with(kImageLayouts);
    static constexpr auto formats = rows(row(in(T, optional(i64)), out(variadic(T))));
    static constexpr std::uint64_t shapeInputs = bits(1);
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &Split::axis, "axis that is cut"),
                          attr(2, "num_outputs", &Split::numOutputs, "number of equal parts; the last may be smaller")};
    }
    bool accepts(int pos, std::span<const abi::TensorDesc> all, int inputCount) const {
        return pos < inputCount || all[static_cast<std::size_t>(pos)].layout == all[0].layout;
    }
    void infer(Shapes x, Shapes y) const {
        const int at = x[0].axis(axis);
        for (int i = 0; i < y.count(); ++i) {
            y[i] = x[0].dims();
            y[i][at] = Dim::unknown();
        }
        if (x.has(1)) splitBy(x[1].integers(), x[0][at], y, at);
        else splitEvenly(x[0][at], y, at);
        if (x[0].content && x[0].rank() == 1) cutContent(*x[0].content, y);
    }
    void run(const Launch& l) const {
        const abi::TensorDesc& x = l.inputDesc(0);
        const int at = static_cast<int>(axis < 0 ? axis + x.dims.rank : axis);
        const std::int64_t* sizes = l.hasInput(1) ? static_cast<const std::int64_t*>(l.inputData(1)) : nullptr;
        const std::int64_t equalPart = (x.dims.d[at] + l.outputCount() - 1) / l.outputCount();
        std::int64_t begin = 0;
        for (int i = 0; i < l.outputCount(); ++i) {
            if (l.hasOutput(i)) {
                const abi::TensorDesc& y = l.outputDesc(i);
                copyBox(l, y.dims, memoryOrder(y), wholeOf(y), l.outputData(i), partOf(x, at, begin), l.inputData(0), x.type);
            }
            begin += sizes != nullptr ? sizes[i] : equalPart;
        }
    }

private:
    static void splitBy(const std::vector<std::int64_t>& sizes, const Dim& whole, Shapes y, int at) {
        if (sizes.size() != static_cast<std::size_t>(y.count()))
            throw Error("split has " + std::to_string(sizes.size()) + " entries for " + std::to_string(y.count()) + " outputs");
        Dim sum = 0;
        for (int i = 0; i < y.count(); ++i) {
            const std::int64_t size = sizes[static_cast<std::size_t>(i)];
            if (size < 0) throw Error("split has the entry " + std::to_string(size));
            y[i][at] = size;
            sum = sum + size;
        }
        if (whole.isConstant() && !whole.same(sum))
            throw Error("split adds up to " + std::to_string(sum.value()) + ", the axis has " + std::to_string(whole.value()));
    }
    void splitEvenly(const Dim& whole, Shapes y, int at) const {
        const Dim count = y.count(), part = ceilDiv(whole, count);
        if (!numOutputs && whole.isConstant() && whole.value() % y.count() != 0)
            throw Error(std::to_string(whole.value()) + " does not divide into " + std::to_string(y.count()) + " equal parts");
        if (numOutputs && *numOutputs != y.count())
            throw Error("num_outputs is " + std::to_string(*numOutputs) + ", the layer has " + std::to_string(y.count()) +
                        " outputs");
        for (int i = 0; i < y.count(); ++i)
            y[i][at] = max(Dim(0), min(part, whole - part * Dim(i)));
    }
    static void cutContent(const std::vector<Dim>& content, Shapes y) {
        auto from = content.begin();
        for (int i = 0; i < y.count(); ++i) {
            if (!y[i][0].isConstant() || y[i][0].value() > content.end() - from) return;
            y[i].content.emplace(from, from + y[i][0].value());
            from += y[i][0].value();
        }
    }
};

}  // namespace tenon::cuda

TENON_OPERATORS(concat, tenon::cuda::Concat, tenon::cuda::Split)
