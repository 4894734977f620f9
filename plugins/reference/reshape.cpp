// y = x with other dims and the same elements (ONNX Reshape opset 5 and later; allowzero opset 14).
#include "view.h"

namespace tenon::reference {
using namespace sdk;

struct Reshape {
    bool allowzero = false;
    static constexpr Identity identity{.name = "Reshape", .since = 5};
    static constexpr Slot T = var('T', anyType | halfBytes);
    static constexpr auto formats = rows(row(in(T, Slot(i64)), out(T)));
    static constexpr int alias = 0;
    static constexpr bool view = true;
    static constexpr std::uint64_t shapeInputs = bits(1);
    static constexpr auto attributes() {
        return std::tuple{attr(1, "allowzero", &Reshape::allowzero, "whether 0 means an extent of 0, not the input's extent")};
    }
    void infer(Shapes x, Shapes y) const {
        if (!x[1].content) {
            y[0] = Shape::ofRank(static_cast<int>(std::min<std::int64_t>(x[1].elements().value(), abi::kMaxRank)));
            return;
        }
        Shape out = Shape::ofRank(0);
        int inferred = -1, unknown = -1, unknowns = 0;
        for (const Dim& wanted : *x[1].content) {
            const int at = out.hasRank() ? out.rank() : 0;
            if (wanted.is(-1)) {
                if (inferred >= 0) throw Error("the shape has more than one -1");
                inferred = at;
            }
            if (!wanted.isKnown()) {
                unknown = at;
                ++unknowns;
            }
            out.append(extent(wanted, x[0], at));
        }
        y[0] = out;
        if (inferred >= 0 && unknowns == 0) y[0][inferred] = quotient(x[0], out, inferred);
        else if (inferred < 0 && unknowns == 1) y[0][unknown] = quotientIfKnown(x[0], out, unknown);
        checkCount(x[0], y[0]);
        y[0].content = x[0].content;
    }
    void run(const Launch& l) const { copyBytes(l); }

private:
    Dim extent(const Dim& wanted, const Shape& x, int at) const {
        if (!wanted.isConstant() || wanted.is(-1)) return wanted.is(-1) ? Dim::unknown() : wanted;
        if (wanted.value() < 0) throw Error("the shape has an entry " + std::to_string(wanted.value()));
        if (wanted.value() > 0 || allowzero) return wanted;
        if (x.hasRank() && at >= x.rank())
            throw Error("entry " + std::to_string(at) + " of the shape is 0, but the input has rank " + std::to_string(x.rank()));
        return x.hasRank() ? x[at] : Dim::unknown();
    }
    // What is left of x's elements for the dimension `at` of y: dims that both have cancel out first.
    static Dim quotient(const Shape& x, const Shape& y, int at) {
        std::vector<Dim> left;
        for (int i = 0; i < x.rank(); ++i)
            left.push_back(x[i]);
        Dim divisor = 1;
        for (int i = 0; i < y.rank(); ++i) {
            if (i == at) continue;
            const auto same = std::ranges::find_if(left, [&](const Dim& d) { return d.same(y[i]); });
            if (same != left.end()) left.erase(same);
            else divisor = divisor * y[i];
        }
        Dim product = 1;
        for (const Dim& d : left)
            product = product * d;
        if (divisor.is(0)) throw Error("the shape's -1 stands for any extent: its other dims have no elements");
        if (product.isConstant() && divisor.isConstant() && product.value() % divisor.value() != 0)
            throw Error(std::to_string(product.value()) + " elements do not fill rows of " + std::to_string(divisor.value()));
        return floorDiv(product, divisor);
    }
    // An entry that is not known yet is -1 or an extent: the quotient either way, if the other dims have elements.
    static Dim quotientIfKnown(const Shape& x, const Shape& y, int at) {
        for (int i = 0; i < y.rank(); ++i)
            if (y[i].is(0)) return Dim::unknown();
        return x.hasRank() ? quotient(x, y, at) : Dim::unknown();
    }
    static void checkCount(const Shape& x, const Shape& y) {
        if (!x.hasRank()) return;
        const Dim had = x.elements(), has = y.elements();
        if (had.isConstant() && has.isConstant() && !had.same(has))
            throw Error("the input has " + std::to_string(had.value()) + " elements, the shape " + std::to_string(has.value()));
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(reshape, tenon::reference::Reshape)
