// Long short-term memory with weights of 8 bits: inputs and, at every step, hidden states are quantized with the scale and zero
// point that span their range (com.microsoft DynamicQuantizeLSTM). W has dims (directions, inputs, 4 units), R (directions,
// units, 4 units); gates are in the order i, o, f, c.
#include "../reference/recurrent.h"
#include "affine.h"
#include "contrib.h"

namespace tenon::microsoft {
using namespace sdk;
using reference::expectDims;

// A launch of LSTM whose X, W and R are the numbers that the codes stand for, W and R with rows for units.
class NumberLaunch {
public:
    explicit NumberLaunch(const Launch& l) : x_(numbersOf(l)), w_(numbersOf(l, 1, 8)), r_(numbersOf(l, 2, 10)) {
        for (int i = 0; i < std::min(l.inputCount(), 8); ++i) {
            descs_.push_back(l.inputDesc(i));
            inputs_.push_back(l.inputData(i));
        }
        for (const std::size_t i : {1U, 2U}) {
            descs_[i].type = DataType::f32;
            std::swap(descs_[i].dims.d[1], descs_[i].dims.d[2]);
        }
        inputs_[0] = x_.data();
        inputs_[1] = w_.data();
        inputs_[2] = r_.data();
        for (int i = 0; i < l.outputCount(); ++i) {
            descs_.push_back(l.outputDesc(i));
            outputs_.push_back(l.outputData(i));
        }
        args_ = {descs_.data(),  descs_.data() + inputs_.size(),
                 inputs_.data(), outputs_.data(),
                 l.workspace(),  l.workspaceSize(),
                 l.stream(),     static_cast<std::int32_t>(inputs_.size()),
                 l.outputCount()};
    }
    const abi::EnqueueArgs& args() const { return args_; }

    // x as codes of 8 bits keep it.
    static std::vector<float> rounded(std::span<const float> x) {
        const Affine codes = Affine::spanning(x);
        std::vector<float> y(x.size());
        std::ranges::transform(x, y.begin(), [&](float v) { return codes.number(codes.code<std::uint8_t>(v)); });
        return y;
    }

private:
    // X, with the range of the steps that the longest sequence has.
    static std::vector<float> numbersOf(const Launch& l) {
        const auto x = l.input<float>(0);
        std::int64_t steps = x.dim(0);
        if (l.hasInput(4)) {
            const auto lengths = l.input<std::int32_t>(4);
            steps =
                lengths.size() == 0 ? 0 : std::clamp<std::int64_t>(*std::max_element(lengths.begin(), lengths.end()), 0, steps);
        }
        std::vector<float> y = rounded({x.data, static_cast<std::size_t>(steps * x.dim(1) * x.dim(2))});
        y.resize(static_cast<std::size_t>(x.size()));
        return y;
    }
    // Codes (directions, depth, rows) as numbers (directions, rows, depth); scales and zero points are for each direction, or for
    // each of its rows.
    static std::vector<float> numbersOf(const Launch& l, int input, int scaleInput) {
        const abi::Dims& dims = l.inputDesc(input).dims;
        const std::int64_t depth = dims.d[1], rows = dims.d[2];
        const reference::ElementReader code(l, input), scale(l, scaleInput), zero(l, scaleInput + 1);
        const bool perRow = elementCount(l.inputDesc(scaleInput).dims) != dims.d[0];
        const bool zeroPerRow = elementCount(l.inputDesc(scaleInput + 1).dims) != dims.d[0];
        std::vector<float> y(static_cast<std::size_t>(elementCount(dims)));
        for (std::int64_t i = 0; i < std::ssize(y); ++i) {
            const std::int64_t k = i % depth, row = i / depth % rows, d = i / depth / rows;
            const Affine affine{static_cast<float>(scale[perRow ? d * rows + row : d]), zero[zeroPerRow ? d * rows + row : d]};
            y[static_cast<std::size_t>(i)] = affine.number(code[(d * depth + k) * rows + row]);
        }
        return y;
    }
    std::vector<float> x_, w_, r_;
    std::vector<abi::TensorDesc> descs_;
    std::vector<const void*> inputs_;
    std::vector<void*> outputs_;
    abi::EnqueueArgs args_{};
};

struct DynamicQuantizeLstm : reference::RecurrentAttributes {
    bool inputForget = false;
    static constexpr Identity identity = contrib("DynamicQuantizeLSTM");
    static constexpr Slot T = f32, O = optional(T), W = var('W', codes), R = var('R', codes);
    static constexpr auto formats = rows(row(in(T, W, R, O, optional(Slot(i32)), O, O, O, T, W, T, R), out(O, O, O)));
    static constexpr auto attributes() {
        return std::tuple_cat(recurrentAttributes(), std::tuple{attr(8, "input_forget", &DynamicQuantizeLstm::inputForget,
                                                                     "whether the forget gate is 1 - the input gate")});
    }
    void check(const abi::LayerInfo&) {
        if (batchFirst) throw Error("the operator has no layout 1");
        findFunctions({"Sigmoid", "Tanh", "Tanh"});
    }
    void infer(Shapes x, Shapes y) const {
        expectDims(x, 0, "X", {Dim::unknown(), Dim::unknown(), Dim::unknown()});
        expectDims(x, 2, "R", {directions(), Dim::unknown(), Dim::unknown()});
        const Dim units = x[2][1], steps = x[0][0], batch = x[0][1], count = directions();
        expectDims(x, 1, "W", {count, x[0][2], units * 4});
        expectDims(x, 2, "R", {count, units, units * 4});
        expectDims(x, 3, "B", {count, units * 8});
        expectDims(x, 4, "sequence_lens", {batch});
        expectDims(x, 5, "initial_h", {count, batch, units});
        expectDims(x, 6, "initial_c", {count, batch, units});
        expectDims(x, 7, "P", {count, units * 3});
        for (const int i : {8, 9, 10, 11})
            checkScale(x[i], count * units * 4);
        if (y.has(0)) y[0] = Shape{steps, count, batch, units};
        for (const int i : {1, 2})
            if (y.has(i)) y[i] = Shape{count, batch, units};
    }
    std::uint64_t workspace(const Layer& l) const { return stateBytes(l, 3); }
    void run(const Launch& l) const {
        const NumberLaunch numbers(l);
        const Launch lstm(numbers.args(), l.layer());
        const reference::RecurrentRun<float> r(lstm, *this, 4);
        const float* peepholes = l.hasInput(7) ? l.input<float>(7).data : nullptr;
        const std::int64_t batch = l.inputDesc(0).dims.d[1];
        r.run([&](int d) { r.loadState(6, d, kC); }, [&](int d, std::int64_t s) { step(r, d, s, batch, peepholes); },
              [&](int d) { r.storeState(2, d, kC); });
    }

private:
    // One element for each direction, or for each gate of each unit of it.
    void checkScale(const Shape& s, const Dim& all) const {
        const Dim found = s.elements();
        if (found.isConstant() && all.isConstant() && !found.is(directions()) && !found.same(all))
            throw Error("a scale or zero point has " + std::to_string(found.value()) + " elements, must have " +
                        std::to_string(directions()) + " or " + std::to_string(all.value()));
    }
    static constexpr int kInput = 0, kOutput = 1, kForget = 2, kCell = 3;
    static constexpr int kC = 2;  // the state that holds c

    void step(const reference::RecurrentRun<float>& r, int d, std::int64_t s, std::int64_t batch, const float* peepholes) const {
        const reference::Activation &f = function(d, 0), &g = function(d, 1), &h = function(d, 2);
        const std::vector<float> states(r.state(0), r.state(0) + batch * r.hidden()), seen = NumberLaunch::rounded(states);
        const std::vector<double> before(seen.begin(), seen.end());
        r.forUnits(d, s, [&](std::int64_t b, std::int64_t j, const float* x) {
            const double* last = before.data() + b * r.hidden();
            const auto sum = [&](int gate) { return r.fromInput(d, gate, j, x) + r.fromState(d, gate, j, last); };
            const auto peep = [&](int gate, double cell) {
                return peepholes == nullptr ? 0.0 : cell * static_cast<double>(peepholes[(d * 3 + gate) * r.hidden() + j]);
            };
            double& c = r.state(kC, b)[j];
            const double i = f(clipped(sum(kInput) + peep(kInput, c)));
            const double forget = inputForget ? 1 - i : f(clipped(sum(kForget) + peep(kForget, c)));
            c = forget * c + i * g(clipped(sum(kCell)));
            const double o = f(clipped(sum(kOutput) + peep(kOutput, c)));
            r.state(1, b)[j] = o * h(clipped(c));
        });
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(dynamic_quantize_lstm, tenon::microsoft::DynamicQuantizeLstm)
