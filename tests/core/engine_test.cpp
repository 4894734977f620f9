#include "testing.h"

#include <thread>

namespace tenon::testing {
namespace {

// y = relu(x + c), x: [n, 2, 3]
Network addRelu() {
    Network n("add_relu");
    const TensorRef x = n.addInput("x", DataType::f32, {"n", 2, 3});
    const TensorRef c = n.addConstant("c", floats({2, 1}, {1, -10}));
    const TensorRef sum = n.addLayer("Add", {x, c})[0];
    n.markOutput(n.addLayer("Relu", {sum})[0], "y");
    return n;
}

BuilderOptions upTo(std::int64_t most) {
    BuilderOptions options = quick();
    options.profile.shapes["x"] = {{0, 2, 3}, {2, 2, 3}, {most, 2, 3}};
    return options;
}

TEST(Engine, ComputesANetworkBuiltThroughTheApi) {
    const Engine engine = build(addRelu());
    const auto y = engine.createContext()->run({floats({1, 2, 3}, {-2, 0, 2, 9, 10, 11})});
    ASSERT_EQ(y.size(), 1U);
    EXPECT_EQ(y[0].dims, (Dims{1, 2, 3}));
    EXPECT_EQ(toFloats(y[0]), (std::vector<float>{0, 1, 3, 0, 0, 1}));
}

TEST(Engine, RunsEveryShapeOfItsProfileThroughOneContext) {
    const Engine engine = build(addRelu(), upTo(4));
    const auto context = engine.createContext();
    for (const std::int64_t n : {2, 0, 4, 1, 2}) {
        const auto y = context->run({floats({n, 2, 3}, std::vector<float>(static_cast<std::size_t>(n * 6), 20))});
        EXPECT_EQ(y[0].dims, (Dims{n, 2, 3}));
        for (const float v : toFloats(y[0]))
            EXPECT_TRUE(v == 21 || v == 10);
    }
}

TEST(Engine, RefusesAShapeOutsideTheProfile) {
    const Engine engine = build(addRelu(), upTo(4));
    const auto context = engine.createContext();
    const std::string message = errorOf([&] { context->setInputShape("x", {5, 2, 3}); });
    EXPECT_CONTAINS(message, "[5,2,3]");
    EXPECT_CONTAINS(message, "[4,2,3]");
    EXPECT_CONTAINS(errorOf([&] { context->setInputShape("z", {1}); }), "it has: x");
}

TEST(Engine, WritesOutputsWhereTheUserWantsThem) {
    const Engine engine = build(addRelu());
    const auto context = engine.createContext();
    const std::vector<float> x(6, 20);
    std::vector<float> first(6), second(6);
    context->setInput("x", x.data());
    context->setOutput("y", first.data());
    context->enqueue();
    context->setOutput("y", second.data());
    context->enqueue();
    EXPECT_EQ(first, (std::vector<float>{21, 21, 21, 10, 10, 10}));
    EXPECT_EQ(first, second);
}

TEST(Engine, RunsContextsOnThreadsAtTheSameTime) {
    const Engine engine = build(addRelu(), upTo(64));
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            const auto context = engine.createContext();
            context->setThreads(1);
            const std::int64_t n = 8 + t;
            for (int i = 0; i < 50; ++i) {
                const auto y = context->run(
                    {floats({n, 2, 3}, std::vector<float>(static_cast<std::size_t>(n * 6), static_cast<float>(t + 20)))});
                ASSERT_EQ(toFloats(y[0])[0], static_cast<float>(t + 21));
            }
        });
    for (std::thread& t : threads)
        t.join();
}

TEST(Engine, HandsBackOutputsThatAreInputsOrConstants) {
    Network n;
    const TensorRef x = n.addInput("x", DataType::f32, {2});
    const TensorRef c = n.addConstant("c", floats({1}, {7}));
    n.markOutput(x, "same");
    n.markOutput(c, "constant");
    const TensorRef y = n.addLayer("Neg", {x})[0];
    n.markOutput(y, "a");
    n.markOutput(y, "b");
    const auto out = build(n).createContext()->run({floats({2}, {1, 2})});
    EXPECT_EQ(toFloats(out[0]), (std::vector<float>{1, 2}));
    EXPECT_EQ(toFloats(out[1]), (std::vector<float>{7}));
    EXPECT_EQ(toFloats(out[2]), (std::vector<float>{-1, -2}));
    EXPECT_EQ(toFloats(out[3]), (std::vector<float>{-1, -2}));
}

TEST(Engine, ReportsEachStepToTheProfiler) {
    const Engine engine = build(addRelu());
    const auto context = engine.createContext();
    std::vector<std::string> names;
    context->setProfiler([&](const StepInfo& step, double ms) {
        names.push_back(step.op);
        EXPECT_GE(ms, 0);
    });
    context->run({floats({1, 2, 3}, std::vector<float>(6))});
    EXPECT_EQ(names, (std::vector<std::string>{"Add", "Relu"}));
}

TEST(Engine, RecordsErrorsAndGoesOn) {
    struct Recorder final : ErrorRecorder {
        std::vector<std::string> messages;
        void record(const std::string& m) noexcept override { messages.push_back(m); }
    } recorder;
    const Engine engine = build(addRelu());
    const auto context = engine.createContext();
    context->setErrorRecorder(&recorder);
    EXPECT_THROW(context->run({}), Error);
    ASSERT_FALSE(recorder.messages.empty());
    EXPECT_EQ(context->run({floats({1, 2, 3}, std::vector<float>(6))}).size(), 1U);
}

TEST(Builder, FoldsLayersOfConstants) {
    Network n;
    const TensorRef a = n.addConstant("a", floats({2}, {1, 2}));
    const TensorRef b = n.addConstant("b", floats({2}, {10, 20}));
    const TensorRef x = n.addInput("x", DataType::f32, {2});
    n.markOutput(n.addLayer("Add", {x, n.addLayer("Mul", {a, b})[0]})[0]);
    const Engine engine = build(n);
    EXPECT_EQ(engine.steps().size(), 1U);
    EXPECT_EQ(toFloats(engine.createContext()->run({floats({2}, {0, 0})})[0]), (std::vector<float>{10, 40}));
}

TEST(Builder, NamesEveryUnknownOperatorAndWhereItLooked) {
    Network n;
    const TensorRef x = n.addInput("x", DataType::f32, {2});
    n.addLayer("NoSuchThing", {x});
    n.markOutput(n.addLayer("com.acme::Other", {x})[0]);
    const std::string message = errorOf([&] { build(n); });
    EXPECT_CONTAINS(message, "NoSuchThing");
    EXPECT_CONTAINS(message, "com.acme::Other");
    EXPECT_CONTAINS(message, "tenon/plugins");
    EXPECT_CONTAINS(message, "--plugin");
}

TEST(Builder, ExplainsARefusedAttribute) {
    Network n;
    const TensorRef x = n.addInput("x", DataType::f32, {2});
    n.markOutput(n.addLayer("LeakyRelu", {x}, {{"alhpa", 0.5F}})[0]);
    const std::string message = errorOf([&] { build(n); });
    EXPECT_CONTAINS(message, "alhpa");
    EXPECT_CONTAINS(message, "alpha");
}

TEST(Builder, SameInputsGiveTheSameBytes) {
    const Network n = addRelu();
    const Blob a = buildPlan(n, registry(), quick()), b = buildPlan(n, registry(), quick());
    ASSERT_EQ(a.size(), b.size());
    EXPECT_TRUE(std::equal(a.data(), a.data() + a.size(), b.data()));
}

TEST(Builder, StopsWhenProgressSaysSo) {
    BuilderOptions options = quick();
    options.progress = [](const std::string&, int, int) { return false; };
    EXPECT_CONTAINS(errorOf([&] { buildPlan(addRelu(), registry(), options); }), "interrupted");
}

TEST(Builder, ObeysTheSelectorCallback) {
    BuilderOptions options = quick();
    options.accept = [](const CandidateInfo&) { return false; };
    EXPECT_CONTAINS(errorOf([&] { buildPlan(addRelu(), registry(), options); }), "Add");
}

}  // namespace
}  // namespace tenon::testing
