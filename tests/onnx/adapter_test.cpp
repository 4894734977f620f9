// Old forms compute what their own opset says.
#include <cfloat>
#include <cmath>

#include "onnx_testing.h"

namespace tenon::testing {
namespace {

const TensorValue k23 = floats({2, 3}, {1, -2, 3, -4, 5, -6});

// The same text with value_info removed and the input's shape unknown would be static otherwise: hides rank and type behind a
// layer.
std::string hidden(const std::string& rest) {
    return "g (float[2, 3] x, float[2] b) => (float[2, 3] y) { h = Identity(x) " + rest + " }";
}

TEST(Adapters, MoveReshapeAndSliceAttributesToInputs) {
    EXPECT_EQ(run(model(1, "g (float[2, 3] x) => (float[3, 2] y) { y = Reshape<shape = [3, -1]>(x) }"), {k23})[0].dims,
              (Dims{3, 2}));
    EXPECT_EQ(runFloats(9, "g (float[2, 3] x) => (float[2, 1] y) { y = Slice<starts = [1], ends = [2], axes = [1]>(x) }", {k23}),
              (Floats{-2, 5}));
    EXPECT_EQ(runFloats(1, "g (float[2, 3] x) => (float[1, 3] y) { y = Slice<starts = [1], ends = [9]>(x) }", {k23}),
              (Floats{-4, 5, -6}));
}

TEST(Adapters, MoveAxesToInputs) {
    EXPECT_EQ(run(model(11, "g (float[2, 3] x) => (float[1, 2, 3, 1] y) { y = Unsqueeze<axes = [0, 3]>(x) }"), {k23})[0].dims,
              (Dims{1, 2, 3, 1}));
    EXPECT_EQ(
        run(model(11, "g (float[1, 2, 1] x) => (float[2, 1] y) { y = Squeeze<axes = [0]>(x) }"), {floats({1, 2, 1}, {1, 2})})[0]
            .dims,
        (Dims{2, 1}));
    EXPECT_EQ(run(model(1, "g (float[1, 2, 1] x) => (float[2] y) { y = Squeeze(x) }"), {floats({1, 2, 1}, {1, 2})})[0].dims,
              (Dims{2}));
    for (const char* op : {"ReduceSum", "ReduceMean", "ReduceMax", "ReduceL1", "ReduceSumSquare", "ReduceProd"}) {
        const std::string text = std::string("g (float[2, 3] x) => (float[2] y) { y = ") + op + "<axes = [1], keepdims = 0>(x) }";
        EXPECT_EQ(run(model(1, text), {k23})[0].dims, Dims{2}) << op;
    }
    EXPECT_EQ(runFloats(17, "g (float[2, 3] x) => (float[2, 1] y) { y = ReduceMax<axes = [-1]>(x) }", {k23}), (Floats{3, 5}));
    EXPECT_EQ(runFloats(11, "g (float[2, 3] x) => (float[1, 1] y) { y = ReduceSum(x) }", {k23}), Floats{-3});
}

TEST(Adapters, MoveSplitAndTopKAttributesToInputs) {
    const auto m = model(2, "g (float[2, 3] x) => (float[2, 1] a, float[2, 2] b) { a, b = Split<axis = 1, split = [1, 2]>(x) }");
    EXPECT_EQ(toFloats(run(m, {k23})[1]), (Floats{-2, 3, 5, -6}));
    const auto top = model(1, "g (float[2, 3] x) => (float[2, 1] v, int64[2, 1] i) { v, i = TopK<k = 1>(x) }");
    EXPECT_EQ(toFloats(run(top, {k23})[0]), (Floats{3, 5}));
}

TEST(Adapters, MovePadAttributesToInputs) {
    EXPECT_EQ(runFloats(2, "g (float[2] x) => (float[4] y) { y = Pad<pads = [1, 1], value = 7.0>(x) }", {floats({2}, {1, 2})}),
              (Floats{7, 1, 2, 7}));
    EXPECT_EQ(
        runFloats(1, "g (float[2] x) => (float[3] y) { y = Pad<paddings = [0, 1], mode = \"edge\">(x) }", {floats({2}, {1, 2})}),
        (Floats{1, 2, 2}));
}

TEST(Adapters, MoveClipLimitsToInputsOfItsType) {
    EXPECT_EQ(runFloats(6, "g (float[2, 3] x) => (float[2, 3] y) { y = Clip<min = 0.0, max = 4.0>(x) }", {k23}),
              (Floats{1, 0, 3, 0, 4, 0}));
    EXPECT_EQ(runFloats(6, "g (float[2, 3] x) => (float[2, 3] y) { y = Clip<max = 0.0>(x) }", {k23}),
              (Floats{0, -2, 0, -4, 0, -6}));
    // The type of h is stated nowhere in the model.
    const auto m =
        model(6, "g (float[2, 3] x) => (float[2, 3] y) { h = Cast<to = 11>(x) c = Clip<min = 0.0>(h) y = Cast<to = 1>(c) }");
    EXPECT_EQ(toFloats(run(m, {k23})[0]), (Floats{1, 0, 3, 0, 5, 0}));
}

TEST(Adapters, AlignTheSecondOperandAtAnAxis) {
    const TensorValue b = floats({2}, {10, 20});
    const Floats expected{11, 8, 13, 16, 25, 14};
    EXPECT_EQ(
        runFloats(6, "g (float[2, 3] x, float[2] b) => (float[2, 3] y) { y = Add<broadcast = 1, axis = 0>(x, b) }", {k23, b}),
        expected);
    EXPECT_EQ(runFloats(6, hidden("y = Add<broadcast = 1, axis = 0>(h, b)"), {k23, b}),
              expected);  // the rank of h is found by shape operators
    EXPECT_EQ(runFloats(6, hidden("y = Add<broadcast = 1, axis = -2>(h, b)"), {k23, b}), expected);
    EXPECT_EQ(runFloats(6, hidden("c = Identity(b) y = Add<broadcast = 1, axis = -2>(h, c)"), {k23, b}), expected);
    EXPECT_EQ(runFloats(6, "g (float[2, 3] x, float[3] b) => (float[2, 3] y) { y = Mul<broadcast = 1>(x, b) }",
                        {k23, floats({3}, {1, 0, 2})}),
              (Floats{1, 0, 6, -4, 0, -12}));
    EXPECT_CONTAINS(
        importError(model(6, "g (float[2, 3] x, float[2] b) => (float[2, 3] y) { y = Add<broadcast = 1, axis = 2>(x, b) }")),
        "axis 2 does not fit");
}

TEST(Adapters, GiveEachChannelItsSlope) {
    const TensorValue x = floats({1, 2, 2}, {-1, -1, -1, -1}), slope = floats({2}, {10, 20});
    const Floats expected{-10, -10, -20, -20};
    EXPECT_EQ(runFloats(6, "g (float[1, 2, 2] x, float[2] s) => (float[1, 2, 2] y) { y = PRelu(x, s) }", {x, slope}), expected);
    EXPECT_EQ(
        runFloats(6, "g (float[1, 2, 2] x, float[2] s) => (float[1, 2, 2] y) { h = Identity(x) y = PRelu(h, s) }", {x, slope}),
        expected);
}

TEST(Adapters, TakeSoftmaxOverEverythingFromItsAxisOn) {
    const TensorValue zeros = floats({1, 2, 2}, {0, 0, 0, 0});
    for (const char* op : {"Softmax", "LogSoftmax", "Hardmax"}) {
        const auto y =
            run(model(11, std::string("g (float[1, 2, 2] x) => (float[1, 2, 2] y) { y = ") + op + "(x) }"), {zeros})[0];
        EXPECT_EQ(y.dims, (Dims{1, 2, 2}));
        EXPECT_FLOAT_EQ(toFloats(y)[3], op[0] == 'S' ? 0.25F : op[0] == 'L' ? std::log(0.25F) : 0.0F);
    }
    EXPECT_EQ(runFloats(13, "g (float[1, 2, 2] x) => (float[1, 2, 2] y) { y = Softmax(x) }", {zeros}),
              (Floats{0.5, 0.5, 0.5, 0.5}));
    const auto empty =
        run(model(11, "g (float[2, 3, 0] x) => (float[2, 3, 0] y) { y = Softmax<axis = 1>(x) }"), {floats({2, 3, 0}, {})});
    EXPECT_EQ(empty[0].dims, (Dims{2, 3, 0}));
}

TEST(Adapters, MakeUpsampleAndOldResizeResize) {
    const TensorValue x = floats({1, 1, 1, 2}, {1, 2});
    const Floats expected{1, 1, 2, 2};
    EXPECT_EQ(
        runFloats(1,
                  "g (float[1, 1, 1, 2] x) => (float[1, 1, 1, 4] y) { y = Upsample<height_scale = 1.0, width_scale = 2.0>(x) }",
                  {x}),
        expected);
    EXPECT_EQ(
        runFloats(7, "g (float[1, 1, 1, 2] x) => (float[1, 1, 1, 4] y) { y = Upsample<scales = [1.0, 1.0, 1.0, 2.0]>(x) }", {x}),
        expected);
    const std::string scales = "s = Constant<value = float[4] {1.0, 1.0, 1.0, 2.0}>() ";
    EXPECT_EQ(runFloats(9, "g (float[1, 1, 1, 2] x) => (float[1, 1, 1, 4] y) { " + scales + "y = Upsample(x, s) }", {x}),
              expected);
    EXPECT_EQ(runFloats(10, "g (float[1, 1, 1, 2] x) => (float[1, 1, 1, 4] y) { " + scales + "y = Resize(x, s) }", {x}),
              expected);
    EXPECT_CONTAINS(importError(model(10, "g (float[1, 1, 1, 2] x) => (float[1, 1, 1, 4] y) { y = Resize(x) }")), "no scales");
}

TEST(Adapters, DropAttributesWithoutMeaningForInference) {
    EXPECT_EQ(
        runFloats(
            1, "g (float[2] x) => (float[2] y) { a = Relu<consumed_inputs = [0]>(x) y = Dropout<ratio = 0.5, is_test = 1>(a) }",
            {floats({2}, {-1, 1})}),
        (Floats{0, 1}));
    const std::string bn =
        "s = Constant<value = float[1] {1.0}>() z = Constant<value = float[1] {0.0}>() y = BatchNormalization<spatial = 1, "
        "is_test = 1, epsilon = 0.0>(x, s, z, z, s)";
    EXPECT_EQ(runFloats(6, "g (float[1, 1, 2] x) => (float[1, 1, 2] y) { " + bn + " }", {floats({1, 1, 2}, {-1, 1})}),
              (Floats{-1, 1}));
    EXPECT_EQ(runFloats(6, "g (float[1, 2] a, float[2, 1] b, float[1] c) => (float[1, 1] y) { y = Gemm<broadcast = 1>(a, b, c) }",
                        {floats({1, 2}, {1, 2}), floats({2, 1}, {3, 4}), floats({1}, {5})}),
              Floats{16});
}

TEST(Adapters, ShrinkByOldResizeRoundingUp) {
    const TensorValue x = floats({1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}), scales = floats({4}, {1, 1, 0.6F, 0.6F});
    const std::string constant = "s = Constant<value = float[4] {1.0, 1.0, 0.6, 0.6}>() ";
    EXPECT_EQ(runFloats(10, "g (float[1, 1, 2, 4] x) => (float[1, 1, 1, 2] y) { " + constant + "y = Resize(x, s) }", {x}),
              (Floats{1, 3}));
    EXPECT_EQ(runFloats(10, "g (float[1, 1, 2, 4] x, float[4] s) => (float[1, 1, H, W] y) { y = Resize(x, s) }", {x, scales}),
              (Floats{1, 3}));
}

TEST(Adapters, NormalizeByOldFlags) {
    const TensorValue x = floats({2, 1, 2}, {1, 3, 5, 7});
    const std::string signature = "g (float[2, 1, 2] x) => (float[2, 1, 2] y) { ";
    EXPECT_EQ(runFloats(1, signature + "y = MeanVarianceNormalization<normalize_variance = 0>(x) }", {x}),
              (Floats{-3, -1, 1, 3}));
    EXPECT_NEAR(runFloats(8, signature + "y = MeanVarianceNormalization<across_channels = 1>(x) }", {x})[3], 3 / std::sqrt(5.0F),
                1e-5F);
    const std::string parameters =
        "s = Constant<value = float[1, 2] {1.0, 2.0}>() b = Constant<value = float[1, 2] {0.0, 5.0}>() v = Constant<value = "
        "float[1, 2] {4.0, 1.0}>() ";
    EXPECT_EQ(runFloats(7, signature + parameters + "y = BatchNormalization<spatial = 0, epsilon = 0.0>(x, s, b, b, v) }", {x}),
              (Floats{0.5, 1, 2.5, 9}));
}

TEST(Adapters, KeepOldTypesAndConstants) {
    const TensorValue x = floats({2}, {-1, 1});
    EXPECT_EQ(run(model(7, "g (float[2] x) => (float[2] y, float[2] m) { y, m = Dropout(x) }"), {x})[1].type, DataType::f32);
    EXPECT_EQ(run(model(10, "g (float[2] x) => (float[2] y, bool[2] m) { y, m = Dropout(x) }"), {x})[1].type, DataType::boolean);
    EXPECT_FLOAT_EQ(runFloats(1, "g (float[2] x) => (float[2] y) { y = Selu(x) }", {x})[1], 1.0507F);
    EXPECT_CONTAINS(importError(model(1, "g (float[1, 1, 2] x) => (float[1, 1, 1] y) { y = GlobalLpPool<p = 2.5>(x) }")),
                    "whole");
    const auto parts = model(1,
                             "g (float[3] x) => (float[1] a, float[2] b) { s = Constant<value = float[2] {1.0, 2.0}>() "
                             "a, b = Split(x, s) }");
    EXPECT_EQ(toFloats(run(parts, {floats({3}, {1, 2, 3})})[1]), (Floats{2, 3}));
}

TEST(Adapters, TakeRegionsOfOldRoiAlignFromTheirCorners) {
    const TensorValue x = floats({1, 1, 2, 2}, {1, 2, 3, 4}), roi = floats({1, 4}, {0, 0, 2, 2}), image = ints({1}, {0});
    const std::string text =
        "g (float[1, 1, 2, 2] x, float[1, 4] r, int64[1] i) => (float[1, 1, 1, 1] y) { y = "
        "RoiAlign<sampling_ratio = 1>(x, r, i) }";
    EXPECT_EQ(runFloats(10, text, {x, roi, image}), Floats{4});
    EXPECT_EQ(runFloats(16, text, {x, roi, image}), Floats{2.5});
}

TEST(Adapters, TurnNamesAndDefaultsIntoTheirNewForm) {
    EXPECT_EQ(runFloats(1,
                        "g (float[3] x) => (float[1] y) { s = Constant<value = int64[1] {1}>() e = Constant<value = int64[1] "
                        "{2}>() y = DynamicSlice(x, s, e) }",
                        {floats({3}, {1, 2, 3})}),
              Floats{2});
    EXPECT_EQ(run(model(1, "g (float[2] x) => (int32[2] y) { y = Cast<to = \"INT32\">(x) }"), {floats({2}, {1, 2})})[0].type,
              DataType::i32);
    EXPECT_EQ(run(model(1, "g (float[1, 1] x) => (float[1, 2] y) { y = Concat(x, x) }"), {floats({1, 1}, {1})})[0].dims,
              (Dims{1, 2}));
    const TensorValue at = ints({1}, {1}), updates = floats({1}, {9});
    EXPECT_EQ(runFloats(9, "g (float[2] x, int64[1] i, float[1] u) => (float[2] y) { y = Scatter(x, i, u) }",
                        {floats({2}, {1, 2}), at, updates}),
              (Floats{1, 9}));
}

TEST(Adapters, RepeatOneAxisForOldTile) {
    EXPECT_EQ(
        runFloats(5, "g (float[2, 1] x, int64 n) => (float[2, 2] y) { a = Constant<value = int64 {1}>() y = Tile(x, n, a) }",
                  {floats({2, 1}, {1, 2}), ints({}, {2})}),
        (Floats{1, 1, 2, 2}));
}

TEST(Adapters, SpreadGroupParametersOverTheirChannels) {
    const auto m = model(18, R"(g (float[1, 4, 2] x) => (float[1, 4, 2] y) {
        s = Constant<value = float[2] {1.0, 2.0}>() b = Constant<value = float[2] {0.0, 5.0}>() y = GroupNormalization<num_groups = 2, epsilon = 0.0>(x, s, b) })");
    EXPECT_EQ(toFloats(run(m, {floats({1, 4, 2}, {1, 3, 1, 3, 1, 3, 1, 3})})[0]), (Floats{-1, 1, -1, 1, 3, 7, 3, 7}));
}

}  // namespace
}  // namespace tenon::testing
