// The command `tenon`: finds the subcommand and turns exceptions into messages and exit codes.
#include <tenon/error.h>

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <exception>
#include <string_view>
#include <vector>

#include "similar_words.h"
#include "subcommand.h"

namespace tenon::cli {

namespace {
struct Subcommand {
    const char* name;
    const char* help;
    int (*run)(Words);
};

constexpr std::array kSubcommands = {
    Subcommand{"build", "optimize an ONNX model for this machine and write its plan", buildCommand},
    Subcommand{"run", "run a model or a plan once; print or save its outputs", runCommand},
    Subcommand{"bench", "measure throughput, latency, layers and memory", benchCommand},
    Subcommand{"verify", "run test cases in the ONNX backend layout", verifyCommand},
    Subcommand{"inspect", "describe a model, a plan or a plugin library", inspectCommand},
    Subcommand{"plugins", "list, check or create plugin libraries", pluginsCommand},
    Subcommand{"op", "try one problem, or case files of problems, on every implementation", opCommand},
};

void printHelp(std::FILE* to) {
    fmt::print(to, "usage: tenon SUBCOMMAND ...\n\n");
    for (const Subcommand& s : kSubcommands)
        fmt::print(to, "  {:<8}  {}\n", s.name, s.help);
    fmt::print(
        to,
        "\n`tenon SUBCOMMAND --help` shows its options. Exit codes: 0 ok, 1 a check or a run failed, 2 usage or bad input.\n");
}

const Subcommand* find(std::string_view name) {
    for (const Subcommand& s : kSubcommands)
        if (name == s.name) return &s;
    return nullptr;
}

int unknown(const std::string& name) {
    std::vector<std::string> known;
    for (const Subcommand& s : kSubcommands)
        known.emplace_back(s.name);
    fmt::print(stderr, "tenon: there is no subcommand '{}'{}\n`tenon --help` lists them\n", name, didYouMean(name, known));
    return kUsage;
}

int guarded(const Subcommand& subcommand, Words words) {
    try {
        return subcommand.run(words);
    } catch (const UsageError& e) {
        fmt::print(stderr, "tenon {}: {}\n`tenon {} --help` shows the options\n", subcommand.name, e.what(), subcommand.name);
        return kUsage;
    } catch (const Interrupted& e) {
        fmt::print(stderr, "tenon {}: {}\n", subcommand.name, e.what());
        return kInterrupted;
    } catch (const Error& e) {
        fmt::print(stderr, "tenon {}: {}\n", subcommand.name, e.what());
        return e.code() == ErrorCode::badInput || e.code() == ErrorCode::unsupported ? kUsage : kFailed;
    } catch (const std::exception& e) {
        fmt::print(stderr, "tenon {}: {}\n", subcommand.name, e.what());
        return kFailed;
    }
}

int command(std::span<char* const> arguments) {
    if (arguments.size() < 2) {
        printHelp(stderr);
        return kUsage;
    }
    const std::string_view name = arguments[1];
    if (name == "--help" || name == "-h" || name == "help") {
        printHelp(stdout);
        return kOk;
    }
    if (name == "--version") {
        fmt::print("tenon {}\n", TENON_VERSION);
        return kOk;
    }
    const Subcommand* subcommand = find(name);
    return subcommand == nullptr ? unknown(arguments[1]) : guarded(*subcommand, arguments.subspan(2));
}
}  // namespace

}  // namespace tenon::cli

int main(int argc, char** argv) {
    const int code = tenon::cli::command({argv, static_cast<std::size_t>(argc)});
    if (std::fflush(stdout) != 0 && code == tenon::cli::kOk) return tenon::cli::kFailed;
    return code;
}
