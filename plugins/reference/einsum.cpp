// y = sums of products of the inputs' elements whose indices agree with an equation such as "bij,bjk->bik" (ONNX Einsum opset 12
// and later).
#include "einsum_equation.h"
#include "product.h"
#include "work.h"

namespace tenon::reference {
using namespace sdk;

struct Einsum {
    std::string equation;
    static constexpr Identity identity{.name = "Einsum", .since = 12};
    static constexpr Slot T = var('T', numeric);
    static constexpr auto formats = rows(row(in(variadic(T)), out(T)));
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "equation", &Einsum::equation, "labels of the inputs' dims -> labels of the output's").required()};
    }
    void check(const abi::LayerInfo& layer) {
        if (layer.inputCount > kMaxOperands) throw Error("takes " + std::to_string(kMaxOperands) + " inputs at most");
        static_cast<void>(EinsumEquation(equation, std::vector<int>(static_cast<std::size_t>(layer.inputCount), -1)));
    }
    void infer(Shapes x, Shapes y) const {
        std::vector<int> ranks;
        for (int i = 0; i < x.count(); ++i)
            ranks.push_back(x[i].rank());
        const EinsumEquation e(equation, ranks);
        std::array<Dim, kEinsumLabels> extent;
        extent.fill(1);
        for (int i = 0; i < x.count(); ++i)
            for (int d = 0; d < x[i].rank(); ++d) {
                Dim& known = extent[static_cast<std::size_t>(e.input(i, d))];
                known = broadcast(known, x[i][d]);
            }
        Shape out = Shape::ofRank(0);
        for (const int label : e.output())
            out.append(extent[static_cast<std::size_t>(label)]);
        y[0] = out;
    }
    void configure(const Layer& l) {
        loops_ = {};
        if (!l.isConcrete()) return;
        std::vector<int> ranks;
        for (int i = 0; i < l.inputCount(); ++i)
            ranks.push_back(l.input(i).dims.rank);
        const EinsumEquation e(equation, ranks);
        for (int i = 0; i < l.inputCount(); ++i)
            addOperand(e, i, l.input(i).dims);
        for (const int label : e.output())
            loops_.kept.push_back(loops_.all[static_cast<std::size_t>(label)]);
        for (int label = 0; label < kEinsumLabels; ++label)
            if (std::ranges::find(e.output(), label) == e.output().end() &&
                loops_.all[static_cast<std::size_t>(label)].extent != 1)
                loops_.summed.push_back(loops_.all[static_cast<std::size_t>(label)]);
        // The longest steps outside, so that the innermost loop walks neighbours.
        std::ranges::stable_sort(loops_.summed, std::greater<>{}, &Loop::longestStep);
    }
    Cost cost(const Layer& l) const {
        double products = elements(l.outputRange(0));
        for (const Loop& loop : loops_.summed)
            products *= static_cast<double>(loop.extent);
        return workOf(l, products * (l.inputCount() + 1));
    }
    void run(const Launch& l) const {
        dispatch<numeric>(l.outputType(0), [&]<class E>() {
            std::array<const E*, std::size_t{kMaxOperands}> x{};
            for (int i = 0; i < l.inputCount(); ++i)
                x[static_cast<std::size_t>(i)] = l.input<E>(i).data;
            const auto count = static_cast<std::size_t>(l.inputCount());
            const View<E> y = l.output<E>(0);
            parallelFor(y.size(), 256, [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t i = begin; i < end; ++i)
                    y[i] = elementOf<E>(sumOf(x, count, i));
            });
        });
    }

private:
    static constexpr int kMaxOperands = 16;
    using Steps = std::array<std::int64_t, std::size_t{kMaxOperands}>;

    // One label: how often it repeats, and the step that it makes in each operand.
    struct Loop {
        std::int64_t extent = 1;
        Steps step{};
        std::int64_t longestStep() const { return *std::ranges::max_element(step); }
    };
    struct Loops {
        std::array<Loop, kEinsumLabels> all{};
        std::vector<Loop> kept, summed;  // both outermost first
    };

    // Extents of 1 broadcast; a label that an operand has twice walks its diagonal.
    void addOperand(const EinsumEquation& e, int operand, const abi::Dims& dims) {
        std::int64_t step = 1;
        for (int d = dims.rank; d-- > 0; step *= dims.d[d]) {
            Loop& loop = loops_.all[static_cast<std::size_t>(e.input(operand, d))];
            if (dims.d[d] == 1) continue;
            loop.extent = dims.d[d];
            loop.step[static_cast<std::size_t>(operand)] += step;
        }
    }
    // Where the operands stand for index `i` of these loops, the last `skipped` of them apart.
    static void advance(const std::vector<Loop>& loops, std::size_t skipped, std::int64_t i, std::size_t operands, Steps& at) {
        for (std::size_t d = loops.size() - skipped; d-- > 0; i /= loops[d].extent)
            for (std::size_t k = 0; k < operands; ++k)
                at[k] += i % loops[d].extent * loops[d].step[k];
    }
    template <class E>
    Sum<E> sumOf(const std::array<const E*, std::size_t{kMaxOperands}>& x, std::size_t count, std::int64_t output) const {
        Steps base{};
        advance(loops_.kept, 0, output, count, base);
        std::int64_t runs = 1;
        const std::size_t inner = loops_.summed.empty() ? 0 : 1;
        for (std::size_t d = 0; d + inner < loops_.summed.size(); ++d)
            if (__builtin_mul_overflow(runs, loops_.summed[d].extent, &runs)) throw Error("a sum has more than 2^63 terms");
        const Loop none, &last = inner == 0 ? none : loops_.summed.back();
        Sum<E> sum(0);
        for (std::int64_t r = 0; r < runs && last.extent > 0; ++r) {
            Steps at = base;
            advance(loops_.summed, inner, r, count, at);
            for (std::int64_t i = 0; i < last.extent; ++i) {
                Sum<E> product(1);
                for (std::size_t k = 0; k < count; ++k)
                    product *= static_cast<Sum<E>>(Compute<E>(x[k][at[k] + i * last.step[k]]));
                sum += product;
            }
        }
        return sum;
    }

    Loops loops_;
};

}  // namespace tenon::reference

TENON_OPERATORS(einsum, tenon::reference::Einsum)
