// The same elements with other dims (ONNX Dropout, Flatten, Identity, Reshape opset 14 form, Squeeze and Unsqueeze opset 13
// form).
#include "../reference/view.h"
#include "cuda_op.h"

namespace tenon::cuda {
using namespace sdk;

// F states the name, the attributes, the rows, the shape inputs and the shape rule.
template <class F>
struct View : F {
    static constexpr Identity identity{.name = F::kName, .since = 1, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', movable);
    static constexpr auto formats = F::rowsOf(T);
    static constexpr std::uint64_t shapeInputs = F::kShapeInputs;
    static constexpr int alias = 0;
    static constexpr bool view = true;
    void run(const Launch& l) const { copyWhole(l, 0, 0); }
};

struct OneInput {
    static constexpr std::uint64_t kShapeInputs = 0;
    static constexpr auto rowsOf(Slot t) { return rows(row(t, t)); }
};

struct IdentityOf : OneInput {
    static constexpr const char* kName = "Identity";
    static constexpr auto rowsOf(Slot t) { return rows(row(t, t).anyLayout()); }
    void infer(Shapes x, Shapes y) const { y[0] = x[0]; }
};

// Dropout when it is not training: without mask and without the input training_mode.
struct DropoutOf {
    std::int64_t seed = 0;
    static constexpr const char* kName = "Dropout";
    static constexpr std::uint64_t kShapeInputs = 0;
    static constexpr auto rowsOf(Slot t) { return rows(row(in(t, optional(floats)), out(t))); }
    static constexpr auto attributes() {
        return std::tuple{attr(1, "seed", &DropoutOf::seed, "for training, which is not offered")};
    }
    void infer(Shapes x, Shapes y) const { y[0] = x[0].dims(); }
};

struct FlattenOf : OneInput {
    std::int64_t axis = 1;
    static constexpr const char* kName = "Flatten";
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &FlattenOf::axis, "first dimension of the second part")};
    }
    void infer(Shapes x, Shapes y) const {
        const int rank = x[0].rank();
        const int at = axis == rank ? rank : x[0].axis(axis);
        y[0] = Shape{x[0].product(0, at), x[0].product(at, rank)};
    }
};

struct ReshapeOf {
    bool allowzero = false;
    static constexpr const char* kName = "Reshape";
    static constexpr std::uint64_t kShapeInputs = bits(1);
    static constexpr auto rowsOf(Slot t) { return rows(row(in(t, i64), out(t))); }
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "allowzero", &ReshapeOf::allowzero, "whether 0 is an extent rather than a copy of the input's")};
    }
    void infer(Shapes x, Shapes y) const {
        if (x[1].rank() != 1) throw Error("shape must have rank 1, found " + std::to_string(x[1].rank()));
        if (!x[1].content) {
            y[0] = Shape::ofRank(static_cast<int>(std::clamp<std::int64_t>(x[1][0].value(), 0, abi::kMaxRank)));
            return;
        }
        Shape out = Shape::ofRank(0);
        int inferred = -1;
        for (int i = 0; i < static_cast<int>(x[1].content->size()); ++i) {
            Dim d = (*x[1].content)[static_cast<std::size_t>(i)];
            if (d.is(0) && !allowzero) d = x[0][i];
            else if (d.is(-1) && inferred >= 0) throw Error("shape has -1 twice");
            else if (d.is(-1)) inferred = i;
            else if (d.isConstant() && d.value() < 0) throw Error("shape has the entry " + std::to_string(d.value()));
            out.append(d);
        }
        if (inferred >= 0) out[inferred] = remaining(x[0], out, inferred);
        else checkElements(x[0], out);
        out.content = x[0].content;
        y[0] = out;
    }

private:
    static Dim remaining(const Shape& x, const Shape& out, int inferred) {
        Dim rest = 1, total = 1;
        std::vector<Dim> unmatched;  // dims of x that out does not repeat
        for (int i = 0; i < x.rank(); ++i)
            unmatched.push_back(x[i]);
        for (int i = 0; i < out.rank(); ++i) {
            if (i == inferred) continue;
            const auto same =
                std::find_if(unmatched.begin(), unmatched.end(), [&](const Dim& d) { return !d.is(0) && d.same(out[i]); });
            if (same != unmatched.end()) unmatched.erase(same);
            else rest = rest * out[i];
        }
        for (const Dim& d : unmatched)
            total = total * d;
        if (rest.is(0)) throw Error("shape leaves the entry -1 undetermined");
        if (rest.isConstant() && total.isConstant() && total.value() % rest.value() != 0)
            throw Error(std::to_string(total.value()) + " elements do not divide by " + std::to_string(rest.value()));
        return floorDiv(total, rest);
    }
    static void checkElements(const Shape& x, const Shape& out) {
        const Dim from = x.elements(), to = out.elements();
        if (from.isConstant() && to.isConstant() && from.value() != to.value())
            throw Error("cannot make " + std::to_string(to.value()) + " elements of " + std::to_string(from.value()));
    }
};

struct SqueezeOf {
    static constexpr const char* kName = "Squeeze";
    static constexpr std::uint64_t kShapeInputs = bits(1);
    static constexpr auto rowsOf(Slot t) { return rows(row(in(t, optional(i64)), out(t))); }
    void infer(Shapes x, Shapes y) const {
        const bool given = x.has(1);
        const std::uint32_t axes = given ? reference::axisSet(x[0], x[1].integers()) : 0;
        Shape out = Shape::ofRank(0);
        for (int i = 0; i < x[0].rank(); ++i) {
            const Dim& d = x[0][i];
            const bool drop = given ? ((axes >> i) & 1U) != 0 : d.value() == 1;
            if (!drop) out.append(d);
            else if (d.isConstant() && !d.is(1))
                throw Error("dimension " + std::to_string(i) + " is " + std::to_string(d.value()) + ", not 1");
        }
        out.content = x[0].content;
        y[0] = out;
    }
};

struct UnsqueezeOf {
    static constexpr const char* kName = "Unsqueeze";
    static constexpr std::uint64_t kShapeInputs = bits(1);
    static constexpr auto rowsOf(Slot t) { return rows(row(in(t, i64), out(t))); }
    void infer(Shapes x, Shapes y) const {
        const std::vector<std::int64_t> given = x[1].integers();
        const std::size_t rank = static_cast<std::size_t>(x[0].rank()) + given.size();
        if (rank > abi::kMaxRank) throw Error("the output would have rank " + std::to_string(rank));
        const std::uint32_t axes = reference::axisSet(Shape::ofRank(static_cast<int>(rank)), given);
        Shape out = Shape::ofRank(0);
        for (int i = 0, from = 0; i < static_cast<int>(rank); ++i)
            out.append(((axes >> i) & 1U) != 0 ? Dim(1) : x[0][from++]);
        out.content = x[0].content;
        y[0] = out;
    }
};

}  // namespace tenon::cuda

TENON_OPERATORS(view, tenon::cuda::View<tenon::cuda::DropoutOf>, tenon::cuda::View<tenon::cuda::FlattenOf>,
                tenon::cuda::View<tenon::cuda::IdentityOf>, tenon::cuda::View<tenon::cuda::ReshapeOf>,
                tenon::cuda::View<tenon::cuda::SqueezeOf>, tenon::cuda::View<tenon::cuda::UnsqueezeOf>)
