#include "arguments.h"

#include <gtest/gtest.h>

namespace tenon::cli {

namespace {
struct Parsed {
    std::string text;
    int number = 0;
    bool on = false;
    std::vector<std::string> rest;
};

Parsed parse(std::vector<std::string> words) {
    Parsed p;
    Arguments arguments("test", "");
    arguments.option("--text|-t", "T", "", p.text);
    arguments.option("--number", "N", "", p.number, 0, 10);
    arguments.flag("--on", "", p.on);
    std::vector<char*> pointers;
    for (std::string& w : words)
        pointers.push_back(w.data());
    p.rest = arguments.parse(pointers).value();
    return p;
}
}  // namespace

TEST(Arguments, ValuesFollowAnEqualsSignOrASpace) {
    EXPECT_EQ(parse({"--text=a=b"}).text, "a=b");
    EXPECT_EQ(parse({"--text", "a"}).text, "a");
    EXPECT_EQ(parse({"-t", "a"}).text, "a");
    EXPECT_EQ(parse({"-ta"}).text, "a");
}

TEST(Arguments, OptionsMayStandAnywhere) {
    const Parsed p = parse({"one", "--on", "two", "--", "--three", "-"});
    EXPECT_TRUE(p.on);
    EXPECT_EQ(p.rest, (std::vector<std::string>{"one", "two", "--three", "-"}));
}

TEST(Arguments, WrongNumbersAreUsageErrors) {
    for (const char* value : {"", "x", "3x", "-1", "11", "1e1", "99999999999999999999"})
        EXPECT_THROW(parse({std::string("--number=") + value}), UsageError) << value;
    EXPECT_EQ(parse({"--number=10"}).number, 10);
}

TEST(Arguments, MissingAndUnwantedValuesAreUsageErrors) {
    EXPECT_THROW(parse({"--text"}), UsageError);
    EXPECT_THROW(parse({"--on=1"}), UsageError);
}

TEST(Arguments, AnUnknownOptionNamesANearOne) {
    try {
        parse({"--nmber=1"});
        FAIL();
    } catch (const UsageError& e) {
        EXPECT_NE(std::string(e.what()).find("--number"), std::string::npos);
    }
}

}  // namespace tenon::cli
