// Scan's first form: every input has a batch axis first and, where it is scanned, a sequence axis second; the batches are scanned
// one by one, each as long as sequence_lens says; stacked outputs are zero behind that (ONNX Scan opset 8).
#include "owned_outputs.h"
#include "scan_slices.h"

namespace tenon::reference {
using namespace sdk;

struct ScanBatched : OwnedOutputs<ScanBatched> {
    Graph body;
    std::int64_t scanCount = 0;
    std::vector<std::int64_t> directions;
    static constexpr Identity identity{.name = "Scan", .since = 8, .last = 8};
    static constexpr auto formats = rows(row(in(optional(i64), variadic(anyType)), out(optional(variadic(anyType)))));
    static constexpr std::uint32_t flags = abi::kDataDependentShape;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "body", &ScanBatched::body, "graph to run for every index").required(),
                          attr(2, "num_scan_inputs", &ScanBatched::scanCount, "number of inputs that are sliced").required(),
                          attr(3, "directions", &ScanBatched::directions, "1: from the end; default 0")};
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        states(static_cast<int>(in.size()));
        const auto y = Subgraph(body).outputTypes({in.begin() + 1, in.end()});
        if (y.size() < out.size()) throw Error("the body gives fewer outputs than the layer");
        std::copy_n(y.begin(), out.size(), out.begin());
    }
    void infer(Shapes, Shapes) const {}
    void run(const Launch& l) const {
        const int n = states(l.inputCount());
        const std::int64_t batches = l.inputDesc(1).dims.rank > 0 ? l.inputDesc(1).dims.d[0] : 0;
        std::vector<StackedRuns> results(static_cast<std::size_t>(l.outputCount()));
        for (std::int64_t b = 0; b < batches; ++b) {
            auto one = runBatch(l, n, b);
            for (std::size_t i = 0; i < results.size(); ++i)
                results[i].add(one[i].ref());
        }
        for (int i = 0; i < l.outputCount(); ++i)
            if (l.hasOutput(i)) keep(l, i, std::move(results[static_cast<std::size_t>(i)]).stacked(l.outputType(i)));
    }

private:
    std::vector<OwnedTensor> runBatch(const Launch& l, int n, std::int64_t batch) const {
        std::vector<OwnedTensor> held;  // this batch of every input
        std::vector<abi::FieldTensor> in;
        held.reserve(static_cast<std::size_t>(l.inputCount()));
        std::vector<ScanSlices> slices;
        for (int i = 1; i < l.inputCount(); ++i) {
            const bool isOwn = i < 1 + n + static_cast<int>(scanCount);
            if (isOwn) held.emplace_back(ScanSlices(inputTensor(l, i), 0, false).at(batch));
            in.push_back(isOwn ? held.back().ref() : inputTensor(l, i));
            const int scan = i - 1 - n;
            if (isOwn && scan >= 0)
                slices.emplace_back(
                    in.back(), 0,
                    static_cast<std::size_t>(scan) < directions.size() && directions[static_cast<std::size_t>(scan)] != 0);
        }
        const std::int64_t longest = slices[0].length(), length = lengthOf(l, batch, longest);
        std::vector<OwnedTensor> values(held.begin(), held.begin() + n);
        std::vector<StackedRuns> stacks(static_cast<std::size_t>(std::max(0, l.outputCount() - n)));
        for (std::int64_t index = 0; index < longest; ++index) {
            for (std::size_t s = 0; s < slices.size(); ++s)
                in[static_cast<std::size_t>(n) + s] = slices[s].at(index);
            const auto y = Subgraph(body).run(in);
            for (std::size_t i = 0; index < length && i < values.size(); ++i) {
                values[i] = OwnedTensor(y.at(i));
                in[i] = values[i].ref();
            }
            for (std::size_t s = 0; s < stacks.size(); ++s) {
                const abi::FieldTensor& part = y.at(values.size() + s);
                stacks[s].add(index < length ? part : OwnedTensor(part.desc.type, dimsOf(part.desc)).ref());
            }
        }
        for (std::size_t s = 0; s < stacks.size(); ++s)
            values.push_back(std::move(stacks[s]).stacked(l.outputType(n + static_cast<int>(s))));
        return values;
    }
    static std::int64_t lengthOf(const Launch& l, std::int64_t batch, std::int64_t longest) {
        if (!l.hasInput(0)) return longest;
        const std::int64_t length = l.integers(0).at(static_cast<std::size_t>(batch));
        if (length < 0 || length > longest)
            throw Error("a sequence length of " + std::to_string(length) + " does not fit the inputs");
        return length;
    }
    int states(int inputCount) const {
        const Subgraph graph(body);
        const int n = graph.formalCount() - static_cast<int>(scanCount);
        if (scanCount < 1 || n < 0 || inputCount != 1 + graph.inputCount() || graph.outputCount() < n)
            throw Error("the body takes " + std::to_string(graph.formalCount()) + " inputs, which does not fit the layer");
        return n;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(scan_batched, tenon::reference::ScanBatched)
