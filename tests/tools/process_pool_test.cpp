#include "process_pool.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <vector>

namespace tenon::cli {

namespace {
std::vector<JobOutcome> run(std::size_t count, std::size_t jobs, double timeout,
                            const std::function<void(std::size_t, const Emit&)>& job) {
    std::vector<JobOutcome> outcomes;
    runIsolated(count, {jobs, timeout}, job, [&](std::size_t i, const JobOutcome& outcome) {
        EXPECT_EQ(i, outcomes.size());
        outcomes.push_back(outcome);
    });
    return outcomes;
}
}  // namespace

TEST(ProcessPool, OutcomesComeInOrder) {
    const auto outcomes = run(20, 4, 60, [](std::size_t i, const Emit& emit) {
        if (i % 5 == 0) usleep(20000);
        emit(std::to_string(i));
    });
    ASSERT_EQ(outcomes.size(), 20U);
    for (std::size_t i = 0; i < 20; ++i)
        EXPECT_EQ(outcomes[i].output, std::to_string(i));
}

TEST(ProcessPool, ACrashHarmsOnlyItsJob) {
    const auto outcomes = run(3, 2, 60, [](std::size_t i, const Emit& emit) {
        emit("begun");
        if (i == 1) raise(SIGKILL);
    });
    EXPECT_EQ(outcomes[0].death, "");
    EXPECT_EQ(outcomes[1].death, "crashed with SIGKILL");
    EXPECT_EQ(outcomes[1].output, "begun");
    EXPECT_EQ(outcomes[2].death, "");
}

TEST(ProcessPool, AHangIsEnded) {
    const auto outcomes = run(2, 1, 0.2, [](std::size_t i, const Emit&) {
        while (i == 0)
            pause();
    });
    EXPECT_NE(outcomes[0].death.find("timed out"), std::string::npos);
    EXPECT_EQ(outcomes[1].death, "");
}

TEST(ProcessPool, LongOutputArrivesWhole) {
    const auto outcomes = run(1, 1, 60, [](std::size_t, const Emit& emit) { emit(std::string(1 << 20, 'x')); });
    EXPECT_EQ(outcomes[0].output.size(), std::size_t{1} << 20);
}

TEST(ProcessPool, AnExceptionIsADeath) {
    const auto outcomes = run(1, 1, 60, [](std::size_t, const Emit&) { throw 1; });
    EXPECT_EQ(outcomes[0].death, "ended with exit code 3");
}

}  // namespace tenon::cli
