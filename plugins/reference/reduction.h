// Reductions over a set of axes: what the operators of the family Reduce* share (ONNX opset 18 form: axes are an input).
#pragma once

#include "arithmetic.h"

namespace tenon::reference {

// The loops over kept and reduced dims; dims of extent 1 are dropped, neighbours of one kind are merged.
class ReductionLoops {
public:
    ReductionLoops(std::span<const std::int64_t> dims, std::uint64_t axes) {
        std::int64_t step = 1;
        int previous = -1;
        for (std::size_t d = dims.size(); d-- > 0; step *= dims[d]) {
            const int kind = static_cast<int>((axes >> d) & 1U);
            (kind == 1 ? count_ : outputs_) *= dims[d];
            if (dims[d] == 1) continue;
            Side& side = kind == 1 ? reduced_ : kept_;
            if (kind == previous) side.extent[side.count - 1] *= dims[d];
            else {
                side.extent[side.count] = dims[d];
                side.step[side.count++] = step;
            }
            previous = kind;
        }
    }
    std::int64_t outputs() const { return outputs_; }
    std::int64_t count() const { return count_; }  // elements that make one output
    // Calls body(output, visit) for every output, on the host's threads; visit(f) calls f(offset) for each element of it.
    template <class F>
    void forOutputs(F&& body) const {
        constexpr std::int64_t kGrain = 16384;
        const std::int64_t inner = reduced_.count == 0 ? 1 : reduced_.extent[0], step = reduced_.step[0];
        const std::int64_t runs = inner == 0 ? 0 : count_ / inner;
        sdk::parallelFor(outputs_, std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(count_, 1)),
                         [&](auto begin, auto end) {
                             for (std::int64_t o = begin; o < end; ++o) {
                                 const std::int64_t base = kept_.offset(o, 0);
                                 body(o, [&](auto&& f) {
                                     for (std::int64_t r = 0; r < runs; ++r) {
                                         const std::int64_t at = base + reduced_.offset(r, 1);
                                         for (std::int64_t i = 0; i < inner; ++i)
                                             f(at + i * step);
                                     }
                                 });
                             }
                         });
    }

private:
    struct Side {  // innermost first
        std::array<std::int64_t, abi::kMaxRank> extent{}, step{};
        std::size_t count = 0;
        std::int64_t offset(std::int64_t index, std::size_t first) const {
            std::int64_t at = 0;
            for (std::size_t d = first; d < count; ++d) {
                at += index % extent[d] * step[d];
                index /= extent[d];
            }
            return at;
        }
    };
    Side kept_, reduced_;
    std::int64_t outputs_ = 1, count_ = 1;
};

// F states the name and the types, and for elements of type E:
//   Accumulator<E>      starts as its default value
//   add(accumulator, v) takes one element, in the type it is computed in
//   finish<E>(accumulator, count)  the output element
// and, where shapes are computed with it, symbolic(a, b) of two dimensions.
template <class F>
struct Reduce {
    bool keepdims = true, noopWithEmptyAxes = false;
    static constexpr sdk::Identity identity{.name = F::kName, .since = 1};
    static constexpr sdk::Slot T = sdk::var('T', F::kTypes);
    static constexpr auto formats = sdk::rows(sdk::row(sdk::in(T, sdk::optional(sdk::i64)), sdk::out(T)));
    static constexpr std::uint64_t shapeInputs = sdk::bits(1);
    static constexpr auto attributes() {
        return std::tuple{
            sdk::attr(1, "keepdims", &Reduce::keepdims, "whether reduced dims stay, with extent 1"),
            sdk::attr(2, "noop_with_empty_axes", &Reduce::noopWithEmptyAxes, "whether no axes means none, not all")};
    }
    void infer(sdk::Shapes x, sdk::Shapes y) const {
        if (keepdims) y[0] = sdk::Shape::ofRank(x[0].rank());
        const std::vector<std::int64_t> axes = x.has(1) ? x[1].integers() : std::vector<std::int64_t>{};
        const std::uint64_t reduced = axisSet(axes, x[0].rank());
        sdk::Shape out = sdk::Shape::ofRank(0);
        for (int i = 0; i < x[0].rank(); ++i) {
            if (((reduced >> i) & 1U) == 0) out.append(x[0][i]);
            else if (keepdims) out.append(1);
        }
        if constexpr (requires(sdk::Dim d) { F::symbolic(d, d); })
            if (x[0].content && !x[0].content->empty() && x[0].rank() == 1 && reduced == 1)
                out.content = {total(x[0].type, *x[0].content)};
        y[0] = out;
    }
    void run(const sdk::Launch& l) const {
        const std::uint64_t axes = axisSet(l.hasInput(1) ? l.integers(1) : std::vector<std::int64_t>{}, l.inputDesc(0).dims.rank);
        const ReductionLoops loops(sdk::dimsOf(l.inputDesc(0)), axes);
        sdk::dispatch<F::kTypes>(l.inputType(0), [&]<class E>() {
            const Stored<E>* x = l.input<Stored<E>>(0).data;
            E* y = l.output<E>(0).data;
            loops.forOutputs([&](std::int64_t o, auto&& visit) {
                typename F::template Accumulator<E> sum;
                visit([&](std::int64_t i) { F::add(sum, static_cast<sdk::Compute<E>>(x[i])); });
                y[o] = F::template finish<E>(sum, loops.count());
            });
        });
    }

private:
    std::uint64_t axisSet(const std::vector<std::int64_t>& axes, int rank) const {
        if (axes.empty()) return noopWithEmptyAxes ? 0 : (std::uint64_t{1} << rank) - 1;
        const sdk::Shape ranked = sdk::Shape::ofRank(rank);
        std::uint64_t set = 0;
        for (const std::int64_t a : axes)
            set |= std::uint64_t{1} << ranked.axis(a);
        return set;
    }
    // The reduction of integer content: by the kernel's arithmetic where all of it is constant.
    static sdk::Dim total(sdk::DataType type, const std::vector<sdk::Dim>& content) {
        sdk::Dim d = content[0];
        if (!std::ranges::all_of(content, &sdk::Dim::isConstant)) {
            for (std::size_t i = 1; i < content.size(); ++i)
                d = F::symbolic(d, content[i]);
            return d;
        }
        sdk::dispatch<integers>(type, [&]<class E>() {
            typename F::template Accumulator<E> sum;
            for (const sdk::Dim& c : content)
                F::add(sum, static_cast<E>(c.value()));
            d = static_cast<std::int64_t>(F::template finish<E>(sum, static_cast<std::int64_t>(content.size())));
        });
        return d;
    }
    static constexpr sdk::TypeSet integers{F::kTypes.bits & (sdk::ints | sdk::boolean).bits};
};

inline constexpr sdk::TypeSet reducible = sdk::floats | sdk::i32 | sdk::i64 | sdk::u32 | sdk::u64;

// A number that starts at 0: double for the floats; for integers 64 bits that wrap, of the sign of E.
template <class E>
struct Zero {
    std::conditional_t<sdk::isFloating<E>, double, std::uint64_t> value = 0;
};

// The value as E: floats round, integers keep their low bits.
template <class E, class V>
E wrapped(V value) {
    if constexpr (std::is_floating_point_v<V>) return elementFrom<E>(value);
    else return static_cast<E>(value);
}

}  // namespace tenon::reference
