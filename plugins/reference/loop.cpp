// Runs body(i, condition, carried...) at most M times, while the condition holds; carried values go from one run to the next, the
// body's other outputs are stacked along a new first axis (ONNX Loop opset 1 and later).
#include "owned_outputs.h"
#include "stacked_runs.h"

namespace tenon::reference {
using namespace sdk;

struct Loop : OwnedOutputs<Loop> {
    Graph body;
    static constexpr Identity identity{.name = "Loop", .since = 1};
    static constexpr Slot kAny = orComposite(anyType | halfBytes);
    static constexpr auto formats =
        rows(row(in(optional(i64), optional(boolean), optional(variadic(kAny))), out(optional(variadic(kAny)))));
    static constexpr std::uint32_t flags = abi::kDataDependentShape;
    static constexpr auto attributes() { return std::tuple{attr(1, "body", &Loop::body, "graph to repeat").required()}; }

    void types(std::span<const DataType> in, std::span<DataType> out) const {
        auto inputs = bodyInputs<DataType>(in, DataType::i64, DataType::boolean);
        const auto y = Subgraph(body).outputTypes(inputs);
        checkOutputs(y.size(), out.size());
        for (int i = 0; i < carried(); ++i)
            if (!mayFollow(y[static_cast<std::size_t>(1 + i)], inputs[static_cast<std::size_t>(2 + i)]))
                throw Error("carried value " + std::to_string(i) + " is " + typeName(inputs[static_cast<std::size_t>(2 + i)]) +
                            ", but the body gives " + typeName(y[static_cast<std::size_t>(1 + i)]));
        std::copy_n(y.begin() + 1, out.size(), out.begin());
    }
    // A dimension of a carried value is known when the body, given an unknown one, keeps what went in.
    void infer(Shapes x, Shapes y, abi::IExprBuilder& builder) const {
        std::vector<Shape> outer;
        for (int i = 0; i < x.count(); ++i)
            outer.push_back(x[i]);
        const Shape scalar = Shape(std::initializer_list<Dim>{});
        auto in = bodyInputs<Shape>(outer, typed(scalar, DataType::i64), typed(scalar, DataType::boolean));
        for (int i = 0; i < carried(); ++i)
            in[static_cast<std::size_t>(2 + i)].content.reset();
        auto out = Subgraph(body).infer(in, builder);
        for (bool changed = true; changed;) {
            changed = false;
            for (int i = 0; i < carried(); ++i) {
                Shape& before = in[static_cast<std::size_t>(2 + i)];
                const Shape both = typed(agreement(before, out.at(static_cast<std::size_t>(1 + i))), before.type);
                changed = changed || knownDims(both) != knownDims(before);
                before = both;
            }
            if (changed) out = Subgraph(body).infer(in, builder);
        }
        for (int i = 0; i < y.count(); ++i)
            y[i] = i < carried() ? in[static_cast<std::size_t>(2 + i)].dims()
                                 : stackedShape(Dim::unknown(), out.at(static_cast<std::size_t>(1 + i)));
    }

    void run(const Launch& l) const {
        std::vector<abi::FieldTensor> outer;
        for (int i = 0; i < l.inputCount(); ++i)
            outer.push_back(inputTensor(l, i));
        std::int64_t number = 0;
        bool condition = l.inputCount() - captured() < 2 || !l.hasInput(1) || l.input<bool>(1)[0];
        const bool isBounded = l.inputCount() - captured() > 0 && l.hasInput(0);
        const std::int64_t most = isBounded ? l.input<std::int64_t>(0)[0] : INT64_MAX;
        auto inputs = bodyInputs<abi::FieldTensor>(outer, {hostDesc(DataType::i64, {}), &number, sizeof number},
                                                   {hostDesc(DataType::boolean, {}), &condition, sizeof condition});
        std::vector<OwnedTensor> values;
        for (int i = 0; i < carried(); ++i)
            values.emplace_back(inputs[static_cast<std::size_t>(2 + i)]);
        std::vector<OwnedTensor> wrapped(values.size());  // carried values as the optionals that the body wants
        std::vector<StackedRuns> scans(static_cast<std::size_t>(std::max(0, Subgraph(body).outputCount() - 1 - carried())));
        for (; number < most && condition; ++number) {
            const auto y = Subgraph(body).run(inputs);
            checkOutputs(y.size(), static_cast<std::size_t>(l.outputCount()));
            for (int i = 0; i < carried(); ++i) {
                OwnedTensor& value = values[static_cast<std::size_t>(i)];
                value = OwnedTensor(y[static_cast<std::size_t>(1 + i)]);
                OwnedTensor& next = wrapped[static_cast<std::size_t>(i)];
                const DataType wanted = l.inputType(2 + i);
                if (wanted != value.desc().type) next = OwnedTensor(wanted, std::vector<OwnedTensor>{value});
                inputs[static_cast<std::size_t>(2 + i)] = (wanted != value.desc().type ? next : value).ref();
            }
            for (std::size_t s = 0; s < scans.size(); ++s)
                scans[s].add(y[1 + values.size() + s]);
            if (y[0].desc.type != DataType::boolean || y[0].size != 1) throw Error("the body's condition must be one bool");
            condition = *static_cast<const bool*>(y[0].data);
        }
        for (int i = 0; i < l.outputCount(); ++i) {
            if (!l.hasOutput(i)) continue;
            const auto k = static_cast<std::size_t>(i);
            keep(l, i,
                 k < values.size() ? unwrapped(std::move(values[k]), l.outputType(i))
                                   : std::move(scans[k - values.size()]).stacked(l.outputType(i)));
        }
    }

private:
    int captured() const { return Subgraph(body).capturedCount(); }
    int carried() const { return Subgraph(body).formalCount() - 2; }
    void checkOutputs(std::size_t found, std::size_t wanted) const {
        if (carried() < 0 || found < 1 + static_cast<std::size_t>(carried()) || found < 1 + wanted)
            throw Error("the body takes " + std::to_string(Subgraph(body).formalCount()) + " inputs and gives " +
                        std::to_string(found) + " outputs; the loop has " + std::to_string(wanted));
    }
    // A body may turn an optional value into one that is there.
    static bool mayFollow(DataType after, DataType before) {
        const bool isOptional = (abi::flagsOf(before) & abi::kOptionalFlag) != 0;
        return after == before || (isOptional && after == abi::itemOf(before));
    }
    static OwnedTensor unwrapped(OwnedTensor value, DataType type) {
        if (value.desc().type == type) return value;
        if (value.items().empty()) throw Error("an optional value is absent after the last run");
        return value.items()[0];
    }
    static Shape typed(Shape shape, DataType type) {
        shape.type = type;
        return shape;
    }
    static int knownDims(const Shape& s) {
        int known = s.hasRank() ? 1 : 0;
        for (int i = 0; s.hasRank() && i < s.rank(); ++i)
            known += s[i].isKnown() ? 1 : 0;
        return known;
    }
    // The body's inputs from the loop's: M, condition, carried..., captured.
    template <class T, class Range>
    std::vector<T> bodyInputs(const Range& outer, const T& number, const T& condition) const {
        const auto own = static_cast<int>(outer.size()) - captured();
        if (carried() < 0 || (own - 2 != carried() && !(own < 2 && carried() == 0)))
            throw Error("the body carries " + std::to_string(carried()) + " values, the loop has " + std::to_string(own - 2));
        std::vector<T> in{number, condition};
        for (int i = std::min(2, own); i < static_cast<int>(outer.size()); ++i)
            in.push_back(outer[static_cast<std::size_t>(i)]);
        return in;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(loop, tenon::reference::Loop)
