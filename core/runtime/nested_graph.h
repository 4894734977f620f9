// Nested networks as plugins see them: while a network is built, and in an engine.
#pragma once

#include "engine_data.h"

namespace tenon {

class ContextImpl;

// A nested network of a loaded plan; it has a context of its own. Shapes come from running it.
class NestedEngine final : public abi::ISubgraph {
public:
    explicit NestedEngine(std::shared_ptr<const EngineData> engine);
    ~NestedEngine();
    std::int32_t inputCount() const noexcept override { return plan().inputs_size(); }
    std::int32_t capturedCount() const noexcept override { return plan().captured_inputs(); }
    std::int32_t outputCount() const noexcept override { return plan().outputs_size(); }
    const char* inputName(std::int32_t i) const noexcept override { return plan().inputs(i).name().c_str(); }
    const char* outputName(std::int32_t i) const noexcept override { return plan().outputs(i).name().c_str(); }
    abi::Status getOutputTypes(const DataType* inputs, DataType* outputs) noexcept override;
    abi::Status getOutputDimensions(const abi::SymbolicTensor* inputs, abi::SymbolicTensor* outputs,
                                    abi::IExprBuilder* builder) noexcept override;
    abi::Status run(const abi::FieldTensor* inputs, abi::FieldTensor* outputs) noexcept override;

private:
    const proto::Plan& plan() const { return engine_->plan.description; }
    std::shared_ptr<const EngineData> engine_;
    std::unique_ptr<ContextImpl> context_;  // made by the first run
};

// A graph attribute of a layer. It is inferred anew for each set of input types and shapes, and compiled when it is run.
class NestedGraph final : public abi::ISubgraph {
public:
    NestedGraph(std::shared_ptr<const Graph> graph, const Registry& registry);
    std::int32_t inputCount() const noexcept override { return static_cast<std::int32_t>(graph_->inputs.size()); }
    std::int32_t capturedCount() const noexcept override { return graph_->capturedCount; }
    std::int32_t outputCount() const noexcept override { return static_cast<std::int32_t>(graph_->outputs.size()); }
    const char* inputName(std::int32_t i) const noexcept override;
    const char* outputName(std::int32_t i) const noexcept override;
    abi::Status getOutputTypes(const DataType* inputs, DataType* outputs) noexcept override;
    abi::Status getOutputDimensions(const abi::SymbolicTensor* inputs, abi::SymbolicTensor* outputs,
                                    abi::IExprBuilder* builder) noexcept override;
    abi::Status run(const abi::FieldTensor* inputs, abi::FieldTensor* outputs) noexcept override;

    // The network with the input types that it was asked about last.
    Graph typed() const;

private:
    void setTypes(const DataType* inputs);
    std::shared_ptr<const Graph> graph_;
    const Registry& registry_;
    std::vector<DataType> types_, outputTypes_;
    std::unique_ptr<NestedEngine> engine_;  // for types_
};

}  // namespace tenon
