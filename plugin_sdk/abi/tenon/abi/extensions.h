// Optional interfaces, asked for with IPlugin::extension(id). A plugin that lacks one is still complete.
#pragma once

#include <tenon/abi/plugin.h>

namespace tenon::abi {

// "tenon.tactics/1": several ways to run the configured layer. Asked after configurePlugin.
class ITactics {
public:
    static constexpr const char* kId = "tenon.tactics/1";
    virtual int32_t tacticCount() const noexcept = 0;
    // Stable printable name, unique in this plugin; valid until the next configurePlugin.
    virtual const char* tacticName(int32_t index) const noexcept = 0;
    // Why this tactic cannot run the configured layer, or null when it can.
    virtual const char* declineReason(int32_t index) const noexcept = 0;
    // Chooses by name; persists through clone, and is given again after deserialize. [build thread]
    virtual Status setTactic(const char* name) noexcept = 0;

protected:
    ~ITactics() = default;
};

// "tenon.prepack/1": turn constant inputs, once at build, into bytes that enqueue likes better. Asked after
// configurePlugin and setTactic. The packed input arrives at enqueue with layout `opaque`.
class IPrepack {
public:
    static constexpr const char* kId = "tenon.prepack/1";
    // Bytes of the packed form of input `index`; 0: leave it as it is.
    virtual uint64_t packedSize(int32_t index) const noexcept = 0;
    // src is linear in host memory; dst has packedSize bytes of host memory, 64-byte aligned.
    virtual Status pack(int32_t index, const TensorDesc* desc, const void* src, void* dst) const noexcept = 0;
    // Says, before the first enqueue of a deserialized plugin, that input `index` arrives packed.
    virtual Status setPacked(int32_t index) noexcept = 0;

protected:
    ~IPrepack() = default;
};

// "tenon.alias/1": output may share memory with an input of the same byte size.
class IAlias {
public:
    static constexpr const char* kId = "tenon.alias/1";
    // Index of that input, or -1.
    virtual int32_t aliasedInput(int32_t output) const noexcept = 0;
    // Whether the output then needs no work at all: it is the input's bytes (Reshape, Identity).
    virtual bool isView(int32_t output) const noexcept = 0;

protected:
    ~IAlias() = default;
};

// "tenon.cost/1": analytic cost of the configured layer at its opt shapes.
class ICost {
public:
    static constexpr const char* kId = "tenon.cost/1";
    virtual double flops() const noexcept = 0;
    virtual double bytes() const noexcept = 0;  // read and written, each tensor once

protected:
    ~ICost() = default;
};

// "tenon.strided/1": reads or writes a tensor whose outermost step differs from its dense one.
class IStrided {
public:
    static constexpr const char* kId = "tenon.strided/1";
    virtual bool acceptsStride(int32_t pos, int32_t axis) const noexcept = 0;
    // elements between consecutive indices of `axis`, for every pos (inputs first); before enqueue
    virtual Status setStride(int32_t pos, int32_t axis, int64_t elements) noexcept = 0;

protected:
    ~IStrided() = default;
};

// "tenon.dynamic_output/1": output sizes known only after running. The host calls enqueue with outputs large enough for
// maxDims; the plugin then answers actualDims.
class IDynamicOutput {
public:
    static constexpr const char* kId = "tenon.dynamic_output/1";
    virtual Status maxDims(const TensorDesc* inputs, int32_t inputCount, int32_t output, Dims* dims) const noexcept = 0;
    virtual Status actualDims(int32_t output, Dims* dims) const noexcept = 0;  // after the stream has finished

protected:
    ~IDynamicOutput() = default;
};

// "tenon.owned_output/1": outputs whose size nothing bounds before running. Where the shape is not known the host passes null for
// the output, the plugin keeps the result itself, and the host asks for it here.
class IOwnedOutput {
public:
    static constexpr const char* kId = "tenon.owned_output/1";
    // The output of the last enqueue; valid until the next one, or until the plugin is destroyed.
    virtual Status ownedOutput(int32_t output, FieldTensor* tensor) const noexcept = 0;

protected:
    ~IOwnedOutput() = default;
};

// A nested network that the host runs for a plugin. Its inputs are the formal ones of the graph attribute, then the outer tensors
// it uses (captured); a layer's captured tensors follow its own inputs, graph by graph in the order of attribute names.
class ISubgraph {
public:
    virtual int32_t inputCount() const noexcept = 0;     // formal and captured
    virtual int32_t capturedCount() const noexcept = 0;  // of these, the last ones
    virtual int32_t outputCount() const noexcept = 0;
    virtual const char* inputName(int32_t index) const noexcept = 0;
    virtual const char* outputName(int32_t index) const noexcept = 0;
    // Types of the outputs for these of the inputs; an `undefined` input has the type that the network declares.  [build thread]
    virtual Status getOutputTypes(const DataType* inputs, DataType* outputs) noexcept = 0;
    // As IPlugin::getOutputDimensions, with the same builder.  [build thread, or the context's thread]
    virtual Status getOutputDimensions(const SymbolicTensor* inputs, SymbolicTensor* outputs, IExprBuilder* builder) noexcept = 0;
    // Runs the network. The outputs belong to it and are valid until it runs again.  [the thread of enqueue]
    virtual Status run(const FieldTensor* inputs, FieldTensor* outputs) noexcept = 0;

protected:
    ~ISubgraph() = default;
};

// "tenon.subgraph/1": the layer runs nested networks, its graph attributes. The host gives them to each plugin object after
// create, deserialize and clone, keeps them alive as long as the plugin, and lets no two plugins share one.
class ISubgraphUser {
public:
    static constexpr const char* kId = "tenon.subgraph/1";
    virtual int32_t subgraphCount() const noexcept = 0;
    virtual const char* subgraphAttribute(int32_t index) const noexcept = 0;
    virtual Status setSubgraph(int32_t index, ISubgraph* graph) noexcept = 0;

protected:
    ~ISubgraphUser() = default;
};

// "tenon.epilogue/1": the layer can apply a pointwise operator to its output before writing it.
class IEpilogue {
public:
    static constexpr const char* kId = "tenon.epilogue/1";
    // Offers the operator that would follow; Status::declined when it cannot be absorbed.
    virtual Status absorb(const char* domain, const char* name, const void* fields, int32_t fieldCount) noexcept = 0;

protected:
    ~IEpilogue() = default;
};

}  // namespace tenon::abi
