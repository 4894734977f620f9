// Walking several tensors in the order of a broadcast output.
#pragma once

#include <tenon/sdk/sdk.h>

namespace tenon::reference {

// Element strides of a dense tensor seen with the dims of a broadcast output: 0 where it repeats.
inline std::array<std::int64_t, abi::kMaxRank> broadcastStrides(std::span<const std::int64_t> dims,
                                                                std::span<const std::int64_t> output) {
    std::array<std::int64_t, abi::kMaxRank> strides{};
    std::int64_t step = 1;
    for (std::size_t back = 1; back <= dims.size(); ++back) {
        const std::int64_t d = dims[dims.size() - back];
        strides[output.size() - back] = d == 1 ? 0 : step;
        step *= d;
    }
    return strides;
}

// The loops over a broadcast output of N inputs: dims of extent 1 are dropped, neighbours that every input walks alike are
// merged. The innermost step of each input is 0 or 1.
template <std::size_t N>
class BroadcastLoops {
public:
    BroadcastLoops(std::span<const std::int64_t> output, const std::array<std::span<const std::int64_t>, N>& inputs) {
        std::array<std::array<std::int64_t, abi::kMaxRank>, N> dense{};
        for (std::size_t k = 0; k < N; ++k)
            dense[k] = broadcastStrides(inputs[k], output);
        for (std::size_t d = output.size(); d-- > 0;) {
            if (output[d] == 1) continue;
            std::array<std::int64_t, N> step{};
            for (std::size_t k = 0; k < N; ++k)
                step[k] = dense[k][d];
            if (count_ > 0 && continues(step)) extent_[count_ - 1] *= output[d];
            else {
                extent_[count_] = output[d];
                step_[count_++] = step;
            }
        }
        if (count_ == 0) extent_[count_++] = 1;
        for (std::size_t d = 1; d < count_; ++d)
            rows_ *= extent_[d];
    }
    std::int64_t inner() const { return extent_[0]; }  // elements of one row
    std::int64_t rows() const { return rows_; }
    std::int64_t step(std::size_t input) const { return step_[0][input]; }
    // Where each input starts in this row.
    std::array<std::int64_t, N> offsets(std::int64_t row) const {
        std::array<std::int64_t, N> at{};
        for (std::size_t d = 1; d < count_; ++d) {
            const std::int64_t c = row % extent_[d];
            row /= extent_[d];
            for (std::size_t k = 0; k < N; ++k)
                at[k] += c * step_[d][k];
        }
        return at;
    }
    // Calls body(offset in the output, offsets in the inputs) for every row, on the host's threads.
    template <class F>
    void forRows(F&& body) const {
        constexpr std::int64_t kGrain = 16384;
        if (inner() == 0 || rows_ == 0) return;
        sdk::parallelFor(rows_, std::max<std::int64_t>(1, kGrain / inner()), [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t row = begin; row < end; ++row)
                body(row * inner(), offsets(row));
        });
    }

private:
    bool continues(const std::array<std::int64_t, N>& step) const {
        for (std::size_t k = 0; k < N; ++k)
            if (step[k] != step_[count_ - 1][k] * extent_[count_ - 1]) return false;
        return true;
    }

    std::array<std::int64_t, abi::kMaxRank> extent_{};  // innermost first
    std::array<std::array<std::int64_t, N>, abi::kMaxRank> step_{};
    std::size_t count_ = 0;
    std::int64_t rows_ = 1;
};

// y[i] = f(a[i'], b[i']) with numpy's broadcasting. An input with the dims of y may share its memory.
template <class A, class B, class Y, class F>
void broadcastApply(sdk::View<const A> a, sdk::View<const B> b, sdk::View<Y> y, F&& f) {
    if (a.size() == y.size() && b.size() == y.size()) {  // no input repeats
        sdk::parallelFor(y.size(), 16384, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                y[i] = f(a[i], b[i]);
        });
        return;
    }
    const BroadcastLoops<2> loops(y.dims, {a.dims, b.dims});
    const std::int64_t n = loops.inner(), sa = loops.step(0), sb = loops.step(1);
    loops.forRows([&](std::int64_t at, const std::array<std::int64_t, 2>& from) {
        Y* to = y.data + at;
        const A* p = a.data + from[0];
        const B* q = b.data + from[1];
        if (sa != 0 && sb != 0)
            for (std::int64_t i = 0; i < n; ++i)
                to[i] = f(p[i], q[i]);
        else if (sa != 0)
            for (std::int64_t i = 0; i < n; ++i)
                to[i] = f(p[i], *q);
        else
            for (std::int64_t i = 0; i < n; ++i)
                to[i] = f(*p, q[i * sb]);
    });
}

// The content of y = f(x...) for integers of rank 0 or 1, as far as it is known; y has its dims.
template <class F, class... X>
void broadcastContent(sdk::Shape& y, F&& f, const X&... x) {
    constexpr std::int64_t kLongest = 1024;  // longer tensors are data, not shapes
    if (!(x.content && ...) || y.rank() > 1 || !y.elements().isConstant() || y.elements().value() > kLongest) return;
    const auto n = static_cast<std::size_t>(y.elements().value());
    if (!((x.content->size() == n || x.content->size() == 1) && ...)) return;
    y.content.emplace();
    for (std::size_t i = 0; i < n; ++i)
        y.content->push_back(f((*x.content)[x.content->size() == 1 ? 0 : i]...));
}

// Unidirectional broadcasting: an error when `what` does not broadcast to the dims of `to`.
inline void checkBroadcastsTo(const sdk::Shape& to, const sdk::Shape& from, const char* what) {
    if (from.rank() > to.rank())
        throw sdk::Error(std::string(what) + " has rank " + std::to_string(from.rank()) + ", more than the input's " +
                         std::to_string(to.rank()));
    for (int back = 1; back <= from.rank(); ++back) {
        const sdk::Dim &d = from[from.rank() - back], &wanted = to[to.rank() - back];
        if (d.isConstant() && !d.is(1) && wanted.isConstant() && !wanted.same(d))
            throw sdk::Error(std::string(what) + ": dimension " + std::to_string(d.value()) + " does not broadcast to " +
                             std::to_string(wanted.value()));
    }
}

// y = (a, b) broadcast to dims and content f(a, b).
template <class F>
void inferBroadcast(sdk::Shapes x, sdk::Shapes y, F&& f) {
    y[0] = broadcast(x[0], x[1]);
    broadcastContent(y[0], f, x[0], x[1]);
}

}  // namespace tenon::reference
