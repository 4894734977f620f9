// One step of a GRU from its gates, which are given before activation: with u = sigmoid(gates[1]),
// y = u * h + (1 - u) * tanh(gates[2]) for the sequences that are longer than t; the others keep h, or get 0 (experimental ONNX
// GRUUnit: opset 1, removed in opset 10; Caffe2's operator of this name).
#include <tenon/sdk/sdk.h>

#include <cmath>

namespace tenon::legacy {
using namespace sdk;

struct GruUnit {
    bool dropStates = false;
    static constexpr Identity identity{.name = "GRUUnit", .implementation = "reference"};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(in(T, T, Slot(i32 | i64), Slot(i32 | i64)), out(T)));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "drop_states", &GruUnit::dropStates, "whether states behind a sequence's end become 0")};
    }
    void infer(Shapes x, Shapes y) const {
        const int rank = x[0].rank();
        if (rank < 2 || x[1].rank() < 2) throw Error("hidden state and gates must be [..., N, D] and [..., N, 3 * D]");
        const Dim units = x[0][rank - 1], gates = x[1][x[1].rank() - 1];
        if (units.isConstant() && gates.isConstant() && gates.value() != 3 * units.value())
            throw Error("the gates must have 3 numbers for each unit");
        const Dim rows = x[0].product(0, rank - 1), lengths = x[2].elements();
        if (rows.isConstant() && lengths.isConstant() && !rows.same(lengths)) throw Error("each row needs a sequence length");
        y[0] = x[0].dims();
    }
    void run(const Launch& l) const {
        const auto lengths = l.integers(2), now = l.integers(3);
        dispatch<floats>(l.outputType(0), [&]<class E>() { step(l.input<E>(0), l.input<E>(1), lengths, now, l.output<E>(0)); });
    }

private:
    template <class E>
    void step(View<const E> h, View<const E> gates, const std::vector<std::int64_t>& lengths,
              const std::vector<std::int64_t>& now, View<E> y) const {
        using C = Compute<E>;
        const std::int64_t units = h.dim(h.rank() - 1), rows = static_cast<std::int64_t>(lengths.size());
        if (now.size() != 1 || h.size() != rows * units || gates.size() != 3 * h.size())
            throw Error("hidden state, gates and lengths are of different sizes, or t is no single number");
        for (std::int64_t i = 0; i < h.size(); ++i) {
            const std::int64_t n = i / units;
            if (now[0] < lengths[static_cast<std::size_t>(n)]) {
                const E* gate = gates.data + n * 3 * units + i % units;
                const C keep = C(1) / (C(1) + std::exp(-C(gate[units])));
                y[i] = E(keep * C(h[i]) + (C(1) - keep) * std::tanh(C(gate[2 * units])));
            } else {
                y[i] = dropStates ? E(C(0)) : h[i];
            }
        }
    }
};

}  // namespace tenon::legacy

TENON_OPERATORS(gru_unit, tenon::legacy::GruUnit)
