// tenon plugins: the libraries that are found, the conformance check, and new plugin projects.
#include <tenon/error.h>

#include <fmt/format.h>

#include <map>
#include <set>

#include "common_options.h"
#include "library_text.h"
#include "operator_table.h"
#include "plugin_check.h"
#include "plugin_project.h"

namespace tenon::cli {

namespace {
std::string devicesText(const LibraryRecord& library) {
    std::set<std::string> devices(library.devices.begin(), library.devices.end());
    for (const CreatorRecord& c : library.creators)
        devices.insert(c.device);
    std::string text;
    for (const std::string& d : devices)
        text += (text.empty() ? "" : ",") + d;
    return text;
}

void printLibraries(const Registry& registry) {
    fmt::print("{:<16} {:<10} {:>9}  {:<10} {}\n", "library", "version", "operators", "devices", "file");
    for (const LibraryRecord& l : registry.libraries())
        if (l.refused.empty())
            fmt::print("{:<16} {:<10} {:>9}  {:<10} {}\n", l.name, l.version, l.creators.size(), devicesText(l), l.path);
    for (const LibraryRecord& l : registry.libraries())
        if (!l.refused.empty()) fmt::print("refused {}: {}\n", l.path, l.refused);
    fmt::print("searched:\n");
    for (const std::string& place : registry.searched())
        fmt::print("  {}\n", place);
}

void printOperators(const Registry& registry) {
    std::map<std::string, std::string> implementations;
    for (const LibraryRecord& l : registry.libraries())
        for (const CreatorRecord& c : l.creators) {
            std::string& text = implementations[qualifiedName(c)];
            const std::string opsets =
                fmt::format("{}{}", c.sinceVersion, c.lastVersion == 0 ? "+" : "-" + std::to_string(c.lastVersion));
            text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", c.implementation, opsets);
        }
    fmt::print("\n{:<32} implementations (opsets)\n", "operator");
    for (const auto& [name, text] : implementations)
        fmt::print("{:<32} {}\n", name, text);
}

int list(Words words) {
    Arguments arguments("plugins [list] [options]",
                        "Lists the plugin libraries that are found, those that are refused and why, and where was searched.");
    bool operators = false, table = false;
    CommonOptions common(arguments);
    arguments.group("what to show");
    arguments.flag("--operators", "every operator and its implementations, too", operators);
    arguments.flag("--table", "instead: a table of every operator's opsets and data types, as the libraries answer", table);
    common.addLibraries();
    const auto rest = arguments.parse(words);
    if (!rest) return kOk;
    if (!rest->empty()) throw UsageError("'" + rest->front() + "' is not wanted; actions are list, check and new");
    const auto registry = common.openRegistry();
    if (table) {
        fmt::print("{}", operatorTable(*registry));
        return kOk;
    }
    printLibraries(*registry);
    if (operators) printOperators(*registry);
    return kOk;
}

int check(Words words) {
    Arguments arguments("plugins check LIBRARY.so... [options]",
                        "Runs the conformance checks on every operator of the libraries, each check in a process of its own.");
    CheckSettings settings;
    arguments.group("checking");
    arguments.option("--timeout", "SECONDS", "a check that takes longer has failed (default 60)", settings.timeoutSeconds, 1,
                     100000);
    arguments.option("--operator", "NAME", "check this operator only", settings.creator);
    arguments.option("--seed", "S", "of the shapes, attributes and values that are tried (default 1)", settings.seed);
    arguments.flag("--verbose|-v", "print passed and skipped checks, too", settings.verbose);
    const auto libraries = arguments.parse(words);
    if (!libraries) return kOk;
    if (libraries->empty()) throw UsageError("LIBRARY is missing");
    return checkLibraries(*libraries, settings);
}

int create(Words words) {
    Arguments arguments(
        "plugins new NAME [options]",
        "Writes a plugin project that builds as it is: CMakeLists.txt, NAME.cpp and README.md in the folder NAME.");
    std::string folder;
    arguments.option("--folder", "DIR", "where to write (default: NAME)", folder);
    const auto names = arguments.parse(words);
    if (!names) return kOk;
    if (names->size() != 1) throw UsageError(names->empty() ? "NAME is missing" : "one NAME is wanted");
    writePluginProject(names->front(), folder.empty() ? names->front() : folder);
    return kOk;
}
}  // namespace

int pluginsCommand(Words words) {
    const std::string action = words.empty() ? "" : words.front();
    if (action == "list") return list(words.subspan(1));
    if (action == "check") return check(words.subspan(1));
    if (action == "new") return create(words.subspan(1));
    if (action == "--help" || action == "-h")
        fmt::print("actions: list (default), check LIBRARY.so..., new NAME; each has --help\n\n");
    return list(words);
}

}  // namespace tenon::cli
