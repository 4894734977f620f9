// y = the distinct elements of x, or slices along an axis; with them where each is first, which one each input is, and how often
// (ONNX Unique opset 11 and later).
#include "arithmetic.h"
#include "axis_split.h"
#include "found_dims.h"

#include <numeric>

namespace tenon::reference {
using namespace sdk;

struct Unique final : FoundDims<Unique> {
    std::optional<std::int64_t> axis;
    bool sorted = true;
    static constexpr TypeSet kTypes = numeric | boolean | c64 | c128 | str;
    static constexpr Identity identity{.name = "Unique", .since = 11};
    static constexpr Slot T = var('T', kTypes);
    static constexpr auto formats = rows(row(in(T), out(T, optional(i64), optional(i64), optional(i64))));
    static constexpr std::uint32_t flags = abi::kDataDependentShape;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &Unique::axis, "axis of the slices; default: elements of the flattened input"),
                          attr(2, "sorted", &Unique::sorted, "whether they are sorted, or in the order of appearance")};
    }
    void infer(Shapes x, Shapes y) const {
        for (int i = 1; i < y.count(); ++i)
            y[i] = Shape::ofRank(1);
        y[0] = axis ? x[0].dims() : Shape::ofRank(1);
        if (axis) y[0][x[0].axis(*axis)] = Dim::unknown();
        if (y.count() > 2) y[2] = Shape{axis ? x[0][x[0].axis(*axis)] : x[0].elements()};
    }
    abi::Dims bound(std::span<const abi::TensorDesc> inputs, int output) const {
        return axis && output == 0 ? inputs[0].dims : makeDims({splitOf(inputs[0]).extent});
    }
    void run(const Launch& l) const {
        const AxisSplit s = splitOf(l.inputDesc(0));
        std::vector<Group> groups;
        dispatch<kTypes>(l.inputType(0), [&]<class E>() {
            const Stored<E>* x = l.input<Stored<E>>(0).data;
            groups = grouped(s, [&](std::int64_t a, std::int64_t b) { return compare(x, s, a, b); });
            Stored<E>* y = l.output<Stored<E>>(0).data;
            for (std::int64_t o = 0; o < s.outer && s.inner > 0; ++o)
                for (const Group& g : groups)
                    y = std::copy_n(x + (o * s.extent + g.members.front()) * s.inner, s.inner, y);
        });
        const auto count = static_cast<std::int64_t>(groups.size());
        abi::Dims dims = axis ? l.inputDesc(0).dims : makeDims({count});
        if (axis) dims.d[*axis < 0 ? *axis + dims.rank : *axis] = count;
        found(0, dims);
        writeIndices(l, groups, s.extent);
    }

private:
    struct Group {
        std::vector<std::int64_t> members;  // equal slices, ascending
    };
    AxisSplit splitOf(const abi::TensorDesc& x) const {
        return axis ? splitAt(dimsOf(x), *axis) : AxisSplit{1, elementCount(x.dims), 1};
    }
    // Negative, 0 or positive. NaN comes after all numbers and equals itself; complex numbers go by real, then imaginary part.
    template <class E>
    static int order(const E& a, const E& b) {
        if constexpr (std::is_same_v<E, abi::StringRef>) {
            return text(a).compare(text(b));
        } else if constexpr (requires { a.real(); }) {
            const int real = order(a.real(), b.real());
            return real != 0 ? real : order(a.imag(), b.imag());
        } else {
            const Compute<E> p = a, q = b;
            if (p < q) return -1;
            if (p == q) return 0;
            return static_cast<int>(p != p) - static_cast<int>(q != q) + static_cast<int>(p > q);
        }
    }
    static std::string_view text(const abi::StringRef& s) {
        return s.size == 0 ? std::string_view() : std::string_view(s.data, s.size);
    }
    template <class E>
    static int compare(const E* x, const AxisSplit& s, std::int64_t a, std::int64_t b) {
        for (std::int64_t o = 0; o < s.outer; ++o)
            for (std::int64_t i = 0; i < s.inner; ++i) {
                const int c = order(x[(o * s.extent + a) * s.inner + i], x[(o * s.extent + b) * s.inner + i]);
                if (c != 0) return c;
            }
        return 0;
    }
    template <class F>
    std::vector<Group> grouped(const AxisSplit& s, F&& comparison) const {
        std::vector<std::int64_t> all(static_cast<std::size_t>(s.extent));
        std::iota(all.begin(), all.end(), 0);
        std::ranges::stable_sort(all, [&](std::int64_t a, std::int64_t b) { return comparison(a, b) < 0; });
        std::vector<Group> groups;
        for (const std::int64_t i : all) {
            if (groups.empty() || comparison(groups.back().members.front(), i) != 0) groups.emplace_back();
            groups.back().members.push_back(i);
        }
        if (!sorted) std::ranges::sort(groups, {}, [](const Group& g) { return g.members.front(); });
        return groups;
    }
    void writeIndices(const Launch& l, const std::vector<Group>& groups, std::int64_t extent) const {
        const auto wanted = [&](int i) { return l.layer().hasOutput(i) ? l.output<std::int64_t>(i).data : nullptr; };
        std::int64_t *first = wanted(1), *inverse = wanted(2), *counts = wanted(3);
        const auto count = static_cast<std::int64_t>(groups.size());
        for (std::int64_t g = 0; g < count; ++g) {
            const std::vector<std::int64_t>& members = groups[static_cast<std::size_t>(g)].members;
            if (first != nullptr) first[g] = members.front();
            if (counts != nullptr) counts[g] = static_cast<std::int64_t>(members.size());
            for (const std::int64_t m : members)
                if (inverse != nullptr) inverse[m] = g;
        }
        found(1, makeDims({count}));
        found(2, makeDims({extent}));
        found(3, makeDims({count}));
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(unique, tenon::reference::Unique)
