// tenon run: one inference on given or random inputs.
#include <tenon/error.h>

#include <fmt/format.h>

#include "build_model.h"
#include "model_facts.h"
#include "tensor_file.h"
#include "tensor_statistics.h"

namespace tenon::cli {

namespace {
struct Settings {
    std::map<std::string, std::string> inputFiles, outputFiles;  // by tensor name
    std::uint64_t seed = 1;
    int top = 0;
};

// "name=file"; a file alone belongs to the only tensor, which is found later under "".
std::pair<std::string, std::string> nameAndFile(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) return {"", text};
    return {text.substr(0, equals), text.substr(equals + 1)};
}

// Gives a file without a name to the only tensor and refuses names that no tensor has.
void resolveNames(std::map<std::string, std::string>& files, const std::vector<IoInfo>& tensors, const char* what) {
    const auto nameless = files.find("");
    if (nameless != files.end()) {
        if (tensors.size() != 1)
            throw UsageError(fmt::format("--{}: there are {} {}s; NAME=FILE says which is meant", what, tensors.size(), what));
        files[tensors[0].name] = nameless->second;
        files.erase("");
    }
    std::string known;
    for (const IoInfo& t : tensors)
        known += (known.empty() ? "" : ", ") + t.name;
    for (const auto& [name, file] : files) {
        const bool found = std::any_of(tensors.begin(), tensors.end(), [&](const IoInfo& t) { return t.name == name; });
        if (!found) throw UsageError(fmt::format("--{}: there is no {} '{}'; there are: {}", what, what, name, known));
    }
}

std::vector<TensorValue> makeInputs(const Engine& engine, const Settings& settings, const CommonOptions& common) {
    std::vector<TensorValue> inputs;
    for (const IoInfo& info : engine.inputs()) {
        const auto file = settings.inputFiles.find(info.name);
        if (file != settings.inputFiles.end()) inputs.push_back(readTensorFile(file->second, info));
        else inputs.push_back(randomTensor(info.type, shapeToRun(info, common), settings.seed + inputs.size()));
        const std::string source =
            file != settings.inputFiles.end() ? file->second : fmt::format("random, seed {}", settings.seed);
        fmt::print("input  {} {}{} ({}): {}\n", info.name, typeName(info.type), toString(inputs.back().dims), source,
                   statisticsText(inputs.back()));
    }
    return inputs;
}

void printOutput(const std::string& name, const TensorValue& value, int top) {
    fmt::print("output {} {}{}: {}\n", name, typeName(value.type), toString(value.dims), statisticsText(value));
    for (const auto& [position, number] : largestElements(value, static_cast<std::size_t>(top)))
        fmt::print("    {} {:.6g}\n", toString(position), number);
}

// Input files say which shapes to build for, where no shape option does, and the content of inputs that decide shapes.
void profileFromFiles(const Network& network, const Settings& settings, Profile& profile) {
    auto files = settings.inputFiles;
    const auto inputs = inputsOf(network);
    resolveNames(files, inputs, "input");
    for (const IoInfo& info : inputs) {
        const auto file = files.find(info.name);
        if (file == files.end()) continue;
        const TensorValue value = readTensorFile(file->second, info);
        profile.shapes.try_emplace(info.name, ShapeRange{value.dims, value.dims, value.dims});
        profile.values[info.name] = value;
    }
}

int run(const std::string& file, Settings& settings, CommonOptions& common) {
    const auto registry = common.openRegistry();
    const Engine engine = openEngine(
        file, *registry, common, [&](const Network& network, Profile& profile) { profileFromFiles(network, settings, profile); });
    resolveNames(settings.inputFiles, engine.inputs(), "input");
    resolveNames(settings.outputFiles, engine.outputs(), "output");
    const auto inputs = makeInputs(engine, settings, common);
    const auto context = engine.createContext();
    if (common.builder().threads > 0) context->setThreads(common.builder().threads);
    const auto outputs = context->run(inputs);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const std::string& name = engine.outputs()[i].name;
        printOutput(name, outputs[i], settings.top);
        const auto target = settings.outputFiles.find(name);
        if (target != settings.outputFiles.end()) writeTensorFile(target->second, name, outputs[i]);
    }
    return kOk;
}
}  // namespace

int runCommand(Words words) {
    Arguments arguments(
        "run MODEL.onnx|FILE.plan [options]",
        "Runs once and prints the shape and statistics of every input and output. Inputs without a file are random.");
    Settings settings;
    CommonOptions common(arguments);
    arguments.group("inputs and outputs");
    arguments.option("--input", "NAME=FILE", "read an input from .npy, .pb, .pgm or .ppm (repeatable)",
                     [&](const std::string& v) { settings.inputFiles.insert(nameAndFile(v)); });
    arguments.option("--output", "NAME=FILE", "write an output to .npy or .pb (repeatable)", [&](const std::string& v) {
        const auto [name, file] = nameAndFile(v);
        checkOutputName(file);
        settings.outputFiles[name] = file;
    });
    arguments.option("--seed", "S", "of the random inputs (default 1)", settings.seed);
    arguments.option("--top", "K", "print the K largest elements of every output", settings.top, 0, 1000000);
    common.addShapes();
    common.addBuild();
    common.addLibraries();
    const auto files = arguments.parse(words);
    if (!files) return kOk;
    if (files->size() != 1)
        throw UsageError(files->empty() ? "MODEL or PLAN is missing" : "one file is wanted, found also '" + (*files)[1] + "'");
    common.finishProfile();
    return run(files->front(), settings, common);
}

}  // namespace tenon::cli
