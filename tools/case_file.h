// Operator case files (tests/ops/*.case): problems with variables, one a line; the grammar is in tests/ops/README.md.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace tenon::cli {

// One line: a problem's text in which upper-case words are variables.
struct CaseLine {
    struct Variable {
        std::string name;
        std::int64_t least = 0, most = -1;        // a number drawn from this range, or
        std::vector<std::string> alternatives{};  // one of these texts
    };
    std::string file;
    int number = 0;
    std::string problem;
    std::vector<Variable> variables;
};

// Throws Error that names file and line.
std::vector<CaseLine> readCaseFile(const std::string& path);

// The problem of draw `index`: numbers are random, alternatives are taken in turn, so that alternativeCount draws see each of
// them.
std::string drawProblem(const CaseLine& line, std::uint64_t index, std::mt19937_64& random);
std::uint64_t alternativeCount(const CaseLine& line);

}  // namespace tenon::cli
