// tenon inspect: what is in a model, a plan or a plugin library.
#include <tenon/error.h>
#include <tenon/onnx.h>

#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "build_model.h"
#include "library_text.h"
#include "model_facts.h"

namespace tenon::cli {

namespace {
// "onednn, reference", or that there is none.
std::string implementationsText(const Registry& registry, const OperatorUse& use) {
    std::set<std::string> names;
    for (const CreatorRecord* c : registry.find(use.domain, use.op))
        names.insert(c->implementation);
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? "NO IMPLEMENTATION" : text;
}

int inspectModel(const std::string& path, const Registry& registry, bool allLayers) {
    const Network network = importOnnx(path, registry);
    fmt::print("model {} ({:.2f} MiB)\n", path, static_cast<double>(std::filesystem::file_size(path)) / (1 << 20));
    for (const IoInfo& in : inputsOf(network))
        fmt::print("  input  {}: {}{}\n", in.name, typeName(in.type), dimsText(in));
    for (const std::string& name : outputNamesOf(network))
        fmt::print("  output {}\n", name);
    int layers = 0;
    const auto operators = operatorsOf(network);
    for (const OperatorUse& use : operators)
        layers += use.count;
    fmt::print("  {} layers of {} operators (after import):\n", layers, operators.size());
    for (const OperatorUse& use : operators)
        fmt::print("  {:>6}  {:<32} {}\n", use.count, use.qualifiedName(), implementationsText(registry, use));
    if (allLayers) fmt::print("{}", network.toString());
    return kOk;
}

int inspectLibrary(const std::string& path, const CommonOptions& common) {
    RegistryOptions options = common.registryOptions();
    options.libraries = {path};
    options.useDefaultPath = false;
    const auto registry = CommonOptions::openRegistry(options);
    fmt::print("{}", libraryText(registry->libraries().front(), *registry));
    return kOk;
}
}  // namespace

int inspectCommand(Words words) {
    Arguments arguments(
        "inspect MODEL.onnx|FILE.plan|LIBRARY.so [options]",
        "Describes the file: a model's inputs, outputs and operators, and who implements them; a plan's libraries and layers;\n"
        "a library's manifest with all operators and their attributes.");
    bool allLayers = false;
    CommonOptions common(arguments);
    arguments.group("what to show");
    arguments.flag("--layers", "of a model: every layer, too", allLayers);
    common.addLibraries();
    const auto files = arguments.parse(words);
    if (!files) return kOk;
    if (files->size() != 1)
        throw UsageError(files->empty() ? "MODEL, PLAN or LIBRARY is missing"
                                        : "one file is wanted, found also '" + (*files)[1] + "'");
    const std::string& file = files->front();
    const FileKind kind = kindOf(file);
    if (kind == FileKind::library) return inspectLibrary(file, common);
    const auto registry = common.openRegistry();
    if (kind == FileKind::model) return inspectModel(file, *registry, allLayers);
    fmt::print("{}", Engine::load(file, *registry).toString());
    return kOk;
}

}  // namespace tenon::cli
