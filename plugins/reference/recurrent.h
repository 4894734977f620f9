// What the recurrent operators share: attributes, activations, shapes, and the walk over directions and time steps. States are
// kept in double.
#pragma once

#include "arithmetic.h"
#include "work.h"

namespace tenon::reference {

// One activation function with its parameters.
struct Activation {
    double (*function)(double v, double alpha, double beta);
    double alpha, beta;
    double operator()(double v) const { return function(v, alpha, beta); }
};

// ONNX's name of a function, in any case, and its default parameters; takes: how many of alpha and beta it reads.
struct ActivationRow {
    std::string_view name;
    double alpha, beta;
    int takes;
    double (*function)(double v, double alpha, double beta);
};
inline constexpr std::array kActivations{
    ActivationRow{"affine", 1, 0, 2, [](double v, double a, double b) { return a * v + b; }},
    ActivationRow{"elu", 1, 0, 1, [](double v, double a, double) { return v < 0 ? a * std::expm1(v) : v; }},
    ActivationRow{"hardsigmoid", 0.2, 0.5, 2, [](double v, double a, double b) { return std::clamp(a * v + b, 0.0, 1.0); }},
    ActivationRow{"leakyrelu", 0.01, 0, 1, [](double v, double a, double) { return v < 0 ? a * v : v; }},
    ActivationRow{"relu", 0, 0, 0, [](double v, double, double) { return v < 0 ? 0.0 : v; }},
    ActivationRow{"scaledtanh", 1, 1, 2, [](double v, double a, double b) { return a * std::tanh(b * v); }},
    ActivationRow{"sigmoid", 0, 0, 0, [](double v, double, double) { return 1 / (1 + std::exp(-v)); }},
    ActivationRow{"softplus", 0, 0, 0,
                  [](double v, double, double) { return std::max(v, 0.0) + std::log1p(std::exp(-std::fabs(v))); }},
    ActivationRow{"softsign", 0, 0, 0, [](double v, double, double) { return v / (1 + std::fabs(v)); }},
    ActivationRow{"tanh", 0, 0, 0, [](double v, double, double) { return std::tanh(v); }},
    ActivationRow{"thresholdedrelu", 1, 0, 1, [](double v, double a, double) { return v > a ? v : 0.0; }},
};

struct RecurrentAttributes {
    std::vector<float> activationAlpha, activationBeta;
    std::vector<std::string> activations;
    std::optional<float> clip;
    std::string direction = "forward";
    std::optional<std::int64_t> hiddenSize;
    bool batchFirst = false;

    // Ids 1 to 7; operators go on with 8.
    static constexpr auto recurrentAttributes() {
        using sdk::attr;
        using R = RecurrentAttributes;
        return std::tuple{
            attr(1, "activation_alpha", &R::activationAlpha, "first parameters, of the functions that have one, in order"),
            attr(2, "activation_beta", &R::activationBeta, "second parameters, of the functions that have two, in order"),
            attr(3, "activations", &R::activations, "functions of the gates, direction by direction"),
            attr(4, "clip", &R::clip, "inputs of activations are kept within [-clip, clip]; default: no bounds"),
            attr(5, "direction", &R::direction, "order of the time steps").oneOf("forward|reverse|bidirectional"),
            attr(6, "hidden_size", &R::hiddenSize, "units; the recurrence weights say so too"),
            attr(7, "layout", &R::batchFirst, "1: the batch is the first dimension of sequences and states")};
    }

    int directions() const { return direction == "bidirectional" ? 2 : 1; }
    bool isReverse(int d) const { return direction == "reverse" || d == 1; }
    const Activation& function(int d, int i) const {
        return functions_[static_cast<std::size_t>(d) * functions_.size() / static_cast<std::size_t>(directions()) +
                          static_cast<std::size_t>(i)];
    }
    double clipped(double v) const { return clip ? std::clamp<double>(v, -*clip, *clip) : v; }

    // Y of `gates` gates per unit, then `states` last states; all of them optional.
    void inferRecurrent(sdk::Shapes x, sdk::Shapes y, int gates, int states) const;
    // The products with both matrices at every time step.
    sdk::Cost cost(const sdk::Layer& l) const {
        const abi::Dims& x = l.inputRange(0).opt;
        const double steps = static_cast<double>(x.d[0]) * static_cast<double>(x.d[1]);
        return workOf(l, 2 * steps * (elements(l.inputRange(1)) + elements(l.inputRange(2))));
    }
    // States in double that a run keeps.
    std::uint64_t stateBytes(const sdk::Layer& l, int states) const {
        const abi::Dims &x = l.inputRange(0).max, &r = l.inputRange(2).max;
        return static_cast<std::uint64_t>(states) * static_cast<std::uint64_t>(x.d[batchFirst ? 0 : 1] * r.d[2]) * sizeof(double);
    }

protected:
    // Finds the functions; `defaults` are those of one direction.
    void findFunctions(const std::vector<std::string>& defaults);

private:
    std::vector<Activation> functions_;  // of all directions
};

inline void RecurrentAttributes::findFunctions(const std::vector<std::string>& defaults) {
    if (clip && !(*clip >= 0)) throw sdk::Error("attribute 'clip' must not be negative");
    std::vector<std::string> names = activations.empty() ? defaults : activations;
    if (activations.empty() && directions() == 2) names.insert(names.end(), defaults.begin(), defaults.end());
    if (names.size() != defaults.size() * static_cast<std::size_t>(directions()))
        throw sdk::Error("attribute 'activations' must name " + std::to_string(defaults.size()) +
                         " functions for each direction, found " + std::to_string(names.size()));
    std::size_t alphas = 0, betas = 0;
    functions_.clear();
    for (const std::string& given : names) {
        std::string name = given;
        for (char& c : name)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        const auto found = std::ranges::find(kActivations, name, &ActivationRow::name);
        if (found == kActivations.end()) throw sdk::Error("there is no activation '" + given + "'");
        Activation f{found->function, found->alpha, found->beta};
        if (found->takes > 0 && alphas < activationAlpha.size()) f.alpha = activationAlpha[alphas++];
        if (found->takes > 1 && betas < activationBeta.size()) f.beta = activationBeta[betas++];
        functions_.push_back(f);
    }
}

// Checks the dims of one input, as far as they are known.
inline void expectDims(sdk::Shapes x, int input, const char* name, std::initializer_list<sdk::Dim> wanted) {
    if (!x.has(input)) return;
    const sdk::Shape& s = x[input];
    if (s.rank() != static_cast<int>(wanted.size()))
        throw sdk::Error(std::string(name) + " must have rank " + std::to_string(wanted.size()) + ", found " +
                         std::to_string(s.rank()));
    int i = 0;
    for (const sdk::Dim& d : wanted) {
        if (d.isConstant() && s[i].isConstant() && !d.same(s[i]))
            throw sdk::Error(std::string(name) + ": dimension " + std::to_string(i) + " is " + std::to_string(s[i].value()) +
                             ", must be " + std::to_string(d.value()));
        ++i;
    }
}

inline void RecurrentAttributes::inferRecurrent(sdk::Shapes x, sdk::Shapes y, int gates, int states) const {
    using sdk::Dim, sdk::Shape;
    expectDims(x, 0, "X", {Dim::unknown(), Dim::unknown(), Dim::unknown()});
    expectDims(x, 2, "R", {directions(), Dim::unknown(), Dim::unknown()});
    const Dim units = x[2][2], steps = x[0][batchFirst ? 1 : 0], batch = x[0][batchFirst ? 0 : 1], count = directions();
    if (hiddenSize && units.isConstant() && !units.is(*hiddenSize))
        throw sdk::Error("hidden_size is " + std::to_string(*hiddenSize) + ", R is for " + std::to_string(units.value()) +
                         " units");
    expectDims(x, 1, "W", {count, units * gates, x[0][2]});
    expectDims(x, 2, "R", {count, units * gates, units});
    expectDims(x, 3, "B", {count, units * (2 * gates)});
    expectDims(x, 4, "sequence_lens", {batch});
    const Shape state = batchFirst ? Shape{batch, count, units} : Shape{count, batch, units};
    for (int i = 5; i < 5 + states; ++i)
        expectDims(x, i, i == 5 ? "initial_h" : "initial_c", {state[0], state[1], state[2]});
    if (y.has(0)) y[0] = batchFirst ? Shape{batch, steps, count, units} : Shape{steps, count, batch, units};
    for (int i = 1; i <= states; ++i)
        if (y.has(i)) y[i] = state;
}

// Sum of products in double; four sums side by side, as the compiler may not reorder one.
template <class A, class B>
double dotProduct(const A* a, const B* b, std::int64_t n) {
    std::array<double, 4> sum{};
    std::int64_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (std::size_t j = 0; j < 4; ++j) {
            const auto at = i + static_cast<std::int64_t>(j);
            sum[j] += static_cast<double>(sdk::Compute<A>(a[at])) * static_cast<double>(sdk::Compute<B>(b[at]));
        }
    for (; i < n; ++i)
        sum[0] += static_cast<double>(sdk::Compute<A>(a[i])) * static_cast<double>(sdk::Compute<B>(b[i]));
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

// One run over tensors of E. The first two states in the workspace are h before and after a step; cells use the others.
template <class E>
class RecurrentRun {
public:
    RecurrentRun(const sdk::Launch& l, const RecurrentAttributes& a, int gates) : l_(&l), a_(&a), gates_(gates) {
        const abi::Dims& x = l.inputDesc(0).dims;
        steps_ = x.d[a.batchFirst ? 1 : 0];
        batch_ = x.d[a.batchFirst ? 0 : 1];
        input_ = x.d[2];
        hidden_ = l.inputDesc(2).dims.d[2];
        for (std::int64_t b = 0; b < batch_; ++b)
            if (length(b) < 0 || length(b) > steps_)
                throw sdk::Error("sequence_lens has " + std::to_string(length(b)) + ", there are " + std::to_string(steps_) +
                                 " steps");
    }
    std::int64_t hidden() const { return hidden_; }
    // Element 0 of state i of batch element b.
    double* state(int i, std::int64_t b = 0) const { return static_cast<double*>(l_->workspace()) + (i * batch_ + b) * hidden_; }

    // What one row of W (R) adds to a gate: gate g of unit j. The bias is part of it.
    double fromInput(int d, std::int64_t g, std::int64_t j, const E* x) const {
        const std::int64_t row = (d * gates_ + g) * hidden_ + j;
        return dotProduct(l_->input<E>(1).data + row * input_, x, input_) + bias(d, g, j);
    }
    double fromState(int d, std::int64_t g, std::int64_t j, const double* h) const {
        const std::int64_t row = (d * gates_ + g) * hidden_ + j;
        return dotProduct(l_->input<E>(2).data + row * hidden_, h, hidden_) + bias(d, gates_ + g, j);
    }

    // Calls body(b, j, x at this step) for every unit j of the batch elements whose sequence has step s, on the host's threads.
    template <class F>
    void forUnits(int d, std::int64_t s, F&& body) const {
        const std::int64_t work = gates_ * (input_ + hidden_) + 64;
        sdk::parallelFor(batch_ * hidden_, std::max<std::int64_t>(1, 32768 / work), [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                const std::int64_t b = i / hidden_;
                if (s < length(b)) body(b, i % hidden_, l_->input<E>(0).data + sequence(d, s, b) * input_);
            }
        });
    }

    // Runs all directions: start(d), then cell(d, step) which makes state 1 of state 0, and finish(d).
    template <class Start, class Cell, class Finish>
    void run(Start&& start, Cell&& cell, Finish&& finish) const {
        for (int d = 0; d < a_->directions(); ++d) {
            loadState(5, d, 0);
            start(d);
            for (std::int64_t s = 0; s < steps_; ++s) {
                cell(d, s);
                for (std::int64_t b = 0; b < batch_; ++b)
                    endStep(d, s, b);
            }
            storeState(1, d, 0);
            finish(d);
        }
    }
    // Between a state in memory, [directions, batch, units] or batch first, and state i; an absent input is zero.
    void loadState(int input, int d, int i) const {
        const E* from = l_->hasInput(input) ? l_->input<E>(input).data : nullptr;
        for (std::int64_t b = 0; b < batch_; ++b)
            for (std::int64_t j = 0; j < hidden_; ++j)
                state(i, b)[j] = from == nullptr ? 0.0 : static_cast<double>(sdk::Compute<E>(from[stateOffset(d, b) + j]));
    }
    void storeState(int output, int d, int i) const {
        if (!l_->hasOutput(output)) return;
        E* to = l_->output<E>(output).data;
        for (std::int64_t b = 0; b < batch_; ++b)
            for (std::int64_t j = 0; j < hidden_; ++j)
                to[stateOffset(d, b) + j] = elementFrom<E>(state(i, b)[j]);
    }

private:
    std::int64_t length(std::int64_t b) const { return l_->hasInput(4) ? l_->input<std::int32_t>(4)[b] : steps_; }
    double bias(int d, std::int64_t g, std::int64_t j) const {
        if (!l_->hasInput(3)) return 0;
        return sdk::Compute<E>(l_->input<E>(3)[(d * 2 * gates_ + g) * hidden_ + j]);
    }
    std::int64_t stateOffset(int d, std::int64_t b) const {
        return (a_->batchFirst ? b * a_->directions() + d : d * batch_ + b) * hidden_;
    }
    // Time and batch element of step s, as an index into X; padding follows the sequence in either direction.
    std::int64_t time(int d, std::int64_t s, std::int64_t b) const {
        return a_->isReverse(d) && s < length(b) ? length(b) - 1 - s : s;
    }
    std::int64_t sequence(int d, std::int64_t s, std::int64_t b) const {
        return a_->batchFirst ? b * steps_ + time(d, s, b) : time(d, s, b) * batch_ + b;
    }
    // h moves on while the sequence lasts; Y is zero after its end.
    void endStep(int d, std::int64_t s, std::int64_t b) const {
        const bool lasts = s < length(b);
        if (lasts) std::copy_n(state(1, b), hidden_, state(0, b));
        if (!l_->hasOutput(0)) return;
        const std::int64_t t = time(d, s, b), count = a_->directions();
        const std::int64_t at = a_->batchFirst ? (b * steps_ + t) * count + d : (t * count + d) * batch_ + b;
        E* y = l_->output<E>(0).data + at * hidden_;
        for (std::int64_t j = 0; j < hidden_; ++j)
            y[j] = lasts ? elementFrom<E>(state(0, b)[j]) : E(0);
    }

    const sdk::Launch* l_;
    const RecurrentAttributes* a_;
    std::int64_t gates_, steps_ = 0, batch_ = 0, input_ = 0, hidden_ = 0;
};

}  // namespace tenon::reference
