// The registry's scan cache, seen from outside: a helper that cannot be started shows whether a start scanned anything.
#include <atomic>

#include "fixture.h"

namespace tenon {
namespace {

class ScanCaches : public InFolder {
protected:
    ScanCaches() { copyLibrary("plugins/one.so"); }
    bool isTaken(const RegistryOptions& o) const {
        const Registry registry(o);
        return registry.libraries().at(0).refused.empty();
    }
    RegistryOptions withoutHelper() const {
        RegistryOptions o = options();
        o.scanHelper = path("no_such_helper");
        return o;
    }
};

TEST_F(ScanCaches, SpareTheSecondStartAllScanning) {
    EXPECT_FALSE(isTaken(withoutHelper()));
    EXPECT_TRUE(isTaken(options()));  // that the helper was missing is not remembered
    EXPECT_TRUE(isTaken(withoutHelper()));
}

TEST_F(ScanCaches, KeepEveryFactOfTheRecord) {
    const Registry first(options()), second(withoutHelper());
    const CreatorRecord &a = *first.find("hostile", "Double").at(0), &b = *second.find("hostile", "Double").at(0);
    EXPECT_EQ(a.implementation, b.implementation);
    EXPECT_EQ(a.version, b.version);
    EXPECT_EQ(a.device, b.device);
    EXPECT_EQ(first.libraries()[0].name, second.libraries()[0].name);
    EXPECT_EQ(second.creator(b).info()->maxInputs, 1);
}

TEST_F(ScanCaches, SeeThatALibraryChanged) {
    EXPECT_TRUE(isTaken(options()));
    std::filesystem::last_write_time(path("plugins/one.so"),
                                     std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
    EXPECT_FALSE(isTaken(withoutHelper()));
}

TEST_F(ScanCaches, AreMadeAnewWhenDamaged) {
    EXPECT_TRUE(isTaken(options()));
    const std::string whole = read(options().cacheFile);
    for (std::size_t size = 0; size < whole.size(); size += 7) {
        write("cache/scan_cache", whole.substr(0, size));
        EXPECT_FALSE(isTaken(withoutHelper())) << size;
        write("cache/scan_cache", whole.substr(0, size) + "\xff garbage \t\n" + whole.substr(size));
        EXPECT_NO_THROW(isTaken(withoutHelper())) << size;
    }
    write("cache/scan_cache", whole.substr(0, whole.size() / 2));
    static std::atomic<int> warnings;
    setPluginLogSink([](abi::Severity severity, const char*, const char* message) {
        if (severity == abi::Severity::warning && std::string(message).find("damaged") != std::string::npos) ++warnings;
    });
    EXPECT_TRUE(isTaken(options()));
    setPluginLogSink(nullptr);
    EXPECT_EQ(warnings, 1);
    EXPECT_EQ(read(options().cacheFile), whole);
}

TEST_F(ScanCaches, OfAnotherAbiAreIgnored) {
    EXPECT_TRUE(isTaken(options()));
    std::string text = read(options().cacheFile);
    text.replace(text.find("abi 1"), 5, "abi 9");
    write("cache/scan_cache", text);
    EXPECT_FALSE(isTaken(withoutHelper()));
}

TEST_F(ScanCaches, NeedNotBeWritable) {
    RegistryOptions o = options();
    o.cacheFile = "/proc/self/no_such_folder/scan_cache";
    EXPECT_TRUE(isTaken(o));
    o.cacheFile = path("plugins/one.so/scan_cache");  // a file stands where the folder should be
    EXPECT_TRUE(isTaken(o));
    o.cacheFile = "none";
    EXPECT_TRUE(isTaken(o));
}

TEST_F(ScanCaches, LeaveNoTemporaryFiles) {
    EXPECT_TRUE(isTaken(options()));
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path("cache")))
        files += entry.is_regular_file() ? 1 : 0;
    EXPECT_EQ(files, 1);
}

TEST_F(ScanCaches, RememberALibraryThatHangsButTryItAgainWhenItIsNamed) {
    copyLibrary("plugins/one.so", "hangs_on_load");
    RegistryOptions o = options();
    o.scanTimeoutSeconds = 1;
    EXPECT_FALSE(isTaken(o));
    EXPECT_NE(Registry(withoutHelper()).libraries().at(0).refused.find("hangs"), std::string::npos);
    RegistryOptions named = withoutHelper();
    named.libraries = {path("plugins/one.so")};
    try {
        const Registry registry(named);
        FAIL() << "accepted";
    } catch (const Error& e) {
        EXPECT_NE(std::string(e.what()).find("cannot be started"), std::string::npos) << e.what();
    }
}

}  // namespace
}  // namespace tenon
