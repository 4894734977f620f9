// One execution state: shapes resolved, memory planned, steps ready to run.
#pragma once

#include "engine_data.h"
#include "memory_planner.h"

#include <map>

namespace tenon {

// One entry of the flat list that enqueue walks.
struct Step {
    std::size_t layer = 0;
    abi::IPlugin* plugin = nullptr;  // null: a copy
    bool waits = false;              // reads on the host what the stream may still be writing
    abi::CopyKind copyKind = abi::CopyKind::hostToDevice;
    std::size_t copyBytes = 0;
    std::vector<abi::TensorDesc> inputDescs, outputDescs;
    std::vector<const void*> inputs;
    std::vector<void*> outputs;
    abi::EnqueueArgs args{};
};

class ContextImpl final : public Context {
public:
    explicit ContextImpl(std::shared_ptr<const EngineData> engine);

    void setInputShape(const std::string& name, const Dims& dims) override;
    void setInput(const std::string& name, const void* data) override;
    void setOutput(const std::string& name, void* data) override;
    void prepare() override;
    Dims outputShape(const std::string& name) override;
    const void* outputData(const std::string& name) override;
    void enqueue() override;
    void synchronize() override;
    std::vector<TensorValue> run(const std::vector<TensorValue>& inputs) override;
    // Of a nested network: shapes and data in, results out where they lie, until the next run.
    void runNested(std::span<const abi::FieldTensor> inputs, std::span<abi::FieldTensor> outputs);
    void setThreads(int count) override { threads_ = count; }
    void setProfiler(ProfilerCallback callback) override { profiler_ = std::move(callback); }
    void setErrorRecorder(ErrorRecorder* recorder) override { recorder_ = recorder; }
    MemoryReport memory() override;

private:
    // What is known of one plan tensor for the current shapes.
    struct State {
        Dims dims;
        abi::TensorDesc desc{};
        const void* data = nullptr;  // where it lies: fixed after prepare, but for bound inputs and outputs
        TensorValue content;         // of shape-phase outputs
        int buffer = -1;             // planned buffer it shares
        int output = -1;             // binding whose memory it uses
    };
    struct InputBinding {
        std::optional<Dims> dims;
        const void* data = nullptr;
        std::vector<std::byte> seen;  // content that the shapes were computed from
    };
    struct OutputBinding {
        void* user = nullptr;
        Memory own;
        bool isDirect = false;  // a step writes it; else it is copied at the end
    };

    template <class F>
    auto guarded(F&& body);
    std::size_t inputIndex(const std::string& name) const;
    std::size_t outputIndex(const std::string& name) const;
    const proto::Plan& plan() const { return engine_->plan.description; }
    State& state(int tensor) { return states_[static_cast<std::size_t>(tensor)]; }

    // prepare, in this order
    void resolveInputs();
    void resolveLayers();
    void runShapePhase(std::size_t layer);
    void inferStep(std::size_t layer);
    void configureSteps();
    bool configure(std::size_t layer, Step& step);
    void planMemory();
    void assignBuffers(std::vector<PlannedBuffer>& host, std::vector<PlannedBuffer>& device);
    void bindOutputs();
    void point();

    bool contentChanged() const;
    void runSteps();
    void runStep(Step& step);
    void copyOutputs();
    void* outputMemory(std::size_t index);
    void setState(int tensor, const Dims& dims);
    std::map<int, int> lastUses() const;
    int aliasOf(const Step& step, std::size_t output, const std::map<int, int>& lastUse, int stepIndex);
    bool isDevice(int tensor) const {
        return static_cast<abi::Location>(plan().tensors(tensor).location()) == abi::Location::device;
    }

    std::shared_ptr<const EngineData> engine_;
    std::vector<PluginPtr> plugins_;                               // per layer
    std::vector<std::vector<abi::DynamicTensorDesc>> configured_;  // per layer: descriptors of the last configurePlugin
    std::vector<State> states_;
    std::vector<InputBinding> inputs_;
    std::vector<OutputBinding> outputs_;
    std::vector<Step> steps_;
    std::vector<std::vector<const void**>> inputSlots_;  // per input: pointers to patch
    std::vector<std::vector<void**>> outputSlots_;
    std::vector<std::pair<std::size_t, std::size_t>> workspaceOf_;  // per step: buffer, bytes
    std::vector<PlannedBuffer> hostBuffers_, deviceBuffers_;
    Memory hostArena_, deviceArena_;
    MemoryReport report_;
    Stream stream_;
    ProfilerCallback profiler_;
    ErrorRecorder* recorder_ = nullptr;
    int threads_ = 0;
    bool isPrepared_ = false;
};

}  // namespace tenon
