#include <gtest/gtest.h>
#include <tenon/registry/registry.h>

#include <string>
#include <thread>

namespace tenon {
namespace {

TEST(HostServices, KeepAMessageForTheThreadThatMadeTheCall) {
    takePluginMessage();
    hostServices().report(abi::Status::internal, "mine");
    std::thread([] { EXPECT_EQ(takePluginMessage(), ""); }).join();
    hostServices().report(abi::Status::internal, "too");
    EXPECT_EQ(takePluginMessage(), "mine; too");
    EXPECT_EQ(takePluginMessage(), "");
}

TEST(HostServices, SurviveNullTextsAndFloods) {
    hostServices().report(abi::Status::internal, nullptr);
    hostServices().log(abi::Severity::error, nullptr, nullptr);
    for (int i = 0; i < 10000; ++i)
        hostServices().report(abi::Status::internal, "again and again");
    EXPECT_LT(takePluginMessage().size(), 10000U);
}

TEST(HostServices, LogToTheSink) {
    static std::string seen;
    setPluginLogSink(
        [](abi::Severity, const char* library, const char* message) { seen = std::string(library) + ": " + message; });
    hostServices().log(abi::Severity::info, "lib", "hello");
    setPluginLogSink(nullptr);
    hostServices().log(abi::Severity::info, "lib", "unheard");
    EXPECT_EQ(seen, "lib: hello");
}

TEST(HostServices, OfferAtLeastOneThread) { EXPECT_GE(hostServices().maxThreads(), 1); }

}  // namespace
}  // namespace tenon
