// The entrance: a model's functions, its opsets, one message of all problems.
#include <tenon/error.h>
#include <tenon/logger.h>
#include <tenon/onnx.h>

#include <new>

#include "graph_importer.h"
#include "names.h"

namespace tenon {

namespace {
std::string joined(const ImportContext& context) {
    const Problems& problems = context.problems;
    std::string text =
        context.file.name + ": " + std::to_string(problems.count()) + (problems.count() == 1 ? " problem:" : " problems:");
    for (const std::string& problem : problems.texts())
        text += "\n  " + problem;
    if (problems.count() > problems.texts().size())
        text += "\n  and " + std::to_string(problems.count() - problems.texts().size()) + " more";
    if (!context.isMissingOperators) return text;
    text += "\nsearched for libraries in:";
    for (const std::string& place : context.registry.searched())
        text += "\n    " + place;
    if (context.registry.searched().empty()) text += " nowhere";
    return text +
           "\ngive the library that implements it with --plugin FILE or in TENON_PLUGIN_PATH; `tenon plugins list` shows what "
           "was found";
}

Network import(ModelFile file, const Registry& registry) {
    ImportContext context{registry, file, {file.folder, file.proto, nullptr}};
    context.source.memory = &context.memory;
    OpsetMap opsets;
    for (const auto& o : file.proto->opset_import())
        if (const auto [known, isNew] = opsets.try_emplace(domainOf(o.domain()), o.version());
            !isNew && known->second != o.version())
            context.problems.add("opset_import: two versions of domain " + shownName(o.domain()) + " are imported");
    if (opsets.empty()) opsets[""] = 1;  // the first IR versions had no operator sets
    for (const auto& f : file.proto->functions())
        if (!context.functions.emplace(keyOf(f), &f).second)
            context.problems.add("function " + shownName(f.domain() + "::" + f.name()) + " is defined twice");
    Network network(file.proto->graph().name());
    try {
        GraphImporter(context, network.graph(), nullptr, 0).import(file.proto->graph(), opsets);
    } catch (const Error& e) {
        context.problems.add(e.what());
    }
    if (network.graph().outputs.empty() && context.problems.empty()) context.problems.add("the graph has no outputs");
    if (!context.problems.empty())
        throw Error(context.isMissingOperators ? ErrorCode::unsupported : ErrorCode::badInput, joined(context));
    verify(network.graph());
    log(LogLevel::info, LogTopic::import, file.name + ": " + std::to_string(network.graph().layers.size()) + " layers");
    return network;
}
}  // namespace

Network importOnnx(const std::string& path, const Registry& registry) try {
    return import(readModel(path), registry);
} catch (const std::bad_alloc&) {
    throw Error(ErrorCode::outOfMemory, path + ": there is not enough memory to read the model");
}

Network importOnnx(std::span<const std::byte> model, const Registry& registry, const std::string& folder) try {
    return import(parseModel(model.data(), model.size(), folder, "model"), registry);
} catch (const std::bad_alloc&) {
    throw Error(ErrorCode::outOfMemory, "model: there is not enough memory to read it");
}

}  // namespace tenon
