// Runs body(states..., slice of each scan input...) for every index of the scan axes; states go from one run to the next, the
// other outputs are stacked (ONNX Scan opset 9 and later).
#include "owned_outputs.h"
#include "scan_slices.h"

namespace tenon::reference {
using namespace sdk;

struct Scan : OwnedOutputs<Scan> {
    Graph body;
    std::int64_t scanCount = 0;
    std::vector<std::int64_t> inputAxes, inputDirections, outputAxes, outputDirections;
    static constexpr Identity identity{.name = "Scan", .since = 9};
    static constexpr TypeSet kTypes = anyType;
    static constexpr auto formats = rows(row(in(variadic(kTypes)), out(optional(variadic(kTypes)))));
    static constexpr std::uint32_t flags = abi::kDataDependentShape;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "body", &Scan::body, "graph to run for every index").required(),
                          attr(2, "num_scan_inputs", &Scan::scanCount, "number of inputs that are sliced").required(),
                          attr(3, "scan_input_axes", &Scan::inputAxes, "axis of each scan input; default 0"),
                          attr(4, "scan_input_directions", &Scan::inputDirections, "1: from the end; default 0"),
                          attr(5, "scan_output_axes", &Scan::outputAxes, "axis of each stacked output; default 0"),
                          attr(6, "scan_output_directions", &Scan::outputDirections, "1: stacked from the end; default 0")};
    }
    void check(const abi::LayerInfo& layer) const {
        if (scanCount < 1 || scanCount > layer.inputCount) throw Error("num_scan_inputs must be from 1 to the number of inputs");
        for (const auto* list : {&inputAxes, &inputDirections})
            if (!list->empty() && static_cast<std::int64_t>(list->size()) != scanCount)
                throw Error("scan_input_axes and scan_input_directions need one entry for each scan input");
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        states(static_cast<int>(in.size()));
        const auto y = Subgraph(body).outputTypes({in.begin(), in.end()});
        if (y.size() < out.size()) throw Error("the body gives fewer outputs than the layer");
        std::copy_n(y.begin(), out.size(), out.begin());
    }
    void infer(Shapes x, Shapes y, abi::IExprBuilder& builder) const {
        const int n = states(x.count());
        std::vector<Shape> in;
        Dim length = Dim::unknown();
        for (int i = 0; i < x.count(); ++i) {
            in.push_back(x[i]);
            Shape& s = in.back();
            s.content.reset();
            if (i < n || i >= n + static_cast<int>(scanCount)) continue;
            if (x[i].hasRank()) length = x[i][x[i].axis(entry(inputAxes, i - n))];
            s = sliceShape(x[i], entry(inputAxes, i - n));
            s.type = x[i].type;
        }
        auto out = Subgraph(body).infer(in, builder);
        for (int i = 0; i < n; ++i)  // a state keeps its shape or, at least, its rank
            if (const Shape both = agreement(in[static_cast<std::size_t>(i)], out.at(static_cast<std::size_t>(i)));
                both.hasRank())
                y[i] = both;
        for (int i = n; i < y.count(); ++i)
            y[i] = stackedShape(length, out.at(static_cast<std::size_t>(i)), entry(outputAxes, i - n));
    }
    void run(const Launch& l) const {
        const int n = states(l.inputCount());
        std::vector<abi::FieldTensor> in;
        std::vector<OwnedTensor> values;
        std::vector<ScanSlices> slices;
        for (int i = 0; i < l.inputCount(); ++i) {
            in.push_back(inputTensor(l, i));
            if (i < n) values.emplace_back(in.back());
            else if (i < n + static_cast<int>(scanCount))
                slices.emplace_back(in.back(), entry(inputAxes, i - n), entry(inputDirections, i - n) != 0);
        }
        std::vector<StackedRuns> stacks(static_cast<std::size_t>(std::max(0, l.outputCount() - n)));
        for (const ScanSlices& s : slices)
            if (s.length() != slices[0].length()) throw Error("the scan axes have different lengths");
        for (std::int64_t index = 0; index < slices[0].length(); ++index) {
            for (std::size_t s = 0; s < slices.size(); ++s)
                in[static_cast<std::size_t>(n) + s] = slices[s].at(index);
            const auto y = Subgraph(body).run(in);
            for (std::size_t i = 0; i < values.size(); ++i) {
                values[i] = OwnedTensor(y.at(i));
                in[i] = values[i].ref();
            }
            for (std::size_t s = 0; s < stacks.size(); ++s)
                stacks[s].add(y.at(values.size() + s));
        }
        for (int i = 0; i < l.outputCount(); ++i) {
            if (!l.hasOutput(i)) continue;
            const auto k = static_cast<std::size_t>(i);
            keep(l, i,
                 i < n ? std::move(values[k])
                       : std::move(stacks[k - values.size()])
                             .stacked(l.outputType(i), entry(outputAxes, i - n), entry(outputDirections, i - n) != 0));
        }
    }

private:
    static std::int64_t entry(const std::vector<std::int64_t>& list, int i) {
        return static_cast<std::size_t>(i) < list.size() ? list[static_cast<std::size_t>(i)] : 0;
    }
    int states(int inputCount) const {
        const Subgraph graph(body);
        const int n = graph.formalCount() - static_cast<int>(scanCount);
        if (n < 0 || inputCount != graph.inputCount() || graph.outputCount() < n)
            throw Error("the body takes " + std::to_string(graph.formalCount()) + " inputs and gives " +
                        std::to_string(graph.outputCount()) + " outputs, which does not fit the layer");
        return n;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(scan, tenon::reference::Scan)
