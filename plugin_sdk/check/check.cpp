#include "tenon/check/check.h"

#include <cstring>
#include <exception>

#include "checks_library.h"
#include "child.h"
#include "host.h"
#include "subject.h"
#include "verdict.h"

namespace tenon::check {

namespace {
constexpr std::string_view kTags[] = {"pass", "fail", "skip"};

struct CheckRow {
    const char* name;
    Check function;
    bool runsKernels;  // only for creators of the CPU
};
constexpr CheckRow kCreatorChecks[] = {
    {"info", checkInfo, false},
    {"create", checkCreate, false},
    {"unknown_attribute", checkUnknownAttribute, false},
    {"wrong_type", checkWrongType, false},
    {"serialize", checkSerialize, false},
    {"truncated", checkTruncated, false},
    {"random_bytes", checkRandomBytes, false},
    {"clone", checkClone, false},
    {"types", checkTypes, false},
    {"shapes", checkShapes, false},
    {"formats", checkFormats, false},
    {"workspace", checkWorkspace, true},
    {"enqueue", checkEnqueue, true},
};

std::string nameOf(const abi::CreatorInfo& info) {
    return (*info.domain == '\0' ? "" : std::string(info.domain) + "::") + info.name + " (" + info.implementation + ")";
}

// Runs one check in a child process.
Finding runCheck(const std::string& name, const std::string& creator, const std::function<std::string()>& check,
                 int timeoutSeconds) {
    Finding finding{name, creator, Result::fail, "ends the process"};
    const auto body = [&](const ToParent& parent) {
        try {
            parent.line(kTags[0], check());
        } catch (const Failed& f) {
            parent.line(kTags[1], f.reason);
        } catch (const Skipped& s) {
            parent.line(kTags[2], s.reason);
        } catch (const std::exception& e) {
            parent.line(kTags[1], std::string("throws across the boundary: ") + e.what());
        } catch (...) {
            parent.line(kTags[1], "throws across the boundary");
        }
    };
    const auto onLine = [&](std::string_view tag, std::string_view text) {
        finding.result = tag == kTags[0] ? Result::pass : tag == kTags[2] ? Result::skip : Result::fail;
        finding.reason = text;
    };
    const std::string failure = runInChild(body, onLine, timeoutSeconds);
    if (!failure.empty()) {
        finding.result = Result::fail;
        finding.reason = failure;
    }
    return finding;
}

using OnFinding = std::function<void(const Finding&)>;

void checkCreators(const abi::Manifest& manifest, const Options& options, const OnFinding& add) {
    for (std::int32_t i = 0; i < manifest.creatorCount; ++i) {
        const abi::CreatorInfo& info = *manifest.creators[i]->info();
        if (!options.creator.empty() && options.creator != info.name) continue;
        const Subject subject{manifest.creators[i], &info, options.seed};
        for (const CheckRow& row : kCreatorChecks) {
            const bool isElsewhere = row.runsKernels && std::strcmp(info.device, "cpu") != 0;
            if (isElsewhere) add({row.name, nameOf(info), Result::skip, std::string("it runs on device ") + info.device});
            else
                add(runCheck(
                    row.name, nameOf(info), [&] { return row.function(subject); }, options.timeoutSeconds));
        }
    }
}

// Runs in a child process: only there the library stays loaded while its creators are checked, each in a child of that child.
void serve(const std::string& path, const Options& options, const OnFinding& add) {
    const auto check = [&](const char* name, const std::function<std::string()>& body) {
        const Finding finding = runCheck(name, "", body, options.timeoutSeconds);
        add(finding);
        return finding.result != Result::fail;
    };
    check("exports", [&] { return checkExports(path); });
    if (!check("loads", [&] { return checkLoads(path); })) return;
    check("foreign_abi", [&] { return checkForeignAbi(path); });
    const abi::Manifest* manifest = openLibrary(path, abi::kAbiVersion).manifest;
    if (check("manifest", [&] { return checkManifest(*manifest); })) checkCreators(*manifest, options, add);
}

// A finding's way through the pipe: "result <tab> check <tab> creator <tab> reason".
std::string pack(const Finding& f) { return f.check + '\t' + f.creator + '\t' + f.reason; }

Finding unpack(std::string_view tag, std::string_view text) {
    const std::size_t first = text.find('\t'), second = text.find('\t', first + 1);
    const Result result = tag == kTags[0] ? Result::pass : tag == kTags[2] ? Result::skip : Result::fail;
    return {std::string(text.substr(0, first)), std::string(text.substr(first + 1, second - first - 1)), result,
            std::string(text.substr(second + 1))};
}
}  // namespace

const char* toString(Result result) { return kTags[static_cast<std::size_t>(result)].data(); }

std::vector<Finding> checkLibrary(const std::string& path, const Options& options) {
    std::vector<Finding> findings;
    const auto add = [&](const Finding& f) {
        findings.push_back(f);
        if (options.onFinding) options.onFinding(f);
    };
    const auto body = [&](const ToParent& parent) {
        serve(path, options, [&](const Finding& f) { parent.line(toString(f.result), pack(f)); });
    };
    const std::string failure = runInChild(
        body, [&](std::string_view tag, std::string_view text) { add(unpack(tag, text)); }, 0);
    if (!failure.empty()) add({"harness", "", Result::fail, failure});
    return findings;
}

bool passed(const std::vector<Finding>& findings) {
    for (const Finding& f : findings)
        if (f.result == Result::fail) return false;
    return true;
}

}  // namespace tenon::check
