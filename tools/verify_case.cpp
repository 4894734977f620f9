#include "verify_case.h"

#include <tenon/engine.h>
#include <tenon/error.h>
#include <tenon/onnx.h>
#include <tenon/registry/registry.h>
#include <tenon/sdk/launch.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "graph/graph.h"
#include "model_facts.h"
#include "tactics/compare.h"

namespace tenon::cli {

namespace fs = std::filesystem;

namespace {
// Something that Tenon declines to do, as opposed to doing it wrong.
struct Refused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Lines joined by "; ", without their indentation.
std::string oneLine(const std::string& text) {
    std::string line;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::size_t begin = std::min(text.find_first_not_of(" \t\n", at), text.size());
        if (begin < end) {
            if (!line.empty()) line += line.back() == ':' ? " " : "; ";
            line += text.substr(begin, end - begin);
        }
        at = end + 1;
    }
    return line;
}

template <class F>
auto refusing(F&& body) {
    try {
        return body();
    } catch (const Error& e) {
        if (e.code() == ErrorCode::unsupported || e.code() == ErrorCode::badInput) throw Refused(e.what());
        throw;
    }
}

// At run time only a plugin that declines is a refusal.
template <class F>
auto declining(F&& body) {
    try {
        return body();
    } catch (const Error& e) {
        if (e.code() == ErrorCode::unsupported) throw Refused(e.what());
        throw;
    }
}

// input_0.pb, input_1.pb, ... until one is missing.
std::vector<std::string> numbered(const fs::path& set, const char* stem) {
    std::vector<std::string> files;
    for (;;) {
        const fs::path file = set / fmt::format("{}_{}.pb", stem, files.size());
        if (!fs::exists(file)) return files;
        files.push_back(file.string());
    }
}

std::vector<fs::path> dataSets(const fs::path& folder) {
    std::vector<fs::path> sets;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.is_directory() && entry.path().filename().string().starts_with("test_data_set_")) sets.push_back(entry.path());
    std::sort(sets.begin(), sets.end());
    return sets;
}

double largestMagnitude(const TensorValue& v) {
    double largest = 0;
    if (!sdk::floats.has(v.type)) return largest;
    sdk::dispatch<sdk::floats>(v.type, [&]<class T>() {
        const T* p = reinterpret_cast<const T*>(v.data.data());
        for (std::int64_t i = 0; i < elementCount(v.dims); ++i)
            if (const double a = std::fabs(static_cast<double>(p[i])); std::isfinite(a)) largest = std::max(largest, a);
    });
    return largest;
}

class Case {
public:
    Case(const fs::path& folder, const Registry& registry, const VerifyOptions& options)
        : folder_(folder),
          registry_(registry),
          options_(options),
          network_(refusing([&] { return importOnnx((folder / "model.onnx").string(), registry); })) {}

    // The first disagreement; empty when all data sets agree.
    std::string firstDifference() {
        const auto sets = dataSets(folder_);
        if (sets.empty()) throw Refused("the folder has no test_data_set_*");
        for (const fs::path& set : sets) {
            std::string text = differenceOf(set);
            if (!text.empty()) return sets.size() == 1 ? text : set.filename().string() + ": " + text;
        }
        return "";
    }

    // What draws random numbers, which cannot be those that were recorded: then types and shapes are compared. Else empty.
    std::string randomLayer() const {
        for (const Layer& layer : network_.graph().layers)
            for (const CreatorRecord* c : registry_.find(layer.domain, layer.op))
                if ((c->flags & abi::kNotFoldable) != 0) return layer.qualifiedName();
        return "";
    }

private:
    std::vector<TensorValue> readInputs(const fs::path& set) {
        const auto files = numbered(set, "input");
        const auto inputs = inputsOf(network_);
        if (files.size() != inputs.size())
            throw Refused(fmt::format("the model has {} inputs, {} has {} input files", inputs.size(), set.filename().string(),
                                      files.size()));
        std::vector<TensorValue> values;
        for (const std::string& file : files) {
            values.push_back(asDeclared(refusing([&] { return readValueProto(file, inputs[values.size()].type); }),
                                        inputs[values.size()].type));
            adoptDims(values.size() - 1, values.back());
            refuseType("input '" + inputs[values.size() - 1].name + "'", inputs[values.size() - 1].type, values.back().type);
        }
        return values;
    }

    // The data decide where the model declares other dims, as in some of ONNX's own cases.
    void adoptDims(std::size_t input, const TensorValue& value) {
        Graph& graph = network_.graph();
        SymbolicShape& shape = graph.tensors[static_cast<std::size_t>(graph.inputs[input])].shape;
        bool isSame = shape.rank < 0 || shape.dims.size() == value.dims.size();
        for (std::size_t i = 0; isSame && shape.rank >= 0 && i < shape.dims.size(); ++i)
            isSame = shape.dims[i] == nullptr || !shape.dims[i]->isConstant() || shape.dims[i]->constantValue() == value.dims[i];
        if (!isSame) shape = constantShape(*graph.expressions, value.dims);
    }

    // numpy has no bfloat16: ONNX's own cases keep its bits as uint16.
    static TensorValue asDeclared(TensorValue value, DataType declared) {
        if (declared == DataType::bf16 && value.type == DataType::u16) value.type = declared;
        return value;
    }

    // Data of another type than the model declares: the files contradict each other.
    static void refuseType(const std::string& what, DataType declared, DataType found) {
        if (declared != found)
            throw Refused(
                fmt::format("{} is {} in the model but {} in its data file", what, typeName(declared), typeName(found)));
    }

    // The profile of exactly these inputs. Content is given where it may decide shapes.
    BuilderOptions optionsFor(const std::vector<TensorValue>& values) const {
        constexpr std::size_t kSmall = 4096;  // bytes
        BuilderOptions builder = options_.builder;
        const auto inputs = inputsOf(network_);
        for (std::size_t i = 0; i < values.size(); ++i) {
            builder.profile.shapes[inputs[i].name] = {values[i].dims, values[i].dims, values[i].dims};
            const bool isInteger = (sdk::ints | sdk::boolean).has(values[i].type);
            if (isInteger || values[i].data.size() <= kSmall) builder.profile.values[inputs[i].name] = values[i];
        }
        return builder;
    }

    void checkImplementation(const Engine& engine) const {
        if (options_.implementation.empty() || options_.mixed) return;
        const bool isFolded = engine.steps().empty();  // by the fallback implementation, when the plan was built
        if (isFolded && options_.implementation == options_.builder.fallback) return;
        for (const StepInfo& step : engine.steps())
            if (step.implementation == options_.implementation) return;
        throw Refused(options_.implementation + " offers none of the layers");
    }

    double rangeAtol() const {
        constexpr std::size_t kOperatorLayers = 16;  // function bodies of one operator have up to that many
        constexpr double kNetworkRangeAtol = 1e-5;
        if (options_.rangeAtol >= 0) return options_.rangeAtol;
        return network_.graph().layers.size() > kOperatorLayers ? kNetworkRangeAtol : 0;
    }

    std::string differenceOf(const fs::path& set) {
        const auto inputs = readInputs(set);
        const Blob plan = refusing([&] { return buildPlan(network_, registry_, optionsFor(inputs)); });
        const Engine engine = Engine::load(plan, registry_);
        checkImplementation(engine);
        const auto files = numbered(set, "output");
        std::vector<TensorValue> expected;
        for (const std::string& file : files)
            expected.push_back(
                asDeclared(refusing([&] { return readValueProto(file, engine.outputs().at(expected.size()).type); }),
                           engine.outputs().at(expected.size()).type));
        const auto context = engine.createContext();
        const auto outputs = declining([&] { return context->run(inputs); });
        if (outputs.size() < expected.size()) return fmt::format("{} outputs, {} expected", outputs.size(), expected.size());
        const bool isRandom = !randomLayer().empty();
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const double atol = options_.atol + rangeAtol() * largestMagnitude(expected[i]);
            const double lastBits = expected[i].type == DataType::bf16 ? 1.0 / 64 : 0;  // two units, as ONNX's own runner allows
            const Difference d = compare(outputs[i], expected[i], std::max(options_.rtol, lastBits), atol);
            if (d.ok() || (isRandom && d.mismatch.empty())) continue;
            const std::string what = !d.mismatch.empty() ? d.mismatch
                                                         : fmt::format("{} of {} elements differ, most by {:.3g}", d.wrong,
                                                                       elementCount(expected[i].dims), d.maxAbsolute);
            return fmt::format("output {} '{}': {}", i, engine.outputs()[i].name, what);
        }
        return "";
    }

    fs::path folder_;
    const Registry& registry_;
    const VerifyOptions& options_;
    Network network_;
};
}  // namespace

std::vector<std::string> findCases(const std::vector<std::string>& paths) {
    std::vector<std::string> cases;
    for (const std::string& path : paths) {
        std::error_code error;
        std::vector<std::string> found;
        if (fs::exists(fs::path(path) / "model.onnx", error)) found.push_back(path);
        else if (fs::is_directory(path, error)) {
            for (const auto& entry : fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied, error))
                if (entry.path().filename() == "model.onnx") found.push_back(entry.path().parent_path().string());
        }
        if (fs::is_regular_file(path, error)) {  // `verify models/*` meets a README now and then
            fmt::print(stderr, "skipped {}: not a folder\n", path);
            continue;
        }
        if (found.empty()) throw Error(ErrorCode::badInput, path + ": no folder with a model.onnx is here");
        std::sort(found.begin(), found.end());
        cases.insert(cases.end(), found.begin(), found.end());
    }
    if (cases.empty()) throw Error(ErrorCode::badInput, "no folder with a model.onnx was given");
    return cases;
}

Verdict verifyCase(const std::string& folder, const Registry& registry, const VerifyOptions& options) noexcept {
    using Kind = Verdict::Kind;
    try {
        Case one(folder, registry, options);
        const std::string difference = one.firstDifference(), random = one.randomLayer();
        if (!difference.empty()) return {Kind::failed, oneLine(difference)};
        return {Kind::passed, random.empty() ? "" : "types and shapes only: " + random + " draws random numbers"};
    } catch (const Refused& e) {
        return {Kind::refused, oneLine(e.what())};
    } catch (const std::exception& e) {
        return {Kind::failed, oneLine(e.what())};
    } catch (...) {
        return {Kind::failed, "an exception of unknown type"};
    }
}

}  // namespace tenon::cli
