// From an operator struct to the plugin and the creator of the binary contract.
//
// An operator struct Op states:
//   static constexpr Identity identity{"Name", sinceVersion};
//   static constexpr auto formats = rows(row(...), ...);              what types and layouts it takes (types.h)
//   void infer(Shapes in, Shapes out) const;                          shape rule; default: outputs like input 0
//     (or with a third parameter abi::IExprBuilder&, for rules that ask nested networks)
//   template <class T> void run(View<const T>..., View<T>) const;     kernel when all tensors have one type (1-3 inputs), or
//   void run(const Launch&) const;                                    any other
// and, where it has them:
//   static constexpr auto attributes();                               tuple of attr(...)
//   static constexpr const char* device = "cuda";                     default "cpu"; kernels may then end in a stream parameter
//   static constexpr std::uint64_t shapeInputs = bits(1), dimsOnlyInputs = bits(0);
//   static constexpr std::uint32_t flags;                             abi::CreatorFlags
//   static constexpr int alias = 0; static constexpr bool view = true;  output 0 may share input 0's memory / is its bytes
//   void check(const abi::LayerInfo&);                                attributes against the layer, once they are set
//   void types(std::span<const DataType> in, std::span<DataType> out) const;
//   bool accepts(int pos, std::span<const abi::TensorDesc> inOut, int inputCount) const;
//   void configure(const Layer&);                                     prepare; throw declined("why") to decline
//   std::uint64_t workspace(const Layer&) const;
//   std::vector<Tactic> tactics(const Layer&) const;
//   std::uint64_t packedSize(int input, const Layer&) const; void pack(int input, const Layer&, const void*, void*) const;
//   Cost cost(const Layer&) const;
//   void save(Writer&) const; void load(Reader&);                     what a serialized plugin keeps beyond its attributes
// Errors are exceptions (Error); they do not cross the boundary.
#pragma once

#include <tenon/sdk/attributes.h>
#include <tenon/sdk/launch.h>
#include <tenon/sdk/shape.h>

#include <memory>

struct CUstream_st;

namespace tenon::sdk {

using CudaStream = CUstream_st*;

struct Identity {
    const char* name;
    int since = 1;
    const char* domain = "";
    const char* implementation = nullptr;  // default: the library's name
    int last = 0;
    const char* version = "1";
    const char* pluginNamespace = "";
};

struct Tactic {
    std::string name;
    std::string declined{};  // why it cannot run this layer; empty when it can
};

struct Cost {
    double flops = 0;
    double bytes = 0;
};

template <class... I>
constexpr std::uint64_t bits(I... i) {
    return ((std::uint64_t{1} << i) | ... | 0U);
}

inline const char* libraryName = "";  // set by the query function

template <class Op>
constexpr const char* deviceOf() {
    if constexpr (requires { Op::device; }) return Op::device;
    else return "cpu";
}
template <class Op>
constexpr std::uint64_t shapeInputsOf() {
    if constexpr (requires { Op::shapeInputs; }) return Op::shapeInputs;
    else return 0;
}
// Every type that output 0 (or input 0) may have: what typed kernels are instantiated for.
template <class Op>
constexpr TypeSet kernelTypes() {
    TypeSet set;
    for (const Row& r : Op::formats)
        set = set | r.outputs.slot[0].types;
    return set;
}

// Calls the typed kernel of Op for element type T, with or without a trailing stream.
template <class Op, class T>
void runTyped(const Op& op, const Launch& l) {
    const auto stream = static_cast<CudaStream>(l.stream());
    const auto x = [&](int i) { return l.input<T>(i); };
    const View<T> y = l.output<T>(0);
    using X = View<const T>;
    if constexpr (requires(X a) { op.template run<T>(a, y); }) op.template run<T>(x(0), y);
    else if constexpr (requires(X a) { op.template run<T>(a, y, stream); }) op.template run<T>(x(0), y, stream);
    else if constexpr (requires(X a) { op.template run<T>(a, a, y); }) op.template run<T>(x(0), x(1), y);
    else if constexpr (requires(X a) { op.template run<T>(a, a, y, stream); }) op.template run<T>(x(0), x(1), y, stream);
    else if constexpr (requires(X a) { op.template run<T>(a, a, a, y); }) op.template run<T>(x(0), x(1), x(2), y);
    else static_assert(sizeof(T) == 0, "Op needs run(const Launch&) or a run of 1 to 3 views and an output view");
}

template <class Op>
void runAny(const Op& op, const Launch& l) {
    if constexpr (requires { op.run(l); }) op.run(l);
    else dispatch<kernelTypes<Op>()>(l.outputType(0), [&]<class T>() { runTyped<Op, T>(op, l); });
}

template <class Op>
class PluginFor final : public abi::IPlugin,
                        public abi::ITactics,
                        public abi::IPrepack,
                        public abi::IAlias,
                        public abi::ICost,
                        public abi::ISubgraphUser {
public:
    explicit PluginFor(Op op) : op_(std::move(op)) {}

    Status getOutputTypes(const DataType* inputs, int32_t inputCount, DataType* outputs,
                          int32_t outputCount) const noexcept override {
        return guard(name(), [&] {
            const std::span in(inputs, static_cast<std::size_t>(inputCount));
            const std::span out(outputs, static_cast<std::size_t>(outputCount));
            if constexpr (requires { op_.types(in, out); }) op_.types(in, out);
            else typesFromRows(in, out);
        });
    }

    Status getOutputDimensions(const abi::SymbolicTensor* inputs, int32_t inputCount, abi::SymbolicTensor* outputs,
                               int32_t outputCount, abi::IExprBuilder* builder) const noexcept override {
        return guard(name(), [&] {
            std::vector<Shape> in, out(static_cast<std::size_t>(outputCount));
            for (int i = 0; i < inputCount; ++i)
                in.push_back(raise(inputs[i], builder));
            for (int i = 0; i < outputCount; ++i)
                out[static_cast<std::size_t>(i)].type = outputs[i].type;
            try {
                if constexpr (requires { op_.infer(Shapes(in), Shapes(out), *builder); })
                    op_.infer(Shapes(in), Shapes(out), *builder);
                else if constexpr (requires { op_.infer(Shapes(in), Shapes(out)); }) op_.infer(Shapes(in), Shapes(out));
                else
                    for (Shape& s : out)
                        s = in.at(0).dims();
            } catch (const Unresolved&) {  // what was set so far stays; the rest is unknown
            }
            for (int i = 0; i < outputCount; ++i)
                lower(out[static_cast<std::size_t>(i)], outputs[i], builder);
        });
    }

    bool supportsFormatCombination(int32_t pos, const abi::TensorDesc* inOut, int32_t inputCount,
                                   int32_t outputCount) const noexcept override {
        const abi::TensorDesc& desc = inOut[pos];
        if (desc.type != DataType::undefined && desc.location != locationOf(pos, inputCount)) return false;
        const bool anyRow =
            std::any_of(Op::formats.begin(), Op::formats.end(), [&](const Row& r) { return fits(r, pos, inOut, inputCount); });
        if constexpr (requires(std::span<const abi::TensorDesc> all) { op_.accepts(pos, all, inputCount); })
            return anyRow && op_.accepts(pos, {inOut, static_cast<std::size_t>(inputCount + outputCount)}, inputCount);
        else return anyRow;
    }

    Status configurePlugin(const abi::LayerDescs* descs) noexcept override {
        return guard(name(), [&] {
            Layer next(*descs);
            next.keepChoices(layer_);
            layer_ = std::move(next);
            configured_ = true;
            configure();
        });
    }

    uint64_t getWorkspaceSize() const noexcept override {
        std::uint64_t size = 0;
        if constexpr (requires { op_.workspace(layer_); }) guard(name(), [&] { size = op_.workspace(layer_); });
        return size;
    }

    Status enqueue(const abi::EnqueueArgs* args) noexcept override {
        return guard(name(), [&] { runAny(op_, Launch(*args, layer_)); });
    }

    Status serialize(abi::ISink* sink) const noexcept override {
        Status written = Status::ok;
        const Status status = guard(name(), [&] {
            Writer w;
            writeFields(op_, w);
            written = sink->write(w.bytes.data(), w.bytes.size());
        });
        return status != Status::ok ? status : written;
    }

    IPlugin* clone() const noexcept override {
        IPlugin* copy = nullptr;
        guard(name(), [&] { copy = new PluginFor(*this); });
        return copy;
    }
    void destroy() noexcept override { delete this; }

    void* extension(const char* id) noexcept override {
        const std::string_view wanted(id);
        if constexpr (requires { op_.tactics(layer_); })
            if (wanted == ITactics::kId) return static_cast<ITactics*>(this);
        if constexpr (requires { op_.packedSize(0, layer_); })
            if (wanted == IPrepack::kId) return static_cast<IPrepack*>(this);
        if constexpr (requires { Op::alias; })
            if (wanted == IAlias::kId) return static_cast<IAlias*>(this);
        if constexpr (requires { op_.cost(layer_); })
            if (wanted == ICost::kId) return static_cast<ICost*>(this);
        if constexpr (graphCount() > 0)
            if (wanted == ISubgraphUser::kId) return static_cast<ISubgraphUser*>(this);
        if constexpr (requires { op_.extension(wanted); }) return op_.extension(wanted);
        return nullptr;
    }

    int32_t tacticCount() const noexcept override { return static_cast<int32_t>(tactics_.size()); }
    const char* tacticName(int32_t i) const noexcept override { return tactics_[static_cast<std::size_t>(i)].name.c_str(); }
    const char* declineReason(int32_t i) const noexcept override {
        const std::string& reason = tactics_[static_cast<std::size_t>(i)].declined;
        return reason.empty() ? nullptr : reason.c_str();
    }
    Status setTactic(const char* tactic) noexcept override {
        return guard(name(), [&] {
            layer_.setTactic(tactic);
            if (configured_) configure();
        });
    }

    uint64_t packedSize(int32_t index) const noexcept override {
        std::uint64_t size = 0;
        if constexpr (requires { op_.packedSize(index, layer_); }) guard(name(), [&] { size = op_.packedSize(index, layer_); });
        return size;
    }
    Status pack(int32_t index, const abi::TensorDesc*, const void* src, void* dst) const noexcept override {
        return guard(name(), [&] {
            if constexpr (requires { op_.pack(index, layer_, src, dst); }) op_.pack(index, layer_, src, dst);
        });
    }
    Status setPacked(int32_t index) noexcept override {
        return guard(name(), [&] {
            layer_.setPacked(index);
            if (configured_) configure();
        });
    }

    int32_t aliasedInput(int32_t output) const noexcept override {
        if constexpr (requires { Op::alias; }) return output == 0 ? Op::alias : -1;
        return -1;
    }
    bool isView(int32_t output) const noexcept override {
        if constexpr (requires { Op::view; }) return output == 0 && Op::view;
        return false;
    }

    int32_t subgraphCount() const noexcept override { return graphCount(); }
    const char* subgraphAttribute(int32_t index) const noexcept override {
        const char* found = nullptr;
        forGraphs([&](const auto& a) {
            if (index-- == 0) found = a.name;
        });
        return found;
    }
    Status setSubgraph(int32_t index, abi::ISubgraph* graph) noexcept override {
        forGraphs([&](const auto& a) {
            if (index-- == 0) (op_.*(a.member)).handle = graph;
        });
        return Status::ok;
    }

    double flops() const noexcept override { return cost().flops; }
    double bytes() const noexcept override { return cost().bytes; }

private:
    static const char* name() { return Op::identity.name; }

    // Calls body with every attribute that is a graph.
    template <class F>
    static constexpr void forGraphs(F&& body) {
        const auto one = [&](const auto& a) {
            using M = std::remove_cvref_t<decltype(std::declval<Op&>().*(a.member))>;
            if constexpr (std::is_same_v<M, Graph>) body(a);
        };
        std::apply([&](const auto&... a) { (one(a), ...); }, attributesOf<Op>());
    }
    static constexpr int graphCount() {
        int count = 0;
        forGraphs([&](const auto&) { ++count; });
        return count;
    }

    static abi::Location locationOf(int pos, int inputCount) {
        const bool onHost = std::string_view(deviceOf<Op>()) == "cpu" ||
                            (pos < inputCount && pos < 64 && ((shapeInputsOf<Op>() >> pos) & 1U) != 0);
        return onHost ? abi::Location::host : abi::Location::device;
    }

    // Finds the first row whose inputs take these types; an output has the type bound to its variable, or its only type.
    static void typesFromRows(std::span<const DataType> in, std::span<DataType> out) {
        for (const Row& r : Op::formats)
            if (assign(r, in, out)) return;
        std::string found;
        for (const DataType t : in)
            found += (found.empty() ? "" : ", ") + std::string(typeName(t));
        throw Error("does not take inputs of types (" + found + ")");
    }
    static bool assign(const Row& r, std::span<const DataType> in, std::span<DataType> out) {
        std::array<DataType, 128> bound{};
        for (std::size_t i = 0; i < in.size(); ++i) {
            const Slot* slot = r.inputs.at(static_cast<int>(i));
            if (slot == nullptr) return false;
            if (in[i] == DataType::undefined) {
                if (!slot->isOptional) return false;
                continue;
            }
            const DataType element = boundType(*slot, in[i]);
            DataType& known = bound[static_cast<std::size_t>(slot->variable)];
            if (!takes(*slot, in[i]) || (slot->variable != 0 && known != DataType::undefined && known != element)) return false;
            if (slot->variable != 0) known = element;
        }
        for (std::size_t i = 0; i < out.size(); ++i) {
            const Slot* slot = r.outputs.at(static_cast<int>(i));
            if (slot == nullptr) return false;
            const DataType element = slot->variable != 0 ? bound[static_cast<std::size_t>(slot->variable)]
                                                         : static_cast<DataType>(std::countr_zero(slot->types.bits));
            out[i] = slotType(*slot, element);
        }
        return true;
    }

    // Throws what op_.configure throws; lists tactics only once none was chosen yet.
    void configure() {
        if constexpr (requires { op_.configure(layer_); }) op_.configure(layer_);
        if constexpr (requires { op_.tactics(layer_); }) tactics_ = op_.tactics(layer_);
    }
    Cost cost() const {
        Cost c;
        if constexpr (requires { op_.cost(layer_); }) guard(name(), [&] { c = op_.cost(layer_); });
        return c;
    }

    Op op_;
    Layer layer_;
    std::vector<Tactic> tactics_;
    bool configured_ = false;
};

}  // namespace tenon::sdk
