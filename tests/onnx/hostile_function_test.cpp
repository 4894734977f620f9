// Functions and nested graphs that want to become more than there is memory for.
#include "hostile_testing.h"

namespace tenon::testing {
namespace {

using HostileFunction = Hostile;

std::string acme(const std::string& body, const std::string& functions) {
    return "g (float[2] x) => (float[2] y) { " + body + " }" + functions;
}
std::string function(const std::string& name, const std::string& body) {
    return " <domain: \"acme\", opset_import: [\"\" : 13, \"acme\" : 1]> " + name + " (a) => (b) { " + body + " }";
}

TEST_F(HostileFunction, ThatCallsItselfIsRefused) {
    EXPECT_CONTAINS(importError(model(13, acme("y = acme.f(x)", function("f", "b = acme.f(a)")))), "function 'f' calls itself");
    EXPECT_CONTAINS(
        importError(model(13, acme("y = acme.f(x)", function("f", "b = acme.g(a)") + function("g", "b = acme.f(a)")))),
        "function 'f' calls itself");
}

TEST_F(HostileFunction, ThatDoublesManyTimesIsRefused) {
    std::string functions = function("f0", "b = Neg(a)");
    for (int i = 1; i <= 40; ++i) {
        const std::string inner = "acme.f" + std::to_string(i - 1);
        functions += function("f" + std::to_string(i), "t = " + inner + "(a) b = " + inner + "(t)");
    }
    EXPECT_CONTAINS(importError(model(13, acme("y = acme.f40(x)", functions))), "add up to more than");
}

TEST_F(HostileFunction, WithLargeConstantsCalledOftenIsRefused) {
    onnx::ModelProto m = model(13, acme("y = acme.f(x)", function("f", "c = Constant<value = float[1] {1.0}>() b = Add(a, c)")));
    auto* c = m.mutable_functions(0)->mutable_node(0)->mutable_attribute(0)->mutable_t();
    c->Clear();
    *c = tensor("", 1, {1 << 20});
    c->set_raw_data(std::string(4 << 20, '\0'));
    for (int i = 0; i < 5000; ++i)
        addNode(*m.mutable_graph(), "f", {"x"}, {"z" + std::to_string(i)}).set_domain("acme");
    EXPECT_CONTAINS(importError(m), "add up to more than");
}

TEST_F(HostileFunction, WithLongNamesCalledOftenIsRefused) {
    onnx::ModelProto m = model(13, acme("y = acme.f(x)", function("f", "b = Neg(a)")));
    const std::string longName(1 << 20, 'f');
    m.mutable_functions(0)->set_name(longName);
    for (int i = 0; i < 100; ++i)
        m.mutable_functions(0)->mutable_node(0)->add_input("t" + std::to_string(i));
    m.mutable_graph()->mutable_node(0)->set_op_type(longName);
    for (int i = 0; i < 100; ++i)
        addNode(*m.mutable_graph(), longName, {"x"}, {"z" + std::to_string(i)}).set_domain("acme");
    EXPECT_CONTAINS(importError(m), "add up to more than");
}

TEST_F(HostileFunction, WithNestedGraphsCalledOftenIsRefused) {
    onnx::ModelProto m =
        model(13, acme("y = acme.f(x)", function("f", "b = acme.Custom<body = t () => (float[2] o) { o = Neg(a) }>(a)")));
    auto* graph = m.mutable_functions(0)->mutable_node(0)->mutable_attribute(0)->mutable_g();
    for (int i = 0; i < 10000; ++i)
        addNode(*graph, "Neg", {"a"}, {"n" + std::to_string(i)});
    for (int i = 0; i < 10000; ++i)
        addNode(*m.mutable_graph(), "f", {"x"}, {"z" + std::to_string(i)}).set_domain("acme");
    EXPECT_CONTAINS(importError(m), "add up to more than");
}

TEST_F(HostileFunction, KeepsItsConstants) {  // their bytes lie in a copy of the body
    onnx::ModelProto m = model(13, "g (float[2048] x) => (float[2048] y) { y = acme.f(x) }" +
                                       function("f", "c = Constant<value = float[1] {1.0}>() b = Add(a, c)"));
    auto* c = m.mutable_functions(0)->mutable_node(0)->mutable_attribute(0)->mutable_t();
    *c = tensor("", 1, {2048});
    const std::vector<float> ones(2048, 1.0F);
    c->set_raw_data(ones.data(), 8192);
    EXPECT_EQ(toFloats(run(m, {floats({2048}, std::vector<float>(2048, 2.0F))}).at(0)), Floats(2048, 3.0F));
}

TEST_F(HostileFunction, NamedLikeAnOperatorGivesWayToIt) {
    onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] y) { y = Neg(x) }" + function("Neg", "b = Neg(a)"));
    m.mutable_functions(0)->clear_domain();
    EXPECT_EQ(toFloats(run(m, {floats({2}, {1, 2})}).at(0)), (Floats{-1, -2}));
}

TEST_F(HostileFunction, WithoutOperatorSetsUsesTheModels) {
    onnx::ModelProto m = model(13, acme("y = acme.f(x)", function("f", "b = Neg(a)")));
    m.mutable_functions(0)->clear_opset_import();
    EXPECT_EQ(toFloats(run(m, {floats({2}, {1, 2})}).at(0)), (Floats{-1, -2}));
    for (const std::int64_t version : {std::int64_t{0}, std::int64_t{-4}, std::int64_t{1} << 40}) {
        auto* opset = m.mutable_functions(0)->add_opset_import();
        opset->set_version(version);
        EXPECT_CONTAINS(importError(m), "function 'f' imports version " + std::to_string(version));
        m.mutable_functions(0)->clear_opset_import();
    }
}

TEST_F(HostileFunction, CalledWronglyIsRefused) {
    const std::string f = function("f", "b = Neg(a)");
    EXPECT_CONTAINS(importError(model(13, acme("y = acme.f(x, x)", f))), "node 0 (acme::f)");
    EXPECT_CONTAINS(importError(model(13, acme("y, z = acme.f(x)", f))), "node 0 (acme::f)");
    EXPECT_CONTAINS(refusal(model(13, acme("y = acme.f()", f))), "node 0 (Neg) of function 'f'");
    onnx::ModelProto m = model(13, acme("y = acme.f(x)", f));
    m.mutable_functions(0)->clear_output();
    EXPECT_FALSE(importError(m).empty());
    m = model(13, acme("y = acme.f(x)", f));
    m.mutable_functions(0)->clear_node();
    EXPECT_FALSE(importError(m).empty());
    m = model(13, acme("y = acme.f(x)", f));
    m.mutable_functions(0)->set_name("\xFF");
    EXPECT_FALSE(importError(m).empty());
    m = model(13, acme("y = acme.f(x)", f));
    m.mutable_functions(0)->set_input(0, "b");  // its input and its output
    EXPECT_FALSE(importError(m).empty());
}

// `depth` nested graphs; the innermost uses `width` tensors of the main graph.
onnx::ModelProto deep(int depth, int width) {
    onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] y) { y = Neg(x) }");
    for (int i = 0; i < width; ++i)
        addNode(*m.mutable_graph(), "Neg", {"x"}, {"t" + std::to_string(i)});
    onnx::GraphProto* graph = m.mutable_graph();
    for (int i = 0; i < depth; ++i) {
        const std::string out = "d" + std::to_string(i);
        onnx::NodeProto& node = addNode(*graph, "Custom", {}, {out});
        if (i > 0) graph->add_output()->set_name(out);
        node.set_domain("acme");
        auto* a = node.add_attribute();
        a->set_name("body");
        a->set_type(onnx::AttributeProto::GRAPH);
        graph = a->mutable_g();
    }
    for (int i = 0; i < width; ++i)
        addNode(*graph, "Neg", {"t" + std::to_string(i)}, {"u" + std::to_string(i)});
    return m;
}

TEST_F(HostileFunction, AtTheBottomOfDeepGraphsMayUseTheTop) {
    EXPECT_CONTAINS(importError(deep(90, 100)), "acme::Custom");
    EXPECT_CONTAINS(importError(deep(90, 20000)), "nested graphs use more than");
}

TEST_F(HostileFunction, InDeepGraphsMayNotHaveManyNodes) {
    onnx::ModelProto m = deep(90, 0);
    onnx::GraphProto* graph = m.mutable_graph();
    for (int i = 0; i < 90; ++i)
        graph = graph->mutable_node(graph->node_size() - 1)->mutable_attribute(0)->mutable_g();
    for (int i = 0; i < 50000; ++i)
        addNode(*graph, "Neg", {"x"}, {"u" + std::to_string(i)});
    EXPECT_CONTAINS(importError(m), "too many nodes lie in deeply nested graphs");
}

}  // namespace
}  // namespace tenon::testing
