// Loading: everything is checked before anything is executed.
#include <tenon/abi/extensions.h>
#include <tenon/error.h>
#include <tenon/logger.h>

#include "engine_data.h"
#include "plan/string_weights.h"
#include "tensor_desc.h"

#include <fmt/format.h>

#include <chrono>

namespace tenon {

namespace {
class Loader {
public:
    Loader(PlanContents plan, const Registry& registry) : data_(std::make_shared<EngineData>()), registry_(registry) {
        data_->plan = std::move(plan);
        data_->registry = &registry;
    }

    std::shared_ptr<EngineData> operator()() {
        const auto& plan = data_->plan.description;
        for (const auto& library : plan.libraries())
            checkLibrary(library);
        if (plan.device() != "cpu") openDevice(plan.device());
        for (const auto& layer : plan.layers())
            data_->layers.push_back(load(layer));
        placeWeights();
        for (const auto& io : plan.inputs())
            data_->inputs.push_back(describe(io));
        for (const auto& io : plan.outputs())
            data_->outputs.push_back(describe(io));
        return data_;
    }

private:
    // The library by name; its version and digest must be those the plan was tuned with.
    void checkLibrary(const proto::Library& wanted) const {
        const auto& libraries = registry_.libraries();
        for (std::size_t i = 0; i < libraries.size(); ++i) {
            if (libraries[i].name != wanted.name() || !libraries[i].refused.empty()) continue;
            const std::uint64_t digest = registry_.digest(static_cast<int>(i));
            if (libraries[i].version == wanted.version() && digest == wanted.digest()) return;
            throw Error(ErrorCode::badInput, fmt::format("plan: made with library {} {} (digest {:016x}), but {} is version {} "
                                                         "(digest {:016x}); build the plan again with `tenon build`",
                                                         wanted.name(), wanted.version(), wanted.digest(), libraries[i].path,
                                                         libraries[i].version, digest));
        }
        std::string text =
            fmt::format("plan: needs library {} {}, which was not found; searched", wanted.name(), wanted.version());
        for (const std::string& place : registry_.searched())
            text += " " + place;
        throw Error(ErrorCode::badInput, text + "; give it with --plugin FILE or in TENON_PLUGIN_PATH");
    }

    void openDevice(const std::string& name) {
        std::string why;
        data_->device = registry_.device(name, &why);
        if (data_->device == nullptr)
            throw Error(ErrorCode::unsupported, "plan: made for device '" + name + "', which cannot be used here: " + why);
        const std::string& wanted = data_->plan.description.device_description();
        if (wanted != data_->device->description())
            log(LogLevel::warning, LogTopic::load,
                "plan: tuned for '" + wanted + "', this is '" + data_->device->description() + "'; build again for best speed");
    }

    EngineLayer load(const proto::Layer& layer) {
        EngineLayer out;
        out.description = &layer;
        out.who = "layer '" + layer.name() + "'";
        out.info = {layer.name(),           layer.op().empty() ? "copy" : layer.op(),
                    layer.implementation(), layer.tactic(),
                    formats(layer),         "cpu",
                    layer.shape_phase()};
        if (layer.kind() != proto::Layer::PLUGIN) {
            if (data_->device == nullptr)
                throw Error(ErrorCode::badInput, "plan: " + out.who + " copies to a device, but the plan has none");
            out.info.device = data_->plan.description.device();
            return out;
        }
        out.creator = creatorOf(layer);
        out.info.device = out.creator->device;
        if (out.creator->device != "cpu" && out.creator->device != data_->plan.description.device())
            throw Error(ErrorCode::badInput, "plan: " + out.who + " runs on device '" + out.creator->device +
                                                 "', the plan is for '" + data_->plan.description.device() + "'");
        Layer shell;
        shell.name = layer.name();
        shell.domain = layer.domain();
        shell.op = layer.op();
        shell.opsetVersion = layer.opset();
        shell.inputs.assign(layer.inputs().begin(), layer.inputs().end());
        shell.outputs.assign(layer.outputs().begin(), layer.outputs().end());
        checkCount(layer, *out.creator);
        loadNestedPlans(layer, out);
        out.prototype = deserializePlugin(registry_, *out.creator, shell, std::as_bytes(std::span(layer.plugin())));
        applyChoices(layer, *out.prototype, out.who);
        return out;
    }

    void loadNestedPlans(const proto::Layer& layer, EngineLayer& out) const {
        for (const auto& nested : layer.nested()) {
            const auto index = static_cast<std::size_t>(nested.index());
            if (index >= out.nested.size()) out.nested.resize(index + 1);
            out.nested[index] = loadNested({nested.plan(), data_->plan.weights}, registry_);
        }
    }

    static void checkCount(const proto::Layer& layer, const CreatorRecord& c) {
        const bool inputsOk = layer.inputs_size() >= c.minInputs && (c.maxInputs < 0 || layer.inputs_size() <= c.maxInputs);
        const bool outputsOk = layer.outputs_size() >= c.minOutputs && (c.maxOutputs < 0 || layer.outputs_size() <= c.maxOutputs);
        if (!inputsOk || !outputsOk)
            throw Error(ErrorCode::badInput, fmt::format("plan: layer '{}' has {} inputs and {} outputs, which {} does not take",
                                                         layer.name(), layer.inputs_size(), layer.outputs_size(), c.name));
    }

    const CreatorRecord* creatorOf(const proto::Layer& layer) const {
        for (const CreatorRecord* c : registry_.find(layer.domain(), layer.op()))
            if (c->implementation == layer.implementation() && c->version == layer.version() &&
                c->pluginNamespace == layer.plugin_namespace() && implementsOpset(*c, layer.opset()))
                return c;
        throw Error(ErrorCode::badInput, fmt::format("plan: layer '{}' needs implementation {} of {}, which no library here has",
                                                     layer.name(), layer.implementation(), layer.op()));
    }

    static void applyChoices(const proto::Layer& layer, abi::IPlugin& plugin, const std::string& who) {
        if (!layer.tactic().empty()) {
            auto* tactics = static_cast<abi::ITactics*>(plugin.extension(abi::ITactics::kId));
            if (tactics == nullptr || tactics->setTactic(layer.tactic().c_str()) != abi::Status::ok)
                throw Error(ErrorCode::badInput,
                            "plan: " + who + ": tactic '" + layer.tactic() + "' is not offered: " + takePluginMessage());
        }
        for (int i = 0; i < 64; ++i) {
            if (((layer.packed_inputs() >> i) & 1U) == 0) continue;
            auto* prepack = static_cast<abi::IPrepack*>(plugin.extension(abi::IPrepack::kId));
            if (prepack == nullptr || i >= layer.inputs_size() || prepack->setPacked(i) != abi::Status::ok)
                throw Error(ErrorCode::badInput, "plan: " + who + ": input " + std::to_string(i) +
                                                     " is packed, which the plugin does not take: " + takePluginMessage());
        }
    }

    std::string formats(const proto::Layer& layer) const {
        const auto list = [&](const auto& ids) {
            std::string s;
            for (const int id : ids) {
                if (!s.empty()) s += ",";
                if (id < 0) s += "_";
                else {
                    const auto& t = data_->plan.description.tensors(id);
                    s += std::string(typeName(static_cast<DataType>(t.type()))) + ":" +
                         layoutName(static_cast<abi::Layout>(t.layout()));
                }
            }
            return s;
        };
        return list(layer.outputs()) + " <- " + list(layer.inputs());
    }

    void placeWeights() {
        const auto& plan = data_->plan.description;
        data_->constants.assign(static_cast<std::size_t>(plan.tensors_size()), nullptr);
        const Stream stream(data_->device);
        for (int i = 0; i < plan.tensors_size(); ++i) {
            const auto& t = plan.tensors(i);
            if (t.weight() == 0) continue;
            Blob w = data_->plan.weights[static_cast<std::size_t>(t.weight() - 1)];
            if (static_cast<DataType>(t.type()) == DataType::string) {
                w = unpackStrings(w, elementCount({t.dims().d().data(), static_cast<std::size_t>(t.dims().d_size())}));
                data_->strings.push_back(w);
            }
            const bool onDevice = static_cast<abi::Location>(t.location()) == abi::Location::device;
            if (onDevice && data_->device == nullptr)
                throw Error(ErrorCode::badInput, "plan: constant '" + t.name() + "' lies on a device, but the plan has none");
            (onDevice ? data_->deviceWeightBytes : data_->hostWeightBytes) += w.size();
            data_->constants[static_cast<std::size_t>(i)] = w.data();
            if (!onDevice) continue;
            data_->deviceWeights.emplace_back(data_->device, w.size());
            stream.copy(data_->deviceWeights.back().data(), w.data(), w.size(), abi::CopyKind::hostToDevice);
            data_->constants[static_cast<std::size_t>(i)] = data_->deviceWeights.back().data();
        }
        stream.synchronize();
    }

    IoInfo describe(const proto::Io& io) const {
        IoInfo info{io.name(), static_cast<DataType>(data_->plan.description.tensors(io.tensor()).type()),
                    {},        io.rank_known(),
                    {},        io.shape_input()};
        for (const std::string& d : io.dims()) {
            char* end = nullptr;
            const std::int64_t n = std::strtoll(d.c_str(), &end, 10);
            if (!d.empty() && *end == 0) info.dims.emplace_back(n);
            else info.dims.emplace_back(d);
        }
        const auto list = [](const proto::Dims& d) { return Dims(d.d().begin(), d.d().end()); };
        info.range = {list(io.min()), list(io.opt()), list(io.max())};
        return info;
    }

    std::shared_ptr<EngineData> data_;
    const Registry& registry_;
};
}  // namespace

std::shared_ptr<const EngineData> loadNested(PlanContents plan, const Registry& registry) {
    return Loader(std::move(plan), registry)();
}

Engine::Engine(std::shared_ptr<const EngineData> data) : data_(std::move(data)) {}

Engine Engine::load(const std::string& path, const Registry& registry) {
    const Blob file = mapFile(path);
    try {
        return load(file, registry);
    } catch (const Error& e) {
        throw Error(e.code(), path + ": " + e.what());
    }
}

Engine Engine::load(Blob plan, const Registry& registry) {
    const auto begin = std::chrono::steady_clock::now();
    Engine engine(Loader(parsePlan(plan), registry)());
    const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - begin;
    log(LogLevel::info, LogTopic::load, fmt::format("plan '{}' loaded in {:.2f} ms", engine.name(), spent.count()));
    return engine;
}

const std::string& Engine::name() const { return data_->plan.description.name(); }
const std::vector<IoInfo>& Engine::inputs() const { return data_->inputs; }
const std::vector<IoInfo>& Engine::outputs() const { return data_->outputs; }

std::vector<StepInfo> Engine::steps() const {
    std::vector<StepInfo> steps;
    for (const EngineLayer& layer : data_->layers)
        steps.push_back(layer.info);
    return steps;
}

std::string Engine::toString() const {
    const auto& plan = data_->plan.description;
    std::string s = fmt::format("plan {} (Tenon {}), device {} ({}), {} threads\n", plan.name(), plan.tenon_version(),
                                plan.device(), plan.device_description(), plan.threads());
    for (const auto& l : plan.libraries())
        s += fmt::format("  library {} {} digest {:016x}\n", l.name(), l.version(), l.digest());
    const auto io = [&](const char* kind, const IoInfo& info) {
        s += fmt::format("  {} {}: {}[", kind, info.name, typeName(info.type));
        for (std::size_t i = 0; i < info.dims.size(); ++i)
            s += (i == 0 ? "" : ",") + (info.dims[i].isNamed() ? info.dims[i].name() : std::to_string(info.dims[i].value()));
        s += "]";
        if (!info.range.opt.empty())
            s += " min " + tenon::toString(info.range.min) + " opt " + tenon::toString(info.range.opt) + " max " +
                 tenon::toString(info.range.max);
        s += info.isShapeInput ? " (content decides shapes)\n" : "\n";
    };
    for (const IoInfo& info : data_->inputs)
        io("input", info);
    for (const IoInfo& info : data_->outputs)
        io("output", info);
    for (const EngineLayer& layer : data_->layers)
        s += fmt::format("  {:<32} {:<20} {:<16} {:<12} {}{}\n", layer.info.name, layer.info.op, layer.info.implementation,
                         layer.info.tactic, layer.info.formats, layer.info.inShapePhase ? " (shape phase)" : "");
    s += fmt::format("  weights: {} bytes used in place, {} bytes on the device\n", data_->hostWeightBytes,
                     data_->deviceWeightBytes);
    return s;
}

std::unique_ptr<Context> Engine::createContext() const { return makeContext(data_); }

}  // namespace tenon
