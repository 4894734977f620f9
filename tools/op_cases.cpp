#include "op_cases.h"

#include <tenon/error.h>

#include <fmt/format.h>

#include "case_file.h"
#include "preload.h"
#include "subcommand.h"
#include "tactics/op_trial.h"

namespace tenon::cli {

namespace {
// What a child says, line by line: "T problem" before a problem is tried, then "P", "R reason" or "F reason" after it.
class LineTrial {
public:
    LineTrial(const CaseLine& line, const Registry& registry, const OpCaseOptions& options, const Emit& emit)
        : line_(line), registry_(registry), options_(options), emit_(emit) {}

    void run() {
        std::mt19937_64 random(options_.seed);
        const std::uint64_t draws = std::max(static_cast<std::uint64_t>(options_.draws), alternativeCount(line_));
        std::string before;
        for (std::uint64_t i = 0; i < draws; ++i) {
            const std::string problem = drawProblem(line_, i, random);
            if (problem == before) continue;  // a line without variables
            before = problem;
            emit_("T" + problem + "\n");
            emit_(tryOne(problem) + "\n");
        }
    }

private:
    std::string tryOne(const std::string& text) const {
        try {
            for (const OpResult& r : tryProblem(parseProblem(text), registry_, options_.builder, options_.seed))
                if (r.declined.empty() && !r.ok)
                    return "F" + flat(fmt::format("{} {} {}: {}", r.implementation, r.formats, r.tactic, r.difference));
            return "P";
        } catch (const Error& e) {
            const bool declined = e.code() == ErrorCode::badInput || e.code() == ErrorCode::unsupported;
            return (declined ? "R" : "F") + flat(e.what());
        } catch (const std::exception& e) {
            return "F" + flat(e.what());
        }
    }

    static std::string flat(std::string text) {
        for (char& c : text)
            if (c == '\n') c = ' ';
        return text;
    }

    const CaseLine& line_;
    const Registry& registry_;
    const OpCaseOptions& options_;
    const Emit& emit_;
};

class Totals {
public:
    explicit Totals(const OpCaseOptions& options) : options_(options) {}

    void add(const CaseLine& line, const JobOutcome& outcome) {
        std::string problem;
        for (const std::string& said : lines(outcome.output)) {
            const std::string rest = said.substr(1);
            if (said[0] == 'T') problem = rest;
            else if (said[0] == 'P') ++passed_;
            else if (said[0] == 'R') refused(line, problem, rest);
            else failed(line, problem, rest);
        }
        if (!outcome.death.empty()) failed(line, problem, outcome.death);
    }

    int finish() const {
        fmt::print("{} passed, {} failed, {} refused\n", passed_, failed_, refused_);
        return failed_ == 0 ? kOk : kFailed;
    }

private:
    static std::vector<std::string> lines(const std::string& text) {
        std::vector<std::string> result;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            if (end > at) result.push_back(text.substr(at, end - at));
            at = end + 1;
        }
        return result;
    }

    void refused(const CaseLine& line, const std::string& problem, const std::string& reason) {
        ++refused_;
        if (!options_.quiet) fmt::print("refused {}:{} {}: {}\n", line.file, line.number, problem, reason);
    }

    void failed(const CaseLine& line, const std::string& problem, const std::string& reason) {
        ++failed_;
        fmt::print("failed {}:{} {}: {}\nREPRO: {}\n", line.file, line.number, problem, reason,
                   reproCommand(problem, options_.seed, options_.builder.device));
        std::fflush(stdout);
    }

    const OpCaseOptions& options_;
    std::size_t passed_ = 0, failed_ = 0, refused_ = 0;
};
}  // namespace

std::string reproCommand(const std::string& problem, std::uint64_t seed, const std::string& device) {
    const char quote = problem.find('"') == std::string::npos ? '"' : '\'';
    return fmt::format("tenon op {}{}{} --seed {}{}", quote, problem, quote, seed, device == "cpu" ? "" : " --device=" + device);
}

int runOpCases(const std::vector<std::string>& files, const Registry& registry, const OpCaseOptions& options) {
    std::vector<CaseLine> lines;
    for (const std::string& file : files)
        for (CaseLine& line : readCaseFile(file))
            lines.push_back(std::move(line));
    preloadLibraries(registry);
    Totals totals(options);
    runIsolated(
        lines.size(), options.pool, [&](std::size_t i, const Emit& emit) { LineTrial(lines[i], registry, options, emit).run(); },
        [&](std::size_t i, const JobOutcome& outcome) { totals.add(lines[i], outcome); });
    return totals.finish();
}

}  // namespace tenon::cli
