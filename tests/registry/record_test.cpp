#include <gtest/gtest.h>

#include "near_names.h"
#include "record_text.h"

namespace tenon {
namespace {

LibraryRecord example() {
    LibraryRecord r;
    r.path = "/tmp/with tab\tand newline\n and backslash \\.so";
    r.name = "example";
    r.version = "1.2.3";
    r.buildFlags = 4;
    r.devices = {"cuda", "end"};
    CreatorRecord c;
    c.domain = "com.acme";
    c.name = "Pool";
    c.implementation = "fast\\n";
    c.device = "cpu";
    c.maxInputs = -1;
    c.shapeInputs = ~std::uint64_t{0};
    c.fields = {{7, true, "kernel", abi::FieldType::int64, true, "[1,1]", "the\nwindow"}};
    r.creators = {c, c};
    return r;
}

TEST(LibraryRecords, SurviveTheirTextForm) {
    const LibraryRecord r = example(), back = recordFromText(toText(r));
    EXPECT_EQ(toText(back), toText(r));
    EXPECT_EQ(back.path, r.path);
    EXPECT_EQ(back.devices, r.devices);
    ASSERT_EQ(back.creators.size(), 2U);
    EXPECT_EQ(back.creators[0].implementation, "fast\\n");
    EXPECT_EQ(back.creators[0].maxInputs, -1);
    EXPECT_EQ(back.creators[0].shapeInputs, ~std::uint64_t{0});
    EXPECT_EQ(back.creators[1].fields.at(0).help, "the\nwindow");
    EXPECT_TRUE(back.creators[1].fields.at(0).required);
}

TEST(LibraryRecords, AreRefusedWhenTruncatedAnywhere) {
    const std::string text = toText(example());
    for (std::size_t size = 0; size + 1 < text.size(); ++size)
        if (text.substr(0, size + 1).find("\nend") == std::string::npos) {
            EXPECT_THROW(recordFromText(text.substr(0, size)), Error) << size;
        }
}

TEST(LibraryRecords, AreRefusedOrReadButNeverCrashWhenBytesChange) {
    const std::string text = toText(example());
    for (std::size_t i = 0; i < text.size(); ++i)
        for (const char c : {'\0', '\t', '\n', '\\', '9', '\xff'}) {
            std::string changed = text;
            changed[i] = c;
            try {
                recordFromText(changed);
            } catch (const Error&) {
                continue;
            }
        }
}

TEST(NearNames, IgnoreCaseAndPreferTheSameDomain) {
    const std::vector<KnownName> known{
        {"Relu", "acme::Relu", false}, {"Relu", "Relu", true}, {"Selu", "Selu", true}, {"Conv", "Conv", true}};
    EXPECT_EQ(nearestNames("RELU", known, 2), (std::vector<std::string>{"Relu", "acme::Relu"}));
    EXPECT_EQ(nearestNames("Rel", known, 9), (std::vector<std::string>{"Relu", "acme::Relu"}));
    EXPECT_TRUE(nearestNames("", known, 3).empty());
}

}  // namespace
}  // namespace tenon
