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

std::string joined(const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& s : list)
        text += (text.empty() ? "" : ", ") + s;
    return text;
}

// Families that come with Tenon, for operators whose library is not found.
std::string homeOf(const OperatorSupport& use) {
    static constexpr std::pair<std::string_view, std::string_view> kHomes[] = {
        {"", "reference"}, {"ai.onnx.ml", "ml"}, {"com.microsoft", "microsoft"}, {"trt.plugins", "tensorrt"}};
    for (const auto& [domain, library] : kHomes)
        if (use.domain == domain) return fmt::format("; operators of this domain are in Tenon's library {}", library);
    return "; a library of your own must provide it";
}

// Lists every operator; the exit code says whether all have an implementation.
int showSupport(const std::string& path, const Registry& registry) {
    const auto uses = surveyOperators(path, registry);
    std::size_t missing = 0;
    fmt::print("{:>6}  {:<40} {:>7}  {}\n", "nodes", "operator", "version", "provided by");
    for (const OperatorSupport& use : uses) {
        const std::string name = use.domain.empty() ? use.name : use.domain + "::" + use.name;
        fmt::print("{:>6}  {:<40} {:>7}  {}\n", use.count, name, use.version,
                   use.providers.empty() ? "NOT SUPPORTED" : joined(use.providers));
        if (!use.providers.empty()) continue;
        ++missing;
        if (!use.similar.empty()) fmt::print("{:>8}similar: {}\n", "", joined(use.similar));
        for (const std::string& node : use.nodes)
            fmt::print("{:>8}{}\n", "", node);
        fmt::print("{:>8}no library that was found has it{}\n", "", homeOf(use));
    }
    fmt::print("{} operators, {} not supported\n", uses.size(), missing);
    if (missing > 0) {
        fmt::print("searched for libraries in:\n");
        for (const std::string& place : registry.searched())
            fmt::print("  {}\n", place);
    }
    return missing == 0 ? kOk : kFailed;
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
    bool allLayers = false, support = false;
    CommonOptions common(arguments);
    arguments.group("what to show");
    arguments.flag("--layers", "of a model: every layer, too", allLayers);
    arguments.flag("--support", "of a model: every operator, whether it is supported, and by whom; exit code 1 when one is not",
                   support);
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
    if (support && kind != FileKind::model) throw UsageError("--support is for models");
    if (support) return showSupport(file, *registry);
    if (kind == FileKind::model) return inspectModel(file, *registry, allLayers);
    fmt::print("{}", Engine::load(file, *registry).toString());
    return kOk;
}

}  // namespace tenon::cli
