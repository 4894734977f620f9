// y = the inputs one after another along one axis (ONNX Concat opset 4 and later).
#include "axis_split.h"
#include "strided_copy.h"

namespace tenon::reference {
using namespace sdk;

struct Concat {
    std::int64_t axis = 1;
    static constexpr Identity identity{.name = "Concat", .since = 1};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(in(variadic(T)), out(T)));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &Concat::axis, "axis along which inputs are joined")};
    }
    void infer(Shapes x, Shapes y) const {
        Shape out = x[0].dims();
        const int at = out.axis(axis);
        for (int i = 1; i < x.count(); ++i) {
            if (!x[i].hasRank()) {
                out[at] = Dim::unknown();
                continue;
            }
            if (x[i].rank() != out.rank())
                throw Error("input " + std::to_string(i) + " has rank " + std::to_string(x[i].rank()) + ", input 0 has rank " +
                            std::to_string(out.rank()));
            for (int d = 0; d < out.rank(); ++d)
                out[d] = d == at ? out[d] + x[i][d] : agreed(out[d], x[i][d], i, d);
        }
        y[0] = out;
        if (out.rank() == 1) y[0].content = joined(x);
    }
    void run(const Launch& l) const {
        const AxisSplit whole = splitAt(dimsOf(l.outputDesc(0)), axis);
        std::int64_t at = 0;
        for (int i = 0; i < l.layer().inputCount(); ++i) {
            const AxisSplit part = splitAt(dimsOf(l.inputDesc(i)), axis);
            StridedCopy copy;
            copy.add(part.outer, part.extent * part.inner, whole.extent * whole.inner);
            copy.add(part.extent * part.inner, 1, 1);
            copy.run(l.inputType(i), l.inputData(i), l.outputData(0), 0, at * whole.inner);
            at += part.extent;
        }
    }

private:
    static Dim agreed(const Dim& a, const Dim& b, int input, int axis) {
        if (a.isConstant() && b.isConstant() && !a.same(b))
            throw Error("input " + std::to_string(input) + " has " + std::to_string(b.value()) + " in dimension " +
                        std::to_string(axis) + ", those before it have " + std::to_string(a.value()));
        return a.isConstant() || !b.isKnown() ? a : b.isConstant() || !a.isKnown() ? b : a;
    }
    // Entries that are not known stay so; those around them are kept.
    static std::optional<std::vector<Dim>> joined(const Shapes& x) {
        constexpr std::int64_t kLongest = 1024;  // longer tensors are data, not shapes
        std::vector<Dim> all;
        for (int i = 0; i < x.count(); ++i) {
            if (!x[i].hasRank() || !x[i].elements().isConstant() || x[i].elements().value() > kLongest) return std::nullopt;
            if (x[i].content) all.insert(all.end(), x[i].content->begin(), x[i].content->end());
            else all.resize(all.size() + static_cast<std::size_t>(x[i].elements().value()), Dim::unknown());
        }
        return all;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(concat, tenon::reference::Concat)
