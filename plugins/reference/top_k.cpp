// The k largest or smallest elements along one axis, and where they are; equal ones in the order of x (ONNX TopK opset 10 and 11
// form: k is an input).
#include "arithmetic.h"
#include "axis_split.h"

namespace tenon::reference {
using namespace sdk;

struct TopK {
    std::int64_t axis = -1;
    bool largest = true, sorted = true;
    static constexpr Identity identity{.name = "TopK", .since = 1};
    static constexpr Slot T = var('T', numeric);
    static constexpr auto formats = rows(row(in(T, Slot(i64)), out(T, Slot(i64))));
    static constexpr std::uint64_t shapeInputs = bits(1);
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &TopK::axis, "axis that is searched"),
                          attr(2, "largest", &TopK::largest, "whether the largest are wanted, or else the smallest"),
                          attr(3, "sorted", &TopK::sorted, "whether the order of the results matters")};
    }
    void infer(Shapes x, Shapes y) const {
        const int at = x[0].axis(axis);
        for (int i = 0; i < y.count(); ++i) {
            y[i] = x[0].dims();
            y[i][at] = Dim::unknown();
        }
        if (x[1].elements().isConstant() && !x[1].elements().is(1)) throw Error("k must be one number");
        if (!x[1].content) return;
        const Dim k = x[1].content->at(0);
        if (k.isConstant() && (k.value() < 0 || (x[0][at].isConstant() && k.value() > x[0][at].value())))
            throw Error("k is " + std::to_string(k.value()) + ", the axis does not have that many elements");
        for (int i = 0; i < y.count(); ++i)
            y[i][at] = k;
    }
    // One line of candidates for each thread.
    std::uint64_t workspace(const Layer& layer) const {
        const abi::DynamicTensorDesc& x = layer.inputRange(0);
        const auto at = axis < 0 ? axis + x.desc.dims.rank : axis;
        if (at < 0 || at >= x.desc.dims.rank) return 0;
        return static_cast<std::uint64_t>(std::max<std::int64_t>({x.desc.dims.d[at], x.max.d[at], 0})) * sizeof(std::int64_t) *
               threads();
    }
    void run(const Launch& l) const {
        const AxisSplit s = splitAt(dimsOf(l.inputDesc(0)), axis), out = splitAt(dimsOf(l.outputDesc(0)), axis);
        if (s.extent == 0 || out.extent == 0 || s.lines() == 0) return;
        const auto lineSize = static_cast<std::uint64_t>(s.extent) * sizeof(std::int64_t);
        const auto pieces = static_cast<std::int64_t>(std::min(threads(), l.workspaceSize() / lineSize));
        if (pieces == 0)
            throw Error("the workspace has " + std::to_string(l.workspaceSize()) + " bytes, a line needs " +
                        std::to_string(lineSize));
        dispatch<numeric>(l.inputType(0), [&]<class E>() {
            const E* x = l.input<E>(0).data;
            E* values = l.output<E>(0).data;
            std::int64_t* indices = l.output<std::int64_t>(1).data;
            parallelFor(pieces, 1, [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t p = begin; p < end; ++p) {
                    std::int64_t* candidates = static_cast<std::int64_t*>(l.workspace()) + p * s.extent;
                    for (std::int64_t line = s.lines() * p / pieces; line < s.lines() * (p + 1) / pieces; ++line) {
                        select(x + s.start(line), s.extent, s.inner, candidates, out.extent);
                        write(x + s.start(line), s.inner, candidates, out.extent, values + out.start(line),
                              indices + out.start(line));
                    }
                }
            });
        });
    }

private:
    static std::uint64_t threads() { return host != nullptr ? static_cast<std::uint64_t>(std::max(1, host->maxThreads())) : 1; }

    // NaN counts as larger than every number.
    template <class C>
    static bool isLess(C a, C b) {
        return a < b || (b != b && a == a);
    }
    // Puts the indices of the k elements in front of all others.
    template <class E>
    void select(const E* x, std::int64_t extent, std::int64_t step, std::int64_t* candidates, std::int64_t k) const {
        for (std::int64_t i = 0; i < extent; ++i)
            candidates[i] = i;
        const auto goesFirst = [&](std::int64_t a, std::int64_t b) {
            const Compute<E> p = x[a * step], q = x[b * step];
            if (largest ? isLess(q, p) : isLess(p, q)) return true;
            return !(largest ? isLess(p, q) : isLess(q, p)) && a < b;
        };
        if (k < extent) std::nth_element(candidates, candidates + k, candidates + extent, goesFirst);
        std::sort(candidates, candidates + k, goesFirst);
    }
    template <class E>
    static void write(const E* x, std::int64_t step, const std::int64_t* chosen, std::int64_t k, E* values,
                      std::int64_t* indices) {
        for (std::int64_t i = 0; i < k; ++i) {
            values[i * step] = x[chosen[i] * step];
            indices[i * step] = chosen[i];
        }
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(top_k, tenon::reference::TopK)
