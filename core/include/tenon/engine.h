// A loaded plan, and execution states of it.
#pragma once

#include <tenon/profile.h>
#include <tenon/tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tenon {

class Registry;
class Context;
struct EngineData;

struct IoInfo {
    std::string name;
    DataType type;
    std::vector<Dim> dims;  // named where they vary; of outputs: empty with rankKnown false when known only after running
    bool rankKnown = true;
    ShapeRange range;           // of inputs
    bool isShapeInput = false;  // its content decides shapes: set it before prepare()
};

// What one step of an engine is, for reports.
struct StepInfo {
    std::string name;            // layer
    std::string op;              // operator, or "copy"
    std::string implementation;  // "" for copies
    std::string tactic;
    std::string formats;
    std::string device;
    bool inShapePhase = false;  // runs on the host when shapes are set
};

struct MemoryReport {
    std::size_t hostArena = 0, deviceArena = 0;  // bytes planned for activations and workspaces
    std::size_t lowerBound = 0;                  // most bytes live at one step: no plan can need less
    std::size_t hostWeights = 0, deviceWeights = 0;
};

// Immutable; contexts share its weights.  [any thread]
class Engine {
public:
    // Maps the plan file; weights are used where they lie. Checks everything before anything is executed. Throws Error that says
    // what differs (library, version, digest, device) and what to do.
    static Engine load(const std::string& path, const Registry& registry);
    static Engine load(Blob plan, const Registry& registry);

    const std::string& name() const;
    const std::vector<IoInfo>& inputs() const;
    const std::vector<IoInfo>& outputs() const;
    std::vector<StepInfo> steps() const;
    // Text of the plan: libraries, layers, formats, tactics, sizes.
    std::string toString() const;

    std::unique_ptr<Context> createContext() const;

private:
    explicit Engine(std::shared_ptr<const EngineData> data);
    std::shared_ptr<const EngineData> data_;
};

// Milliseconds of one step of the last enqueue.
using ProfilerCallback = std::function<void(const StepInfo& step, double milliseconds)>;

// Errors a context met, newest last; kept until cleared.
class ErrorRecorder {
public:
    virtual ~ErrorRecorder() = default;
    virtual void record(const std::string& message) noexcept = 0;
};

// One execution state: set shapes and addresses, then enqueue as often as wanted. Different contexts may run at the same time.
// Every function throws Error; the context can be used again afterwards.  [one thread per context]
class Context {
public:
    virtual ~Context() = default;

    // Needed for every input whose dims are not all fixed.
    virtual void setInputShape(const std::string& name, const Dims& dims) = 0;
    // Host memory of the input's dense tensor; read at prepare (shape inputs) and enqueue.
    virtual void setInput(const std::string& name, const void* data) = 0;
    // Host memory for outputShape(name); optional: outputs not set here lie in memory of the context.
    virtual void setOutput(const std::string& name, void* data) = 0;

    // Computes all shapes, plans memory and configures every layer. enqueue does it when it is needed.
    virtual void prepare() = 0;
    virtual Dims outputShape(const std::string& name) = 0;        // prepares first when needed
    virtual const void* outputData(const std::string& name) = 0;  // valid until the next prepare

    // Runs. On return the outputs are ready when the engine is of the cpu; else after synchronize(). Once prepared, and while
    // shapes stay the same, it allocates nothing.
    virtual void enqueue() = 0;
    virtual void synchronize() = 0;
    // Everything at once: shapes and data in, outputs out (copies that the caller owns).
    virtual std::vector<TensorValue> run(const std::vector<TensorValue>& inputs) = 0;

    virtual void setThreads(int count) = 0;                   // host threads of kernels; 0: all
    virtual void setProfiler(ProfilerCallback callback) = 0;  // empty: off
    virtual void setErrorRecorder(ErrorRecorder* recorder) = 0;
    virtual MemoryReport memory() = 0;
};

}  // namespace tenon
