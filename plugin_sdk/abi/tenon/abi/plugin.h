// The interface of a plugin: an object that computes one layer.
#pragma once

#include <tenon/abi/expr.h>
#include <tenon/abi/status.h>

namespace tenon::abi {

// Receives serialized bytes, in order.
class ISink {
public:
    virtual Status write(const void* data, uint64_t size) noexcept = 0;

protected:
    ~ISink() = default;
};

// The tensors of one call: inputs then outputs of the layer. An absent optional tensor has type `undefined`.
struct LayerDescs {
    const DynamicTensorDesc* inputs;
    const DynamicTensorDesc* outputs;
    int32_t inputCount;
    int32_t outputCount;
};

struct EnqueueArgs {
    const TensorDesc* inputDescs;
    const TensorDesc* outputDescs;
    const void* const* inputs;  // null for an absent tensor; not null for one of zero elements
    void* const* outputs;
    void* workspace;  // at least what getWorkspaceSize said, 64-byte aligned (device memory: 256)
    uint64_t workspaceSize;
    void* stream;  // the device's stream handle (CUDA: cudaStream_t); null on CPU
    int32_t inputCount;
    int32_t outputCount;
};

// Computes one layer. Frozen at 1.0: new abilities come as extensions.
//
// Life: create or deserialize -> shape and type queries -> format enumeration -> configurePlugin -> tactics, workspace
// -> (clone per context) -> configurePlugin with concrete dims -> enqueue, many times -> destroy. Every const method may
// run on several threads at once on one object; the others are called by one thread at a time.
class IPlugin {
public:
    // Type of every output from those of the inputs.  [build thread]
    virtual Status getOutputTypes(const DataType* inputs, int32_t inputCount, DataType* outputs,
                                  int32_t outputCount) const noexcept = 0;

    // Shape of every output: fills rank and dim of outputs[i], and values where they are known. Outputs come in with rank
    // -1 and no values. Entries left null are unknown until later.  [build thread, or the context's thread]
    virtual Status getOutputDimensions(const SymbolicTensor* inputs, int32_t inputCount, SymbolicTensor* outputs,
                                       int32_t outputCount, IExprBuilder* builder) const noexcept = 0;

    // Whether tensor `pos` (inputs first, then outputs) may have the type, layout and location in inOut[pos], given those of the
    // positions before it. Entries after pos are not valid. Dims are set for all, -1 where they vary.  [build thread]
    virtual bool supportsFormatCombination(int32_t pos, const TensorDesc* inOut, int32_t inputCount,
                                           int32_t outputCount) const noexcept = 0;

    // Fixes formats and shapes. Called at build with the profile, and before the first enqueue with each concrete shape
    // set (then min = opt = max = dims). Status::declined means: not this layer.  [build thread, or the context's thread]
    virtual Status configurePlugin(const LayerDescs* layer) noexcept = 0;

    // Bytes of scratch memory for any shape of the profile given to configurePlugin.
    virtual uint64_t getWorkspaceSize() const noexcept = 0;

    // Computes the outputs. May leave work on args->stream; memory stays valid until it is done.  [enqueue: no allocation,
    // no blocking; one thread per plugin object]
    virtual Status enqueue(const EnqueueArgs* args) noexcept = 0;

    // Writes what ICreator::deserialize needs to make an equal plugin. The same plugin always writes the same bytes.
    virtual Status serialize(ISink* sink) const noexcept = 0;

    // An equal, independent plugin; null when memory is short. The caller destroys it.
    virtual IPlugin* clone() const noexcept = 0;
    virtual void destroy() noexcept = 0;

    // The interface with this id (extensions.h), owned by the plugin, or null.  [any thread]
    virtual void* extension(const char* id) noexcept = 0;

protected:
    ~IPlugin() = default;
};

}  // namespace tenon::abi
