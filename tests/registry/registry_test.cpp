#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "fixture.h"

namespace tenon {
namespace {

namespace fs = std::filesystem;
using Registries = InFolder;

struct Sin {
    const char* library;
    const char* reason;
};
void PrintTo(const Sin& sin, std::ostream* out) { *out << sin.library; }

class Refuses : public InFolder, public testing::WithParamInterface<Sin> {};

TEST_P(Refuses, NamingTheReason) {
    RegistryOptions o = options();
    o.scanTimeoutSeconds = 1;
    const std::string said = refusal(o, hostile(GetParam().library));
    EXPECT_NE(said.find(GetParam().reason), std::string::npos) << said;
    EXPECT_NE(said.find(hostile(GetParam().library)), std::string::npos) << said;
    EXPECT_FALSE(isMapped(hostile(GetParam().library)));
}

constexpr Sin kSins[] = {
    {"crashes_in_query", "signal 11 (Segmentation fault)"},
    {"crashes_on_load", "signal 11 (Segmentation fault)"},
    {"duplicate_inside", "creators 0 and 1 both are 'duplicate_inside' of Double"},
    {"exits_on_load", "ends the process while it is loaded"},
    {"hangs_on_load", "hangs: no answer within 1 s"},
    {"hangs_silently", "hangs: no answer within 1 s"},
    {"huge_counts", "the count is 2147483647"},
    {"huge_field_count", "fields: the count is 2147483647"},
    {"negative_inputs", "contradictory numbers of inputs"},
    {"no_symbol", "exports no symbol tenon_plugin_query"},
    {"null_creator", "creator 1 is null"},
    {"null_creators", "the list is null but the count is 3"},
    {"null_info", "info is null"},
    {"null_manifest", "no manifest and no reason"},
    {"null_name", "name is null"},
    {"throws_in_query", "throws across the boundary: I do as I please"},
    {"undefined_symbol", "tenon_test_nobody_has_this"},
    {"wild_pointer", "signal 11 (Segmentation fault)"},
    {"wrong_abi", "abi version 999 found, 1 wanted"},
    {"wrong_sanitizer", "was built with AddressSanitizer"},
};
INSTANTIATE_TEST_SUITE_P(Registries, Refuses, testing::ValuesIn(kSins),
                         [](const auto& info) { return std::string(info.param.library); });

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_F(Registries, RefuseALibraryBuiltWithASanitizerBeforeLoadingIt) {
    EXPECT_NE(
        refusal(options(), hostile("built_with_asan")).find("was built with AddressSanitizer, this host without a sanitizer"),
        std::string::npos);
}
#endif

TEST_F(Registries, RefuseFilesThatAreNoLibraries) {
    EXPECT_NE(refusal(options(), write("text.so", "#!/bin/sh\n")).find("is not an ELF library"), std::string::npos);
    EXPECT_NE(refusal(options(), write("empty.so", "")).find("is empty"), std::string::npos);
    EXPECT_NE(refusal(options(), path("missing.so")).find("no such file"), std::string::npos);
    EXPECT_NE(refusal(options(), folder.string()).find("not a regular file"), std::string::npos);
    ASSERT_EQ(mkfifo(path("pipe.so").c_str(), 0600), 0);
    EXPECT_NE(refusal(options(), path("pipe.so")).find("not a regular file"), std::string::npos);
    EXPECT_NE(refusal(options(), options().scanHelper), "");  // a program
}

TEST_F(Registries, RefuseALibraryTruncatedAnywhere) {
    const std::string whole = read(hostile("honest"));
    for (std::size_t size = 1; size < whole.size(); size += whole.size() / 40 + 1) {
        const std::string said = refusal(options(), write("truncated.so", whole.substr(0, size)));
        // The loader needs no section headers, which come last: a file that lacks only those may be taken.
        if (size < whole.size() / 2) {
            EXPECT_FALSE(said.empty()) << size << " of " << whole.size() << " bytes";
        }
    }
}

TEST_F(Registries, SkipBrokenLibrariesAndUseTheOthers) {
    copyLibrary("plugins/a_crash.so", "crashes_on_load");
    copyLibrary("plugins/b_good.so");
    copyLibrary("plugins/c_wrong.so", "wrong_abi");
    write("plugins/d_text.so", "hello");
    write("plugins/readme.txt", "no library");
    const Registry registry(options());
    ASSERT_EQ(registry.libraries().size(), 4U);
    EXPECT_NE(registry.libraries()[0].refused, "");
    EXPECT_EQ(registry.libraries()[1].refused, "");
    ASSERT_EQ(registry.find("hostile", "Double").size(), 1U);
    EXPECT_EQ(registry.find("hostile", "Double")[0]->implementation, "b_good.so");
}

TEST_F(Registries, TakeALibraryThatTalksWhileItIsLoaded) { EXPECT_EQ(refusal(options(), hostile("prints_on_load")), ""); }

TEST_F(Registries, NameBothFilesThatOfferTheSame) {
    const std::string a = copyLibrary("plugins/one.so", "twin_a"), b = copyLibrary("plugins/two.so", "twin_b");
    try {
        const Registry registry(options());
        FAIL() << "accepted";
    } catch (const Error& e) {
        EXPECT_NE(std::string(e.what()).find(a), std::string::npos) << e.what();
        EXPECT_NE(std::string(e.what()).find(b), std::string::npos) << e.what();
        EXPECT_NE(std::string(e.what()).find("'twin' version 1 of hostile::Double"), std::string::npos) << e.what();
    }
}

TEST_F(Registries, TakeALibraryOnceHoweverOftenItIsNamed) {
    RegistryOptions o = options();
    const std::string file = copyLibrary("plugins/one.so");
    fs::create_symlink(file, path("plugins/two.so"));
    o.libraries = {file, path("plugins/../plugins/one.so")};
    EXPECT_EQ(Registry(o).libraries().size(), 1U);
}

TEST_F(Registries, SearchThePathVariableAndRecordFoldersThatAreMissing) {
    copyLibrary("first/one.so");
    copyLibrary("second/two.so");
    setenv("TENON_PLUGIN_PATH", (path("first") + "::" + path("missing") + ":" + path("second")).c_str(), 1);
    RegistryOptions o = options();
    o.useDefaultPath = true;
    o.searchPath.clear();
    const Registry registry(o);
    unsetenv("TENON_PLUGIN_PATH");
    EXPECT_EQ(registry.find("hostile", "Double").size(), 2U);
    const auto& searched = registry.searched();
    ASSERT_EQ(searched.size(), 4U);
    EXPECT_EQ(searched[1], path("missing"));
    EXPECT_EQ(searched[3], fs::weakly_canonical(TENON_PLUGIN_DIR).string());  // found from this program's own place
}

TEST_F(Registries, OpenALibraryOnlyWhenACreatorIsWanted) {
    for (int i = 0; i < 50; ++i)
        copyLibrary("plugins/copy" + std::to_string(i) + ".so");
    const auto begin = std::chrono::steady_clock::now();
    { const Registry first(options()); }
    const auto middle = std::chrono::steady_clock::now();
    const Registry registry(options());
    const auto end = std::chrono::steady_clock::now();
    EXPECT_LT((end - middle) * 3, middle - begin) << "the cache should make the second start much faster";
    EXPECT_EQ(registry.libraries().size(), 50U);
    EXPECT_FALSE(isMapped(path("plugins")));
    const CreatorRecord& record = *registry.find("hostile", "Double")[7];
    EXPECT_STREQ(registry.creator(record).info()->implementation, record.implementation.c_str());
    EXPECT_TRUE(isMapped(path("plugins/" + record.implementation)));
    EXPECT_FALSE(isMapped(path("plugins/copy0.so")));
}

TEST_F(Registries, GiveCreatorsToManyThreadsAtOnce) {
    for (int i = 0; i < 8; ++i)
        copyLibrary("plugins/copy" + std::to_string(i) + ".so");
    const Registry registry(options());
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&] {
            for (const CreatorRecord* record : registry.find("hostile", "Double"))
                EXPECT_EQ(registry.creator(*record).info()->implementation, record->implementation);
        });
    for (std::thread& t : threads)
        t.join();
}

TEST_F(Registries, NoticeALibraryThatChangedAfterItWasScanned) {
    copyLibrary("plugins/one.so");
    const Registry registry(options());
    fs::remove(path("plugins/one.so"));
    copyLibrary("plugins/one.so", "twin_a");
    EXPECT_THROW(registry.creator(*registry.find("hostile", "Double")[0]), Error);
}

TEST_F(Registries, KnowOnnxByBothItsNames) {
    RegistryOptions o = options();
    o.libraries = {std::string(TENON_PLUGIN_DIR) + "/reference.so"};
    if (!fs::exists(o.libraries[0])) GTEST_SKIP() << "the reference library is not built";
    const Registry registry(o);
    EXPECT_FALSE(registry.find("", "Relu").empty());
    EXPECT_EQ(registry.find("ai.onnx", "Relu"), registry.find("", "Relu"));
    EXPECT_TRUE(registry.knowsDomain("ai.onnx"));
    EXPECT_FALSE(registry.knowsDomain("com.nobody"));
}

TEST_F(Registries, SuggestNearNames) {
    copyLibrary("plugins/one.so");
    const Registry registry(options());
    EXPECT_EQ(registry.nearNames("", "doubel"), std::vector<std::string>{"hostile::Double"});
    EXPECT_EQ(registry.nearNames("com.acme", "Double"), std::vector<std::string>{"hostile::Double"});
    EXPECT_TRUE(registry.nearNames("", "Convolution").empty());
    EXPECT_TRUE(registry.nearNames("", std::string(100000, 'x')).empty());
}

TEST_F(Registries, DigestTheBytesOfALibrary) {
    copyLibrary("plugins/one.so");
    copyLibrary("plugins/two.so");
    std::ofstream(path("plugins/two.so"), std::ios::app) << '\0';
    copyLibrary("plugins/zzz.so");
    const Registry registry(options());
    EXPECT_NE(registry.digest(0), registry.digest(1));
    EXPECT_EQ(registry.digest(0), registry.digest(2));
    EXPECT_EQ(registry.digest(1), registry.digest(1));
}

TEST_F(Registries, SayWhyADeviceIsMissing) {
    std::string why;
    EXPECT_EQ(Registry(options()).device("abacus", &why), nullptr);
    EXPECT_NE(why.find("no library provides it"), std::string::npos);
}

}  // namespace
}  // namespace tenon
