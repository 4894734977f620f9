#include <tenon/check/check.h>

#include <algorithm>

#include "fixture.h"

namespace tenon::check {
namespace {

struct Sin {
    const char* library;
    const char* check;   // the one that finds it
    const char* reason;  // part of what it says
};
void PrintTo(const Sin& sin, std::ostream* out) { *out << sin.library; }

std::string listing(const std::vector<Finding>& findings) {
    std::string s;
    for (const Finding& f : findings)
        s += std::string(toString(f.result)) + " " + f.check + " " + f.creator + ": " + f.reason + "\n";
    return s;
}

class Finds : public testing::TestWithParam<Sin> {};

TEST_P(Finds, WhatIsWrong) {
    Options options;
    options.timeoutSeconds = std::string(GetParam().library).starts_with("hangs") ? 1 : 60;
    const std::vector<Finding> findings = checkLibrary(hostile(GetParam().library), options);
    EXPECT_FALSE(passed(findings));
    const bool isFound = std::any_of(findings.begin(), findings.end(), [](const Finding& f) {
        return f.result == Result::fail && f.check == GetParam().check && f.reason.find(GetParam().reason) != std::string::npos;
    });
    EXPECT_TRUE(isFound) << listing(findings);
}

constexpr Sin kSins[] = {
    {"changes_input", "enqueue", "changes input 0"},
    {"crashes_in_query", "loads", "signal 11 (Segmentation fault)"},
    {"crashes_on_load", "loads", "signal 11 (Segmentation fault)"},
    {"duplicate_inside", "manifest", "two creators are hostile::Double by duplicate_inside"},
    {"exits_on_load", "loads", "ends the process"},
    {"extra_symbol", "exports", "tenon_test_extra"},
    {"garbage_serialize", "serialize", "writes other bytes the second time"},
    {"growing_workspace", "workspace", "answers otherwise the second time"},
    {"hangs_in_enqueue", "enqueue", "hangs: no end within 1 s; layer float32"},
    {"hangs_on_load", "loads", "hangs"},
    {"huge_counts", "manifest", "the count is 2147483647"},
    {"negative_dims", "shapes", "gets dimension -5"},
    {"no_symbol", "loads", "no symbol tenon_plugin_query"},
    {"null_creators", "manifest", "the list is null but the count is 3"},
    {"null_info", "manifest", "info is null"},
    {"null_manifest", "loads", "no manifest and no reason"},
    {"peeks_ahead", "formats", "looks at positions after"},
    {"rank_1000", "shapes", "gets rank 1000"},
    {"shares_clone", "clone", "returns the plugin itself"},
    {"silent_error", "types", "fails without a message"},
    {"skips_output", "enqueue", "leaves part of an output unwritten"},
    {"takes_any_bytes", "random_bytes", "random bytes"},
    {"takes_any_bytes", "truncated", "deserialize takes the first 0 of 4 bytes"},
    {"takes_any_bytes", "unknown_attribute", "an attribute that it does not know"},
    {"throws_in_enqueue", "enqueue", "an exception crosses a noexcept boundary: not today"},
    {"throws_in_query", "loads", "throws across the boundary: I do as I please"},
    {"trusts_bytes", "random_bytes", "signal 11 (Segmentation fault)"},
    {"writes_before_output", "enqueue", "bytes before output 0"},
    {"writes_far_past_output", "enqueue", "past the end of output 0"},
    {"writes_past_output", "enqueue", "writes past the end of output 0"},
    {"writes_past_workspace", "enqueue", "writes past the end of the workspace (16 bytes)"},
    {"wrong_abi", "manifest", "abi version 999 found, 1 wanted"},
};
INSTANTIATE_TEST_SUITE_P(Harness, Finds, testing::ValuesIn(kSins),
                         [](const auto& info) { return std::string(info.param.library) + "_" + info.param.check; });

TEST(Harness, PassesALibraryThatKeepsEveryPromise) {
    int streamed = 0;
    Options options;
    options.onFinding = [&](const Finding&) { ++streamed; };
    const std::vector<Finding> findings = checkLibrary(hostile("honest"), options);
    EXPECT_TRUE(passed(findings)) << listing(findings);
    EXPECT_EQ(streamed, static_cast<int>(findings.size()));
    const auto enqueue = std::find_if(findings.begin(), findings.end(), [](const Finding& f) { return f.check == "enqueue"; });
    ASSERT_NE(enqueue, findings.end());
    EXPECT_EQ(enqueue->result, Result::pass) << enqueue->reason;
}

TEST(Harness, SaysThatAFileIsMissingOrNoLibrary) {
    EXPECT_FALSE(passed(checkLibrary("/no/such/file.so")));
    EXPECT_FALSE(passed(checkLibrary("/proc/self/status")));
}

TEST(Harness, NeverLoadsTheLibraryIntoTheCaller) {
    checkLibrary(hostile("twin_a"));
    std::ifstream maps("/proc/self/maps");
    const std::string all{std::istreambuf_iterator<char>(maps), {}};
    EXPECT_EQ(all.find(hostile("twin_a")), std::string::npos);
}

TEST(Harness, GivesTheSameFindingsForTheSameSeed) {
    Options options;
    options.seed = 42;
    EXPECT_EQ(listing(checkLibrary(hostile("honest"), options)), listing(checkLibrary(hostile("honest"), options)));
}

}  // namespace
}  // namespace tenon::check
