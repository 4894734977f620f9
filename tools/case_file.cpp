#include "case_file.h"

#include <tenon/error.h>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>

#include "arguments.h"

namespace tenon::cli {

namespace {
bool isWordCharacter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Where the text outside quotes and brackets has a space: the parts of a line.
std::vector<std::string> topLevelWords(const std::string& text) {
    std::vector<std::string> words;
    std::string word;
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '\\' && i + 1 < text.size()) word += text[i++];
        else if (c == '"') quoted = !quoted;
        else if (!quoted && std::string_view("([{").find(c) != std::string_view::npos) ++depth;
        else if (!quoted && std::string_view(")]}").find(c) != std::string_view::npos) --depth;
        if (!quoted && depth == 0 && std::isspace(static_cast<unsigned char>(text[i])) != 0) {
            if (!word.empty()) words.push_back(std::move(word));
            word.clear();
        } else word += text[i];
    }
    if (!word.empty()) words.push_back(std::move(word));
    return words;
}

class LineReader {
public:
    LineReader(std::string file, int number) : file_(std::move(file)), number_(number) {}

    CaseLine operator()(const std::string& text) const {
        CaseLine line{file_, number_, "", {}};
        for (const std::string& word : topLevelWords(text)) {
            if (isVariable(word)) line.variables.push_back(variable(word));
            else line.problem += (line.problem.empty() ? "" : " ") + word;
        }
        return line;
    }

private:
    // NAME=... with an upper-case name, as opposed to an attribute.
    static bool isVariable(const std::string& word) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos || equals == 0 || std::isupper(static_cast<unsigned char>(word[0])) == 0) return false;
        return std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals), isWordCharacter);
    }

    CaseLine::Variable variable(const std::string& word) const {
        const std::size_t equals = word.find('=');
        CaseLine::Variable v{word.substr(0, equals)};
        const std::string value = word.substr(equals + 1);
        const std::size_t dots = value.find("..");
        if (dots == std::string::npos) {
            v.alternatives = split(value, '|');
            if (v.alternatives.empty()) fail("variable " + v.name + " has no values");
            return v;
        }
        try {
            v.least = toInteger(value.substr(0, dots), v.name);
            v.most = toInteger(value.substr(dots + 2), v.name);
        } catch (const UsageError& e) {
            fail(e.what());
        }
        if (v.most < v.least) fail("variable " + v.name + " has an empty range");
        return v;
    }

    [[noreturn]] void fail(const std::string& what) const {
        throw Error(ErrorCode::badInput, fmt::format("{}:{}: {}", file_, number_, what));
    }

    std::string file_;
    int number_;
};

// Replaces whole words outside quotes; the operator's name, before the first parenthesis, is left alone.
std::string substitute(const std::string& text, const std::vector<std::pair<std::string, std::string>>& values) {
    std::size_t i = std::min(text.find('('), text.size());
    std::string result = text.substr(0, i);
    bool quoted = false;
    while (i < text.size()) {
        if (text[i] == '"') quoted = !quoted;
        if (quoted || !isWordCharacter(text[i])) {
            result += text[i++];
            continue;
        }
        const std::size_t begin = i;
        while (i < text.size() && isWordCharacter(text[i]))
            ++i;
        std::string word = text.substr(begin, i - begin);
        for (const auto& [name, value] : values)
            if (word == name) {
                word = value;
                break;
            }
        result += word;
    }
    return result;
}
}  // namespace

std::vector<CaseLine> readCaseFile(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw Error(ErrorCode::badInput, path + ": cannot be read");
    std::vector<CaseLine> lines;
    std::string text;
    for (int number = 1; std::getline(file, text); ++number) {
        const std::size_t begin = text.find_first_not_of(" \t\r");
        if (begin == std::string::npos || text[begin] == '#') continue;
        lines.push_back(LineReader(path, number)(text));
    }
    return lines;
}

std::uint64_t alternativeCount(const CaseLine& line) {
    std::uint64_t count = 1;
    for (const auto& v : line.variables)
        if (!v.alternatives.empty()) count = std::max<std::uint64_t>(count, v.alternatives.size());
    return count;
}

std::string drawProblem(const CaseLine& line, std::uint64_t index, std::mt19937_64& random) {
    std::vector<std::pair<std::string, std::string>> values;
    for (const auto& v : line.variables) {
        const std::uint64_t drawn = random();
        if (v.alternatives.empty()) {
            const auto width = static_cast<std::uint64_t>(v.most - v.least) + 1;
            values.emplace_back(v.name, std::to_string(v.least + static_cast<std::int64_t>(drawn % width)));
        } else {
            const std::uint64_t count = v.alternatives.size();
            const bool inTurn = count == alternativeCount(line);  // those with fewer are drawn, for other pairings
            values.emplace_back(v.name, v.alternatives[(inTurn ? index : drawn) % count]);
        }
    }
    return substitute(line.problem, values);
}

}  // namespace tenon::cli
