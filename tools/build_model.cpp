#include "build_model.h"

#include <tenon/error.h>
#include <tenon/onnx.h>

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>

#include "file_bytes.h"

namespace tenon::cli {

namespace {
volatile std::sig_atomic_t interruptCount = 0;

// While it lives, the first Ctrl-C only counts; a second one ends the program as usual.
class InterruptGuard {
public:
    InterruptGuard() {
        interruptCount = 0;
        struct sigaction action {};
        action.sa_handler = [](int) { interruptCount = 1; };
        action.sa_flags = static_cast<int>(SA_RESETHAND);
        sigaction(SIGINT, &action, &before_);
    }
    ~InterruptGuard() { sigaction(SIGINT, &before_, nullptr); }
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;

private:
    struct sigaction before_ {};
};

class Progress {
public:
    void show(const std::string& phase, int step, int steps) {
        if (isTerminal_) drawBar(phase, step, steps);
        else if (phase != phase_) fmt::print(stderr, "{}: {} {}\n", phase, steps, steps == 1 ? "step" : "steps");
        phase_ = phase;
    }
    void clear() const {
        if (isTerminal_ && !phase_.empty()) fmt::print(stderr, "\r\033[K");
    }

private:
    static void drawBar(const std::string& phase, int step, int steps) {
        constexpr int kWidth = 32;
        const int filled = steps <= 0 ? 0 : kWidth * step / steps;
        fmt::print(stderr, "\r\033[K{:<9} [{}{}] {}/{}", phase, std::string(static_cast<std::size_t>(filled), '#'),
                   std::string(static_cast<std::size_t>(kWidth - filled), '.'), step, steps);
        std::fflush(stderr);
    }

    bool isTerminal_ = isatty(STDERR_FILENO) != 0;
    std::string phase_;
};
}  // namespace

FileKind kindOf(const std::string& path) {
    const std::string start = readFileStart(path, 8);
    if (start == "TENONPLN") return FileKind::plan;
    return start.starts_with(
               "\x7f"
               "ELF")
               ? FileKind::library
               : FileKind::model;
}

Blob buildModel(const std::string& path, const Registry& registry, CommonOptions& options, const AdjustProfile& adjust) {
    const InterruptGuard guard;
    options.loadTimingCache();
    const Network network = importOnnx(path, registry);
    if (adjust) adjust(network, options.builder().profile);
    Progress progress;
    BuilderOptions builder = options.builder();
    builder.progress = [&](const std::string& phase, int step, int steps) {
        progress.show(phase, step, steps);
        return interruptCount == 0;
    };
    try {
        Blob plan = buildPlan(network, registry, builder);
        progress.clear();
        options.saveTimingCache();
        return plan;
    } catch (const Error&) {
        progress.clear();
        if (interruptCount == 0) throw;
        options.saveTimingCache();
        throw Interrupted();
    }
}

Engine openEngine(const std::string& path, const Registry& registry, CommonOptions& options, const AdjustProfile& adjust) {
    switch (kindOf(path)) {
        case FileKind::plan: options.refuseBuildOptions(path); return Engine::load(path, registry);
        case FileKind::model: return Engine::load(buildModel(path, registry, options, adjust), registry);
        case FileKind::library: break;
    }
    throw Error(ErrorCode::badInput, path + ": is a library; a model or a plan is wanted");
}

Dims shapeToRun(const IoInfo& info, const CommonOptions& options) {
    const auto found = options.shapes().find(info.name);
    return found == options.shapes().end() ? info.range.opt : found->second.opt;
}

}  // namespace tenon::cli
