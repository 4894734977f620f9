// Reading a command line from one table of options, which also prints --help.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "subcommand.h"

namespace tenon::cli {

// `--name=value`, `--name value`, `-n4` and, for switches, `--name`. Options may stand anywhere; "--" ends them.
class Arguments {
public:
    // `usage` follows "tenon " in the first line of the help: "build MODEL.onnx -o FILE.plan".
    Arguments(std::string usage, std::string summary) : usage_(std::move(usage)), summary_(std::move(summary)) {}

    // `names` is "--long" or "--long|-s". Targets must outlive parse().
    void flag(const char* names, const char* help, bool& target);
    void option(const char* names, const char* value, const char* help, std::string& target);
    void option(const char* names, const char* value, const char* help, int& target, int least, int most);
    void option(const char* names, const char* value, const char* help, std::uint64_t& target);
    void option(const char* names, const char* value, const char* help, double& target, double least);
    // Called for each use; may throw UsageError.
    void option(const char* names, const char* value, const char* help, std::function<void(const std::string&)> take);
    // A heading in the help for the options that follow.
    void group(const char* title) { options_.push_back({{}, nullptr, title, {}}); }

    // The words that are no options. Throws UsageError. Empty optional: --help was asked for and has been printed.
    std::optional<std::vector<std::string>> parse(Words words);
    // Whether the option was given, by its long name.
    bool given(const std::string& name) const { return given_.contains(name); }

private:
    struct Option {
        std::vector<std::string> names;
        const char* value;  // null: a switch
        const char* help;
        std::function<void(const std::string&)> take;
    };
    const Option& find(const std::string& name) const;
    void printHelp() const;

    std::string usage_, summary_;
    std::vector<Option> options_;
    std::set<std::string> given_;
};

// Parts of a text between separators; none for an empty text.
std::vector<std::string> split(const std::string& text, char separator);
// The whole text as a decimal number. Throws UsageError that names `what`.
std::int64_t toInteger(const std::string& text, const std::string& what);
double toNumber(const std::string& text, const std::string& what);

}  // namespace tenon::cli
