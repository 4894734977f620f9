// digits: builds a plan of the digits network, or loads one, and reads hand-written digits.
#include <tenon/builder.h>
#include <tenon/engine.h>
#include <tenon/error.h>
#include <tenon/registry/registry.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "model.h"
#include "pgm.h"

namespace digits {

namespace {
constexpr const char* kHelp =
    "usage: digits [--api] [--device=NAME] FOLDER IMAGE.pgm...   build the network of FOLDER (samples/digits) and classify the "
    "images\n"
    "       digits --plan=FILE.plan IMAGE.pgm...                 the same with a plan that `tenon build` made\n"
    "  --api            make the network through the API instead of reading digits.onnx\n"
    "  --device=NAME    cpu (default) or cuda\n";

struct Settings {
    bool useApi = false;
    std::string device = "cpu", plan, folder;
    std::vector<std::string> images;
};

Settings parse(int argc, char** argv) {
    Settings s;
    std::vector<std::string> words;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--api") s.useApi = true;
        else if (word.starts_with("--device=")) s.device = word.substr(std::strlen("--device="));
        else if (word.starts_with("--plan=")) s.plan = word.substr(std::strlen("--plan="));
        else if (word.starts_with("-")) throw std::invalid_argument("there is no option " + word);
        else words.push_back(word);
    }
    if (s.plan.empty() && !words.empty()) {
        s.folder = words.front();
        words.erase(words.begin());
    }
    if (words.empty()) throw std::invalid_argument("no image is given");
    s.images = words;
    return s;
}

tenon::Engine openEngine(const Settings& s, const tenon::Registry& registry) {
    if (!s.plan.empty()) return tenon::Engine::load(s.plan, registry);
    const tenon::Network network = s.useApi ? fromApi(s.folder) : fromOnnx(s.folder, registry);
    tenon::BuilderOptions options;
    options.device = s.device;
    options.profile.shapes["image"] = {{1, 1, kSide, kSide}, {1, 1, kSide, kSide}, {64, 1, kSide, kSide}};
    return tenon::Engine::load(tenon::buildPlan(network, registry, options), registry);
}

void printBars(const std::string& image, const float* probabilities) {
    constexpr int kWidth = 40;
    const auto best = std::max_element(probabilities, probabilities + 10) - probabilities;
    std::printf("%s: a %d\n", image.c_str(), static_cast<int>(best));
    for (int digit = 0; digit < 10; ++digit) {
        const auto length = static_cast<std::size_t>(std::clamp(probabilities[digit], 0.0F, 1.0F) * kWidth + 0.5F);
        std::printf("  %d %5.1f %% |%s\n", digit, static_cast<double>(probabilities[digit]) * 100,
                    std::string(length, '#').c_str());
    }
}

void classify(const Settings& s) {
    const tenon::Registry registry;
    const tenon::Engine engine = openEngine(s, registry);
    const auto context = engine.createContext();
    context->setInputShape("image", {1, 1, kSide, kSide});
    for (const std::string& image : s.images) {
        const std::vector<float> pixels = readPgm(image);
        context->setInput("image", pixels.data());
        context->enqueue();
        context->synchronize();
        printBars(image, static_cast<const float*>(context->outputData("probabilities")));
    }
}
}  // namespace

}  // namespace digits

int main(int argc, char** argv) {
    try {
        digits::classify(digits::parse(argc, argv));
        return 0;
    } catch (const std::invalid_argument& e) {
        std::fprintf(stderr, "digits: %s\n%s", e.what(), digits::kHelp);
        return 2;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "digits: %s\n", e.what());
        return 1;
    }
}
