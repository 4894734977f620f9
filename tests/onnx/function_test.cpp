// Model-local functions and ONNX's own function bodies.
#include "onnx_testing.h"

namespace tenon::testing {
namespace {

const std::string kHeading = "<domain: \"acme\", opset_import: [\"\" : 13, \"acme\" : 1]>\n";

TEST(Functions, AreInlined) {
    const auto m = model(13, "g (float[2] x) => (float[2] z) { y = acme.twice(x) z = acme.twice(y) }\n" + kHeading +
                                 "twice (a) => (b) { t = Identity(a) b = Add(t, a) }");
    EXPECT_EQ(toFloats(run(m, {floats({2}, {1, 2})})[0]), (Floats{4, 8}));
}

TEST(Functions, CallOtherFunctions) {
    const auto m = model(13, "g (float[2] x) => (float[2] y) { y = acme.four(x) }\n" + kHeading +
                                 "four (a) => (b) { t = acme.twice(a) b = acme.twice(t) }\n" + kHeading +
                                 "twice (a) => (b) { b = Add(a, a) }");
    EXPECT_EQ(toFloats(run(m, {floats({2}, {1, 2})})[0]), (Floats{4, 8}));
}

TEST(Functions, TakeAttributesOfTheCall) {
    auto m = model(13, "g (float[2] x) => (float[2] y) { y = acme.leak<slope = 0.5>(x) }\n" + kHeading +
                           "leak <slope> (a) => (b) { b = LeakyRelu<alpha: float = @slope>(a) }");
    EXPECT_EQ(toFloats(run(m, {floats({2}, {-2, 2})})[0]), (Floats{-1, 2}));
    m.mutable_graph()->mutable_node(0)->clear_attribute();  // then the operator's own default holds
    EXPECT_NEAR(toFloats(run(m, {floats({2}, {-2, 2})})[0])[0], -0.02F, 1e-6F);
}

TEST(Functions, HaveDefaultAttributes) {
    auto m = model(13, "g (float[2] x) => (float[2] y) { y = acme.leak(x) }\n" + kHeading +
                           "leak (a) => (b) { b = LeakyRelu<alpha: float = @slope>(a) }");
    onnx::AttributeProto slope;
    slope.set_name("slope");
    slope.set_type(onnx::AttributeProto::FLOAT);
    slope.set_f(0.25F);
    auto* f = m.mutable_functions(0);
    f->GetReflection()->MutableUnknownFields(f)->AddLengthDelimited(11, slope.SerializeAsString());
    EXPECT_EQ(toFloats(run(m, {floats({2}, {-2, 2})})[0]), (Floats{-0.5, 2}));
}

TEST(Functions, MayReturnTheirInput) {
    const auto m = model(13, "g (float[2] x) => (float[2] y) { p, q = acme.both(x) y = Add(p, q) }\n" + kHeading +
                                 "both (a) => (b, a) { b = Neg(a) }");
    EXPECT_EQ(toFloats(run(m, {floats({2}, {-2, 2})})[0]), (Floats{0, 0}));
}

TEST(Functions, UseTheirOwnOperatorSet) {
    const auto m = model(13,
                         "g (float[1, 2, 2] x) => (float[1, 2, 2] y) { y = acme.soft(x) }\n<domain: \"acme\", opset_import: "
                         "[\"\" : 11]>\nsoft (a) => (b) { b = Softmax(a) }");
    EXPECT_EQ(toFloats(run(m, {floats({1, 2, 2}, {0, 0, 0, 0})})[0]), (Floats{0.25, 0.25, 0.25, 0.25}));
}

TEST(Functions, ThatCallThemselvesAreRefused) {
    const auto m = model(13, "g (float[2] x) => (float[2] y) { y = acme.p(x) }\n" + kHeading +
                                 "p (a) => (b) { b = acme.q(a) }\n" + kHeading + "q (a) => (b) { b = acme.p(a) }");
    EXPECT_CONTAINS(importError(m), "function 'p' calls itself");
}

TEST(Functions, ThatMultiplyAreRefusedInTime) {
    std::string text = "g (float[2] x) => (float[2] y) { y = acme.f40(x) }\n";
    for (int i = 1; i <= 40; ++i) {
        const std::string inner = i == 1 ? "Neg" : "acme.f" + std::to_string(i - 1);
        text += kHeading + "f" + std::to_string(i) + " (a) => (b) { t = " + inner + "(a) b = " + inner + "(t) }\n";
    }
    EXPECT_CONTAINS(importError(model(13, text)), "add up to more than");
}

TEST(Functions, OfOperatorsReplaceThoseThatNoLibraryHas) {
    const TensorValue scores = floats({2, 3}, {1, 2, 3, 1, 1, 1}), labels = ints({2}, {2, 0});
    const auto loss =
        runFloats(13, "g (float[2, 3] x, int64[2] t) => (float[] y) { y = SoftmaxCrossEntropyLoss(s, t) s = Neg(m) m = Neg(x) }",
                  {scores, labels});
    EXPECT_NEAR(loss.at(0), (0.40760596F + 1.0986123F) / 2, 1e-5F);
}

}  // namespace
}  // namespace tenon::testing
