#include "arguments.h"

#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <cstdlib>

#include "similar_words.h"

namespace tenon::cli {

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find(separator, begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

std::int64_t toInteger(const std::string& text, const std::string& what) {
    char* end = nullptr;
    errno = 0;
    const long long value = std::strtoll(text.c_str(), &end, 10);
    if (text.empty() || *end != 0 || errno != 0) throw UsageError(what + ": an integer is wanted, found '" + text + "'");
    return value;
}

double toNumber(const std::string& text, const std::string& what) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != 0 || !std::isfinite(value)) throw UsageError(what + ": a number is wanted, found '" + text + "'");
    return value;
}

void Arguments::flag(const char* names, const char* help, bool& target) {
    options_.push_back({split(names, '|'), nullptr, help, [&target](const std::string&) { target = true; }});
}

void Arguments::option(const char* names, const char* value, const char* help, std::function<void(const std::string&)> take) {
    options_.push_back({split(names, '|'), value, help, std::move(take)});
}

void Arguments::option(const char* names, const char* value, const char* help, std::string& target) {
    option(names, value, help, [&target](const std::string& text) { target = text; });
}

void Arguments::option(const char* names, const char* value, const char* help, int& target, int least, int most) {
    const std::string name = split(names, '|').front();
    option(names, value, help, [&target, name, least, most](const std::string& text) {
        const std::int64_t number = toInteger(text, name);
        if (number < least || number > most)
            throw UsageError(fmt::format("{}: {} is not within {} to {}", name, number, least, most));
        target = static_cast<int>(number);
    });
}

void Arguments::option(const char* names, const char* value, const char* help, std::uint64_t& target) {
    const std::string name = split(names, '|').front();
    option(names, value, help, [&target, name](const std::string& text) {
        const std::int64_t number = toInteger(text, name);
        if (number < 0) throw UsageError(fmt::format("{}: {} is negative", name, number));
        target = static_cast<std::uint64_t>(number);
    });
}

void Arguments::option(const char* names, const char* value, const char* help, double& target, double least) {
    const std::string name = split(names, '|').front();
    option(names, value, help, [&target, name, least](const std::string& text) {
        const double number = toNumber(text, name);
        if (number < least) throw UsageError(fmt::format("{}: {} is less than {}", name, number, least));
        target = number;
    });
}

const Arguments::Option& Arguments::find(const std::string& name) const {
    std::vector<std::string> known;
    for (const Option& o : options_)
        for (const std::string& n : o.names) {
            if (n == name) return o;
            known.push_back(n);
        }
    throw UsageError("there is no option '" + name + "'" + didYouMean(name, known));
}

std::optional<std::vector<std::string>> Arguments::parse(Words words) {
    std::vector<std::string> positional;
    bool optionsEnded = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string word = words[i];
        if (optionsEnded || word.size() < 2 || word[0] != '-') {
            positional.push_back(word);
            continue;
        }
        if (word == "--") {
            optionsEnded = true;
            continue;
        }
        if (word == "--help" || word == "-h") {
            printHelp();
            return std::nullopt;
        }
        const bool isGlued = word[1] != '-' && word.size() > 2;  // -j4
        const std::size_t end = isGlued ? 2 : std::min(word.find('='), word.size());
        const Option& option = find(word.substr(0, end));
        given_.insert(option.names.front());
        const bool hasValue = end < word.size();
        if (option.value == nullptr) {
            if (hasValue) throw UsageError(option.names.front() + " takes no value");
            option.take("");
            continue;
        }
        if (!hasValue && ++i == words.size()) throw UsageError(word + " needs a value: " + option.value);
        option.take(hasValue ? word.substr(end + (word[end] == '=' ? 1 : 0)) : words[i]);
    }
    return positional;
}

void Arguments::printHelp() const {
    fmt::print("usage: tenon {}\n{}\n", usage_, summary_);
    for (const Option& o : options_) {
        if (o.names.empty()) {
            fmt::print("\n{}\n", o.help);
            continue;
        }
        std::string head;
        for (const std::string& n : o.names)
            head += (head.empty() ? "" : ", ") + n;
        if (o.value != nullptr) head += std::string("=") + o.value;
        if (head.size() > 32) fmt::print("  {}\n  {:<32}  {}\n", head, "", o.help);
        else fmt::print("  {:<32}  {}\n", head, o.help);
    }
}

}  // namespace tenon::cli
