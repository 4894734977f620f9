// tenon build: from an ONNX model to a plan file.
#include <tenon/error.h>

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <map>

#include "build_model.h"

namespace tenon::cli {

namespace {
// Found out before the work, not after it.
void checkWritable(const std::string& path) {
    namespace fs = std::filesystem;
    const fs::path folder = fs::absolute(path).parent_path();
    std::error_code error;
    if (!fs::is_directory(folder, error))
        throw Error(ErrorCode::badInput, path + ": the folder " + folder.string() + " does not exist");
    if (fs::is_directory(path, error)) throw Error(ErrorCode::badInput, path + ": is a folder");
}

// "12 layers: 9 onednn, 3 reference".
std::string layersText(const Engine& engine) {
    std::map<std::string, int> counts;
    for (const StepInfo& step : engine.steps())
        ++counts[step.implementation.empty() ? "copy" : step.implementation];
    std::string text = fmt::format("{} steps", engine.steps().size());
    bool isFirst = true;
    for (const auto& [name, count] : counts) {
        text += fmt::format("{}{} {}", isFirst ? ": " : ", ", count, name);
        isFirst = false;
    }
    return text;
}

int build(const std::string& model, const std::string& planFile, CommonOptions& common) {
    const auto begin = std::chrono::steady_clock::now();
    if (kindOf(model) != FileKind::model) throw Error(ErrorCode::badInput, model + ": is not an ONNX model");
    checkWritable(planFile);
    const auto registry = common.openRegistry();
    const Blob plan = buildModel(model, *registry, common);
    const Engine engine = Engine::load(plan, *registry);
    writeFile(planFile, {plan.data(), plan.size()});
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    fmt::print("{}: {:.2f} MiB, {}, built in {:.2f} s\n", planFile, static_cast<double>(plan.size()) / (1 << 20),
               layersText(engine), spent.count());
    return kOk;
}
}  // namespace

int buildCommand(Words words) {
    Arguments arguments("build MODEL.onnx -o FILE.plan [options]",
                        "Measures every implementation of every layer on this machine, chooses, and writes the plan. Ctrl-C "
                        "stops without writing.");
    std::string planFile;
    CommonOptions common(arguments);
    arguments.group("result");
    arguments.option("--saveEngine|-o", "FILE", "the plan file to write", planFile);
    common.addShapes();
    common.addBuild();
    common.addLibraries();
    const auto models = arguments.parse(words);
    if (!models) return kOk;
    if (models->size() != 1)
        throw UsageError(models->empty() ? "MODEL.onnx is missing" : "one model is wanted, found also '" + (*models)[1] + "'");
    if (planFile.empty()) throw UsageError("-o FILE.plan is missing");
    common.finishProfile();
    return build(models->front(), planFile, common);
}

}  // namespace tenon::cli
