// Nested networks, as the operators that run them see them.
#pragma once

#include <tenon/sdk/attributes.h>
#include <tenon/sdk/owned_tensor.h>
#include <tenon/sdk/shape.h>

namespace tenon::sdk {

// The network behind a graph attribute. Failures of the host's calls are thrown as Reported.
class Subgraph {
public:
    explicit Subgraph(const Graph& graph) : graph_(graph.handle) {
        if (graph_ == nullptr) throw Error("the host gave no nested network");
    }
    int inputCount() const { return graph_->inputCount(); }
    int capturedCount() const { return graph_->capturedCount(); }
    int formalCount() const { return inputCount() - capturedCount(); }
    int outputCount() const { return graph_->outputCount(); }

    std::vector<DataType> outputTypes(const std::vector<DataType>& inputs) const {
        checkInputs(inputs.size());
        std::vector<DataType> outputs(static_cast<std::size_t>(outputCount()));
        check(graph_->getOutputTypes(inputs.data(), outputs.data()));
        return outputs;
    }

    std::vector<Shape> infer(const std::vector<Shape>& inputs, abi::IExprBuilder& builder) const {
        checkInputs(inputs.size());
        std::vector<abi::SymbolicTensor> in(inputs.size()), out(static_cast<std::size_t>(outputCount()));
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            in[i].type = inputs[i].type;
            in[i].valueCount = -1;
            in[i].data = inputs[i].data;
            lower(inputs[i], in[i], &builder);
        }
        check(graph_->getOutputDimensions(in.data(), out.data(), &builder));
        std::vector<Shape> shapes;
        for (const abi::SymbolicTensor& t : out)
            shapes.push_back(raise(t, &builder));
        return shapes;
    }

    // The outputs are the network's, until it runs again.
    std::vector<abi::FieldTensor> run(const std::vector<abi::FieldTensor>& inputs) const {
        checkInputs(inputs.size());
        std::vector<abi::FieldTensor> outputs(static_cast<std::size_t>(outputCount()));
        check(graph_->run(inputs.data(), outputs.data()));
        return outputs;
    }

private:
    void checkInputs(std::size_t count) const {
        if (static_cast<int>(count) != inputCount())
            throw Error("the nested network takes " + std::to_string(inputCount()) + " inputs, " + std::to_string(count) +
                        " given");
    }
    static void check(Status status) {
        if (status != Status::ok) throw Reported{status};
    }
    abi::ISubgraph* graph_;
};

}  // namespace tenon::sdk
