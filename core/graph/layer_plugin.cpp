#include "layer_plugin.h"

#include <tenon/error.h>
#include <tenon/sdk/number.h>

#include <deque>

#include "runtime/nested_graph.h"

namespace tenon {

namespace {

// Keeps what the fields of one layer point to.
class FieldSet {
public:
    explicit FieldSet(const Attributes& attributes) {
        for (const auto& [name, value] : attributes)
            std::visit([&, n = name.c_str()](const auto& v) { add(n, v); }, value);
    }
    const std::vector<abi::Field>& fields() const { return fields_; }

private:
    void push(const char* name, abi::FieldType type, bool list, const void* data, std::size_t length) {
        fields_.push_back({name, type, list ? 1 : 0, data, static_cast<std::int64_t>(length)});
    }
    void add(const char* n, const std::int64_t& v) { push(n, abi::FieldType::int64, false, &v, 1); }
    void add(const char* n, const float& v) { push(n, abi::FieldType::float32, false, &v, 1); }
    void add(const char* n, const std::vector<std::int64_t>& v) { push(n, abi::FieldType::int64, true, v.data(), v.size()); }
    void add(const char* n, const std::vector<float>& v) { push(n, abi::FieldType::float32, true, v.data(), v.size()); }
    void add(const char* n, const std::string& v) { push(n, abi::FieldType::string, false, strings({&v, 1}), 1); }
    void add(const char* n, const std::vector<std::string>& v) { push(n, abi::FieldType::string, true, strings(v), v.size()); }
    void add(const char* n, const TensorValue& v) { push(n, abi::FieldType::tensor, false, tensors({&v, 1}), 1); }
    void add(const char* n, const std::vector<TensorValue>& v) { push(n, abi::FieldType::tensor, true, tensors(v), v.size()); }
    void add(const char* n, const std::shared_ptr<Graph>&) { push(n, abi::FieldType::graph, false, graphs(1), 1); }
    void add(const char* n, const std::vector<std::shared_ptr<Graph>>& v) {
        push(n, abi::FieldType::graph, true, graphs(v.size()), v.size());
    }

    const abi::StringRef* strings(std::span<const std::string> v) {
        auto& refs = strings_.emplace_back();
        for (const std::string& s : v)
            refs.push_back({s.data(), s.size()});
        return refs.data();
    }
    const abi::FieldTensor* tensors(std::span<const TensorValue> v) {
        auto& list = tensors_.emplace_back();
        for (const TensorValue& t : v) {
            abi::FieldTensor f{};
            f.desc.type = t.type;
            f.desc.dims.rank = static_cast<std::int32_t>(t.dims.size());
            if (t.dims.size() > abi::kMaxRank) throw Error(ErrorCode::badInput, "a tensor attribute has more than 16 dimensions");
            std::copy(t.dims.begin(), t.dims.end(), f.desc.dims.d);
            f.data = t.data.data();
            f.size = t.data.size();
            list.push_back(f);
        }
        return list.data();
    }
    abi::ISubgraph* const* graphs(std::size_t count) { return graphs_.emplace_back(count).data(); }

    std::vector<abi::Field> fields_;
    std::deque<std::vector<abi::StringRef>> strings_;
    std::deque<std::vector<abi::FieldTensor>> tensors_;
    std::deque<std::vector<abi::ISubgraph*>> graphs_;
};

abi::LayerInfo infoOf(const Layer& layer) {
    return {layer.name.c_str(), static_cast<std::int32_t>(layer.inputs.size()), static_cast<std::int32_t>(layer.outputs.size()),
            layer.opsetVersion, 0};
}

std::string range(int low, int high) {
    if (high < 0) return "at least " + std::to_string(low);
    return low == high ? std::to_string(low) : std::to_string(low) + " to " + std::to_string(high);
}

// Why the creator cannot serve the layer; empty when it can.
std::string mismatch(const CreatorRecord& c, const Layer& layer) {
    const auto outside = [](std::size_t n, int low, int high) {
        return static_cast<int>(n) < low || (high >= 0 && static_cast<int>(n) > high);
    };
    if (!layer.pluginVersion.empty() && layer.pluginVersion != c.version)
        return "has plugin_version \"" + c.version + "\", the layer asks for \"" + layer.pluginVersion + "\"";
    if (!layer.pluginNamespace.empty() && layer.pluginNamespace != c.pluginNamespace)
        return "has plugin_namespace \"" + c.pluginNamespace + "\", the layer asks for \"" + layer.pluginNamespace + "\"";
    const int opset = layer.opsetVersion;
    if (!implementsOpset(c, opset))
        return "implements opset " + std::to_string(c.sinceVersion) +
               (c.lastVersion != 0 ? ".." + std::to_string(c.lastVersion) : "+") + ", the layer " +
               (opset == 0 ? "has the newest form" : "is of opset " + std::to_string(opset));
    if (outside(layer.inputs.size(), c.minInputs, c.maxInputs))
        return "takes " + range(c.minInputs, c.maxInputs) + " inputs, the layer has " + std::to_string(layer.inputs.size());
    if (outside(layer.outputs.size(), c.minOutputs, c.maxOutputs))
        return "has " + range(c.minOutputs, c.maxOutputs) + " outputs, the layer has " + std::to_string(layer.outputs.size());
    return "";
}
}  // namespace

bool implementsOpset(const CreatorRecord& c, int opset) {
    if (opset == 0) return c.lastVersion == 0;
    return opset >= c.sinceVersion && (c.lastVersion == 0 || opset <= c.lastVersion);
}

std::vector<const CreatorRecord*> creatorsFor(const Registry& registry, const Layer& layer, std::vector<std::string>* reasons) {
    std::vector<const CreatorRecord*> fitting;
    for (const CreatorRecord* c : registry.find(layer.domain, layer.op)) {
        const std::string why = mismatch(*c, layer);
        if (why.empty()) fitting.push_back(c);
        else if (reasons != nullptr) reasons->push_back(c->implementation + ": " + why);
    }
    return fitting;
}

std::string pluginMessage(abi::Status status) {
    static constexpr const char* kNames[] = {"ok",           "declined",      "invalid argument", "corrupt data", "out of memory",
                                             "device error", "internal error"};
    std::string message = takePluginMessage();
    if (!message.empty()) return message;
    const auto i = static_cast<std::size_t>(status);
    return i < std::size(kNames) ? kNames[i] : "status " + std::to_string(i);
}

void attach(PluginPtr& plugin, std::vector<std::shared_ptr<abi::ISubgraph>> nested) {
    auto* user = static_cast<abi::ISubgraphUser*>(plugin->extension(abi::ISubgraphUser::kId));
    for (std::size_t i = 0; user != nullptr && i < nested.size(); ++i)
        if (user->setSubgraph(static_cast<std::int32_t>(i), nested[i].get()) != abi::Status::ok)
            throw Error(ErrorCode::pluginFailure, "a nested network is refused: " + pluginMessage(abi::Status::internal));
    plugin.get_deleter().nested = std::move(nested);
}

namespace {
void attachGraphs(const Registry& registry, const Layer& layer, PluginPtr& plugin) {
    auto* user = static_cast<abi::ISubgraphUser*>(plugin->extension(abi::ISubgraphUser::kId));
    if (user == nullptr) return;
    std::vector<std::shared_ptr<abi::ISubgraph>> nested;
    for (std::int32_t i = 0; i < user->subgraphCount(); ++i) {
        const char* name = user->subgraphAttribute(i);
        const auto found = name == nullptr ? layer.attributes.end() : layer.attributes.find(name);
        const auto* graph = found == layer.attributes.end() ? nullptr : std::get_if<std::shared_ptr<Graph>>(&found->second);
        nested.push_back(graph == nullptr ? nullptr : std::make_shared<NestedGraph>(*graph, registry));
    }
    attach(plugin, std::move(nested));
}
}  // namespace

PluginPtr createPlugin(const Registry& registry, const CreatorRecord& record, const Layer& layer) {
    const FieldSet fields(layer.attributes);
    const abi::LayerInfo info = infoOf(layer);
    takePluginMessage();
    PluginPtr plugin(
        registry.creator(record).create(&info, fields.fields().data(), static_cast<std::int32_t>(fields.fields().size())));
    if (!plugin)
        throw Error(ErrorCode::badInput,
                    layer.source + ": " + record.implementation + ": " + pluginMessage(abi::Status::invalidArgument));
    attachGraphs(registry, layer, plugin);
    return plugin;
}

PluginPtr deserializePlugin(const Registry& registry, const CreatorRecord& record, const Layer& layer,
                            std::span<const std::byte> bytes) {
    const abi::LayerInfo info = infoOf(layer);
    takePluginMessage();
    PluginPtr plugin(registry.creator(record).deserialize(&info, bytes.data(), bytes.size()));
    if (!plugin)
        throw Error(ErrorCode::badInput,
                    "layer '" + layer.name + "': " + record.implementation + ": " + pluginMessage(abi::Status::corruptData));
    return plugin;
}

std::vector<std::byte> serializePlugin(const abi::IPlugin& plugin) {
    struct Sink final : abi::ISink {
        std::vector<std::byte> bytes;
        abi::Status write(const void* data, std::uint64_t size) noexcept override {
            const auto* p = static_cast<const std::byte*>(data);
            if (size > 0) bytes.insert(bytes.end(), p, p + size);
            return abi::Status::ok;
        }
    } sink;
    const abi::Status status = plugin.serialize(&sink);
    if (status != abi::Status::ok) throw Error(ErrorCode::pluginFailure, "serialize: " + pluginMessage(status));
    return std::move(sink.bytes);
}

std::string explainMissing(const Registry& registry, const Layer& layer, const std::vector<std::string>& reasons) {
    std::string text = layer.source + ": no implementation of " + layer.qualifiedName();
    for (const std::string& r : reasons)
        text += "\n    " + r;
    if (registry.find(layer.domain, layer.op).empty()) {
        const auto near = registry.nearNames(layer.domain, layer.op);
        for (std::size_t i = 0; i < near.size(); ++i)
            text += (i == 0 ? "; similar: " : ", ") + near[i];
    }
    return text;
}

}  // namespace tenon
