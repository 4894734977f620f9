// The entrance: a model's functions, its opsets, one message of all problems.
#include <tenon/error.h>
#include <tenon/logger.h>
#include <tenon/onnx.h>

#include "graph_importer.h"

namespace tenon {

namespace {
std::string domainOf(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

std::string joined(const ImportContext& context) {
    constexpr std::size_t kShown = 50;
    std::string text = context.file.name + ": " + std::to_string(context.problems.size()) + (context.problems.size() == 1 ? " problem:" : " problems:");
    for (std::size_t i = 0; i < context.problems.size() && i < kShown; ++i) text += "\n  " + context.problems[i];
    if (context.problems.size() > kShown) text += "\n  and " + std::to_string(context.problems.size() - kShown) + " more";
    if (text.find("no implementation of") == std::string::npos) return text;
    text += "\nsearched for libraries in:";
    for (const std::string& place : context.registry.searched()) text += "\n    " + place;
    if (context.registry.searched().empty()) text += " nowhere";
    return text + "\ngive the library that implements it with --plugin FILE or in TENON_PLUGIN_PATH; `tenon plugins list` shows what was found";
}

Network import(ModelFile file, const Registry& registry) {
    ImportContext context{registry, file, {file.folder, file.proto}, {}, {}, 0};
    OpsetMap opsets;
    for (const auto& o : file.proto->opset_import()) opsets[domainOf(o.domain())] = o.version();
    opsets.try_emplace("", 1);
    for (const auto& f : file.proto->functions())
        if (!context.functions.emplace(std::pair(domainOf(f.domain()), f.name()), &f).second)
            context.problems.push_back("function " + f.domain() + "::" + f.name() + " is defined twice");
    Network network(file.proto->graph().name());
    GraphImporter(context, network.graph(), nullptr, 0).import(file.proto->graph(), opsets);
    if (network.graph().outputs.empty() && context.problems.empty()) context.problems.emplace_back("the graph has no outputs");
    if (!context.problems.empty()) {
        const std::string text = joined(context);
        throw Error(text.find("no implementation of") != std::string::npos ? ErrorCode::unsupported : ErrorCode::badInput, text);
    }
    verify(network.graph());
    log(LogLevel::info, LogTopic::import, file.name + ": " + std::to_string(network.graph().layers.size()) + " layers");
    return network;
}
}  // namespace

Network importOnnx(const std::string& path, const Registry& registry) { return import(readModel(path), registry); }

Network importOnnx(std::span<const std::byte> model, const Registry& registry, const std::string& folder) {
    return import(parseModel(model.data(), model.size(), folder, "model"), registry);
}

}  // namespace tenon
