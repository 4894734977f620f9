// y[a..., i..., b...] = x[a..., indices[i...], b...] along one axis (ONNX Gather opset 1 and later).
#include "axis_rules.h"
#include "axis_split.h"
#include "indices.h"

namespace tenon::reference {
using namespace sdk;

struct Gather {
    std::int64_t axis = 0;
    static constexpr Identity identity{.name = "Gather", .since = 1};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(in(T, Slot(i32 | i64)), out(T)));
    static constexpr auto attributes() { return std::tuple{attr(1, "axis", &Gather::axis, "axis that the indices select from")}; }
    void infer(Shapes x, Shapes y) const {
        y[0] = gatheredShape(x[0], x[1], axis);
        if (x[0].rank() == 1 && x[0].content && x[1].content) y[0].content = picked(*x[0].content, *x[1].content);
    }
    void run(const Launch& l) const {
        const AxisSplit s = splitAt(dimsOf(l.inputDesc(0)), axis);
        const Indices indices(l, 1);
        indices.check(s.extent);
        if (indices.size() == 0 || s.inner == 0) return;
        dispatchSize(l.inputType(0), [&]<class E>() {
            const E* x = l.input<E>(0).data;
            E* y = l.output<E>(0).data;
            const auto row = static_cast<std::size_t>(s.inner) * sizeof(E);
            parallelFor(s.outer * indices.size(), std::max<std::int64_t>(1, 16384 / s.inner), [&](auto begin, auto end) {
                for (std::int64_t i = begin; i < end; ++i) {
                    const std::int64_t from = i / indices.size() * s.extent + indices.at(i % indices.size(), s.extent);
                    std::memcpy(y + i * s.inner, x + from * s.inner, row);
                }
            });
        });
    }

private:
    static std::vector<Dim> picked(const std::vector<Dim>& content, const std::vector<Dim>& indices) {
        const auto extent = static_cast<std::int64_t>(content.size());
        std::vector<Dim> out;
        for (const Dim& i : indices) {
            if (i.isConstant()) Indices::checkOne(i.value(), extent);
            out.push_back(i.isConstant() ? content[static_cast<std::size_t>(i.value() < 0 ? i.value() + extent : i.value())]
                                         : Dim::unknown());
        }
        return out;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(gather, tenon::reference::Gather)
