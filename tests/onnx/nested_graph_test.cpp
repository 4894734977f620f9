// Graphs in attributes. What they hold is checked through a plugin pin, so that no control-flow plugin is needed.
#include "onnx_testing.h"

namespace tenon::testing {
namespace {

// Relu stands for an operator with graphs: the importer does not care which one has them.
const std::string kTwo = R"(g (float[2] x, float[2] v) => (float[2] y) {
    w = Neg(x)
    y = Relu<z_graph = one () => (float[2] o) { o = Add(w, v) }, a_graph = two () => (float[2] o) { p = Abs(v) o = Identity(p) }>(x) })";

TEST(NestedGraphs, CaptureOuterTensorsInTheOrderOfAttributeNames) {
    const Network n = import(model(13, kTwo));
    const Graph& g = n.graph();
    const Layer& layer = g.layers.back();
    Names inputs;
    for (const int in : layer.inputs)
        inputs.push_back(g.tensors[static_cast<std::size_t>(in)].name);
    EXPECT_EQ(inputs, (Names{"x", "v", "w", "v"}));
    const auto& one = *std::get<std::shared_ptr<Graph>>(layer.attributes.at("z_graph"));
    ASSERT_EQ(one.inputs.size(), 2U);
    EXPECT_EQ(one.tensors[static_cast<std::size_t>(one.inputs[0])].name, "w");
    EXPECT_EQ(one.tensors[static_cast<std::size_t>(one.inputs[0])].type, DataType::f32);
    EXPECT_EQ(one.outputNames, Names{"o"});
    verify(one);
}

TEST(NestedGraphs, OrderTheirNodeAfterWhatTheyCapture) {
    const Network n =
        import(model(13, "g (float[2] x) => (float[2] y) { y = Relu<b = one () => (float[2] o) { o = Abs(w) }>(x) w = Neg(x) }"));
    EXPECT_EQ(operators(n), (Names{"Neg", "Relu"}));
}

TEST(NestedGraphs, CopyOuterConstantsInsteadOfCapturingThem) {
    const Network n = import(model(13,
                                   "g (float[2] x) => (float[2] y) { w = Constant<value_float = 2.0>() y = Relu<b = one () => "
                                   "(float[2] o) { o = Abs(w) }>(x) }"));
    const auto& nested = *std::get<std::shared_ptr<Graph>>(n.graph().layers.back().attributes.at("b"));
    EXPECT_TRUE(nested.inputs.empty());
    EXPECT_EQ(n.graph().layers.back().inputs.size(), 1U);
}

TEST(NestedGraphs, CaptureThroughSeveralLevels) {
    const Network n = import(model(13, R"(g (float[2] x, float[2] v) => (float[2] y) {
        y = Relu<b = outer () => (float[2] o) { o = Relu<b = inner () => (float[2] i) { i = Abs(v) }>(v) }>(x) })"));
    EXPECT_EQ(n.graph().layers.back().inputs.size(), 2U);
    const auto& outer = *std::get<std::shared_ptr<Graph>>(n.graph().layers.back().attributes.at("b"));
    EXPECT_EQ(outer.inputs.size(), 1U);
    EXPECT_EQ(outer.layers.back().inputs.size(), 2U);
}

TEST(NestedGraphs, AreRenamedWhenAFunctionIsInlined) {
    const auto m = model(13, R"(g (float[2] x) => (float[2] y) { t = Neg(x) y = acme.f(x) }
        <domain: "acme", opset_import: ["" : 13]>
        f (a) => (b) { t = Abs(a) b = Relu<c = one () => (float[2] o) { s = Add(t, a) o = Identity(s) }>(a) })");
    const Network n = import(m);
    const Layer& layer = n.graph().layers.back();
    ASSERT_EQ(layer.inputs.size(), 3U);
    EXPECT_EQ(n.graph().tensors[static_cast<std::size_t>(layer.inputs[1])].producer, 1);  // the function's own t
    EXPECT_EQ(n.graph().tensors[static_cast<std::size_t>(layer.inputs[2])].name, "x");
}

TEST(NestedGraphs, AreNamedInMessages) {
    const std::string text =
        importError(model(13, "g (float[2] x) => (float[2] y) { y = Relu<b = one () => (float[2] o) { o = Abs(nothing) }>(x) }"));
    EXPECT_CONTAINS(text, "node 0 (Abs) in graph 'one' of node 0 (Relu): tensor 'nothing'");
}

}  // namespace
}  // namespace tenon::testing
