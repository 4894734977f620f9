// make_plans MODELS PLANS: writes the plan of every model that can be built, one for each operator.
#include <tenon/builder.h>
#include <tenon/engine.h>
#include <tenon/error.h>
#include <tenon/logger.h>
#include <tenon/onnx.h>
#include <tenon/registry/registry.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <set>
#include <vector>

namespace {
namespace fs = std::filesystem;

// Of all layers together: models of the same operators would give the fuzzer the same plan.
std::string operators(const tenon::Engine& engine) {
    std::string names;
    for (const auto& step : engine.steps())
        names += step.op + " ";
    return names;
}
}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    tenon::setLogCallback([](tenon::LogLevel, tenon::LogTopic, std::string_view) {});
    const tenon::Registry registry;
    tenon::BuilderOptions options;
    options.optimizationLevel = 0;
    std::vector<fs::path> models;
    for (const auto& entry : fs::directory_iterator(argv[1]))
        models.push_back(entry.path());
    std::sort(models.begin(), models.end());
    std::set<std::string> seen;
    for (const fs::path& model : models) {
        try {
            const tenon::Blob plan = tenon::buildPlan(tenon::importOnnx(model.string(), registry), registry, options);
            if (!seen.insert(operators(tenon::Engine::load(plan, registry))).second) continue;
            tenon::writeFile((fs::path(argv[2]) / (model.filename().string() + ".plan")).string(), {plan.data(), plan.size()});
        } catch (const tenon::Error&) {
        }
    }
    std::cout << seen.size() << " plans\n";
}
