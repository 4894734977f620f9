#include "case_file.h"

#include <gtest/gtest.h>
#include <tenon/error.h>

#include <set>

#include "temporary_file.h"

namespace tenon::cli {

namespace {
CaseLine only(const std::string& text) {
    const TemporaryFile file(".case", text);
    return readCaseFile(file.path()).at(0);
}
}  // namespace

TEST(CaseFile, CommentsAndEmptyLinesAreSkipped) {
    const TemporaryFile file(".case", "# comment\n\n  Relu(float32[2])\nAbs(float32[3])\n");
    const auto lines = readCaseFile(file.path());
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].problem, "Relu(float32[2])");
    EXPECT_EQ(lines[1].number, 4);
}

TEST(CaseFile, NumbersAreDrawnFromTheirRange) {
    const CaseLine line = only("Add(float32[N,2], float32[N,1]) N=1..3");
    std::mt19937_64 random(1);
    std::set<std::string> seen;
    for (std::uint64_t i = 0; i < 100; ++i)
        seen.insert(drawProblem(line, i, random));
    EXPECT_EQ(seen, (std::set<std::string>{"Add(float32[1,2], float32[1,1])", "Add(float32[2,2], float32[2,1])",
                                           "Add(float32[3,2], float32[3,1])"}));
}

TEST(CaseFile, EveryAlternativeIsTakenInTurn) {
    const CaseLine line = only("Relu(T[2]) T=float32|float16|int8");
    std::mt19937_64 random(1);
    EXPECT_EQ(alternativeCount(line), 3U);
    EXPECT_EQ(drawProblem(line, 0, random), "Relu(float32[2])");
    EXPECT_EQ(drawProblem(line, 1, random), "Relu(float16[2])");
    EXPECT_EQ(drawProblem(line, 2, random), "Relu(int8[2])");
}

TEST(CaseFile, OperatorNamesQuotedTextAndLongerWordsStay) {
    const CaseLine line = only("N(float32[N,NN]) mode=\"N\" axes=[N,1] N=7..7 -> 2");
    std::mt19937_64 random(1);
    EXPECT_EQ(drawProblem(line, 0, random), "N(float32[7,NN]) mode=\"N\" axes=[7,1] -> 2");
}

TEST(CaseFile, DamagedVariablesAreRefusedWithTheirLine) {
    for (const char* text : {"Relu(float32[N]) N=3..1", "Relu(float32[N]) N=a..b", "Relu(float32[N]) N="}) {
        try {
            only(text);
            ADD_FAILURE() << text;
        } catch (const Error& e) {
            EXPECT_NE(std::string(e.what()).find(":1:"), std::string::npos) << e.what();
        }
    }
}

}  // namespace tenon::cli
