// Nested networks and lists of tensors, run through plans.
#include "onnx_testing.h"

namespace tenon::testing {
namespace {

TensorValue integer(std::int64_t v) { return {DataType::i64, {}, Blob::copyOf(&v, sizeof v)}; }
TensorValue truth(bool v) { return {DataType::boolean, {}, Blob::copyOf(&v, sizeof v)}; }

const std::string kRunningSum = R"(g (int64 n, float[len] x) => (float[len] last, float[steps, len] all) {
    one = Constant<value_int = 1>() go = Cast<to = 9>(one)
    last, all = Loop<body = b (int64 i, bool c, float[len] v) => (bool d, float[len] w, float[len] s) {
        d = Identity(c) w = Add(v, x) s = Mul(w, w) }>(n, go, x) })";

BuilderOptions lengths(std::int64_t most) {
    BuilderOptions options = quick();
    options.profile.shapes["x"] = {{0}, {2}, {most}};
    return options;
}

TEST(ControlFlow, LoopsRunWithThreeShapesThroughOnePlan) {
    const Engine engine = build(import(model(16, kRunningSum)), lengths(8));
    const auto context = engine.createContext();
    for (const std::int64_t length : {2, 5, 1}) {
        const auto y = context->run({integer(3), floats({length}, Floats(static_cast<std::size_t>(length), 2))});
        EXPECT_EQ(y[0].dims, (Dims{length}));
        EXPECT_EQ(y[1].dims, (Dims{3, length}));
        EXPECT_EQ(toFloats(y[0])[0], 8);
        EXPECT_EQ(toFloats(y[1])[0], 16);
        EXPECT_EQ(toFloats(y[1]).back(), 64);
    }
}

TEST(ControlFlow, LoopsThatRunNeverKeepTheirValues) {
    const auto y = build(import(model(16, kRunningSum)), lengths(8)).createContext()->run({integer(0), floats({2}, {1, 2})});
    EXPECT_EQ(toFloats(y[0]), (Floats{1, 2}));
    EXPECT_EQ(y[1].dims[0], 0);
}

TEST(ControlFlow, LoopsEndWhenTheirConditionFails) {
    const std::string text = R"(g (float x) => (float y) {
        m = Constant<value_int = 1000>() big = Constant<value_float = 100.0>() one = Constant<value_int = 1>() go = Cast<to = 9>(one)
        y = Loop<body = b (int64 i, bool c, float v) => (bool d, float w) { w = Add(v, v) d = Less(w, big) }>(m, go, x) })";
    EXPECT_EQ(runFloats(16, text, {floats({}, {3})}), Floats{192});
}

TEST(ControlFlow, BranchesMayNestAndGiveDifferentShapes) {
    const std::string text = R"(g (bool a, bool b, float[n] x) => (float[m] y) {
        y = If<then_branch = t () => (float[p] o) {
                   o = If<then_branch = tt () => (float[q] u) { u = Concat<axis = 0>(x, x) },
                          else_branch = te () => (float[q] v) { v = Neg(x) }>(b) },
               else_branch = e () => (float[p] r) { z = Constant<value_floats = [7.0]>() r = Identity(z) }>(a) })";
    const Engine engine = build(import(model(16, text)), lengths(4));
    const auto context = engine.createContext();
    const TensorValue x = floats({2}, {1, 2});
    EXPECT_EQ(toFloats(context->run({truth(true), truth(true), x})[0]), (Floats{1, 2, 1, 2}));
    EXPECT_EQ(toFloats(context->run({truth(true), truth(false), x})[0]), (Floats{-1, -2}));
    EXPECT_EQ(toFloats(context->run({truth(false), truth(true), x})[0]), Floats{7});
}

TEST(ControlFlow, LayersBehindABranchTakeWhateverItGives) {
    const std::string text = R"(g (bool a, float[n] x) => (float[m] y) {
        b = If<then_branch = t () => (float[p] o) { o = Concat<axis = 0>(x, x) },
               else_branch = e () => (float[p] r) { r = Identity(x) }>(a)
        c = Shape(b) d = Cast<to = 1>(c) y = Add(b, d) })";
    const auto context = build(import(model(16, text)), lengths(4)).createContext();
    EXPECT_EQ(toFloats(context->run({truth(true), floats({2}, {1, 2})})[0]), (Floats{5, 6, 5, 6}));
    EXPECT_EQ(toFloats(context->run({truth(false), floats({1}, {1})})[0]), Floats{2});
}

TEST(ControlFlow, ScansCarryStatesAndStackOutputs) {
    const std::string text = R"(g (float[2] s, float[n, 2] x) => (float[2] last, float[n, 2] all) {
        last, all = Scan<num_scan_inputs = 1, scan_input_directions = [1], body = b (float[2] u, float[2] v) => (float[2] w, float[2] o) {
            w = Add(u, v) o = Identity(w) }>(s, x) })";
    BuilderOptions options = quick();
    options.profile.shapes["x"] = {{1, 2}, {3, 2}, {9, 2}};
    const auto y =
        build(import(model(16, text)), options).createContext()->run({floats({2}, {0, 0}), floats({3, 2}, {1, 2, 3, 4, 5, 6})});
    EXPECT_EQ(toFloats(y[0]), (Floats{9, 12}));
    EXPECT_EQ(toFloats(y[1]), (Floats{5, 6, 8, 10, 9, 12}));
}

TEST(ControlFlow, SequencesAreBuiltChangedAndJoined) {
    const std::string text = R"(g (float[n] x, float[m] y) => (float[k] z, int64 length, float[j] first) {
        zero = Constant<value_int = 0>() one = Constant<value_int = 1>()
        a = SequenceConstruct(x, y) b = SequenceInsert(a, y, zero) c = SequenceErase(b, one)
        z = ConcatFromSequence<axis = 0>(b) length = SequenceLength(c) first = SequenceAt(c, zero) })";
    BuilderOptions options = lengths(4);
    options.profile.shapes["y"] = {{1}, {1}, {4}};
    const auto context = build(import(model(16, text)), options).createContext();
    const auto out = context->run({floats({2}, {1, 2}), floats({1}, {9})});
    EXPECT_EQ(toFloats(out[0]), (Floats{9, 1, 2, 9}));
    EXPECT_EQ(*reinterpret_cast<const std::int64_t*>(out[1].data.data()), 2);
    EXPECT_EQ(toFloats(out[2]), Floats{9});
    EXPECT_EQ(toFloats(context->run({floats({1}, {5}), floats({3}, {6, 7, 8})})[0]), (Floats{6, 7, 8, 5, 6, 7, 8}));
}

TEST(ControlFlow, SequencesGoThroughLoops) {
    const std::string text = R"(g (int64 n, float[k] x) => (float[m] y) {
        one = Constant<value_int = 1>() go = Cast<to = 9>(one) s = SequenceConstruct(x)
        t = Loop<body = b (int64 i, bool c, float[k] v) => (bool d, float[k] w) {
            d = Identity(c) zero = Constant<value_int = 0>() p = SequenceAt(v, zero) q = Add(p, x) w = SequenceInsert(v, q, zero) }>(n, go, s)
        y = ConcatFromSequence<axis = 0>(t) })";
    onnx::ModelProto m = model(16, text);  // the parser knows no sequences
    auto& body = *m.mutable_graph()->mutable_node(3)->mutable_attribute(0)->mutable_g();
    for (auto* v : {body.mutable_input(2), body.mutable_output(1)}) {
        const onnx::TypeProto item = v->type();
        *v->mutable_type()->mutable_sequence_type()->mutable_elem_type() = item;
    }
    const auto y = build(import(m), lengths(4)).createContext()->run({integer(2), floats({1}, {1})});
    EXPECT_EQ(toFloats(y[0]), (Floats{3, 2, 1}));
}

TEST(ControlFlow, NetworksOfUnknownRankRunWithAnyShape) {
    onnx::ModelProto m = model(
        16, "g (float[2] x) => (float[2] y) { a = Relu(x) b = Shape(a) c = Cast<to = 1>(b) d = ReduceSum(c) y = Add(a, d) }");
    m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape();
    const auto context = build(import(m)).createContext();
    EXPECT_EQ(toFloats(context->run({floats({2}, {1, -2})})[0]), (Floats{3, 2}));
    EXPECT_EQ(context->run({floats({1, 3}, {1, 2, 3})})[0].dims, (Dims{1, 3}));
    EXPECT_EQ(toFloats(context->run({floats({}, {5})})[0]), Floats{5});
}

TEST(ControlFlow, EndlessLoopsDoNotStopTheBuild) {
    const std::string text = R"(g (float[n] x) => (float[n] y) {
        m = Constant<value_int = 4611686018427387904>() one = Constant<value_int = 1>() go = Cast<to = 9>(one)
        t = Loop<body = b (int64 i, bool c, float[1] v) => (bool d, float[1] w) { d = Identity(c) w = Neg(v) }>(m, go, one_f)
        one_f = Constant<value_floats = [1.0]>() y = Add(x, t) })";
    EXPECT_NO_THROW(build(import(model(16, text)), lengths(4)));
}

}  // namespace
}  // namespace tenon::testing
