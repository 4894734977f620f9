// Graphs, names, shapes and messages.
#include "onnx_testing.h"

namespace tenon::testing {
namespace {

TEST(Importer, MakesALayerOfEachNode) {
    const Network n = import(model(13, "g (float[2] x) => (float[2] z) { y = Relu(x) z = Add(y, x) }"));
    EXPECT_EQ(operators(n), (Names{"Relu", "Add"}));
    EXPECT_EQ(n.graph().outputNames, Names{"z"});
    EXPECT_EQ(n.graph().layers[1].source, "node 1 (Add)");
}

TEST(Importer, SortsNodesThatAreOutOfOrder) {
    EXPECT_EQ(runFloats(13, "g (float[2] x) => (float[2] z) { z = Add(y, x) y = Neg(w) w = Relu(x) }", {floats({2}, {-1, 3})}),
              (Floats{-1, 0}));
}

TEST(Importer, KeepsTheOrderOfTheFileWhereItCan) {
    const Network n =
        import(model(13, "g (float[2] x) => (float[2] a, float[2] b, float[2] c) { a = Relu(x) b = Neg(x) c = Abs(x) }"));
    EXPECT_EQ(operators(n), (Names{"Relu", "Neg", "Abs"}));
}

TEST(Importer, TakesNamedDimensionsAsSymbols) {
    const Network n = import(model(13, "g (float[batch, 3] x) => (float[batch, 3] y) { y = Relu(x) }"));
    const Graph& g = n.graph();
    EXPECT_EQ(toString(g.tensors[static_cast<std::size_t>(g.inputs[0])].shape), "[batch,3]");
}

TEST(Importer, TakesAnInputWithoutShapeAsOfUnknownRank) {
    onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] y) { y = Relu(x) }");
    m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape();
    const Network n = import(m);
    EXPECT_EQ(n.graph().tensors[static_cast<std::size_t>(n.graph().inputs[0])].shape.rank, -1);
}

TEST(Importer, TakesAnInputWithAnInitializerAsConstant) {
    onnx::ModelProto m = model(13, "g (float[2] x, float[2] w) => (float[2] y) { y = Add(x, w) }");
    auto* w = m.mutable_graph()->add_initializer();
    w->set_name("w");
    w->set_data_type(1);
    w->add_dims(2);
    w->add_float_data(10);
    w->add_float_data(20);
    EXPECT_EQ(import(m).graph().inputs.size(), 1U);
    EXPECT_EQ(toFloats(run(m, {floats({2}, {1, 2})})[0]), (Floats{11, 22}));
}

TEST(Importer, MakesConstantsOfAllFormsOfConstantNodes) {
    const Network n = import(model(13, R"(g (float[2] x) => (float[2] y) {
        a = Constant<value_float = 1.5>() b = Constant<value_floats = [1.0, 2.0]>() c = Constant<value_int = 3>()
        d = Constant<value_ints = [1, 2, 3]>() e = Constant<value_string = "s">() f = Constant<value = float[1] {4.0}>()
        y = Add(x, b) })"));
    const auto constant = [&](const std::string& name) {
        for (const Tensor& t : n.graph().tensors)
            if (t.name == name) return t.constant.value();
        return TensorValue{};
    };
    EXPECT_EQ(toFloats(constant("a")), Floats{1.5});
    EXPECT_EQ(constant("b").dims, Dims{2});
    EXPECT_EQ(constant("c").dims, Dims{});
    EXPECT_EQ(constant("d").dims, Dims{3});
    EXPECT_EQ(constant("e").type, DataType::string);
    EXPECT_EQ(toFloats(constant("f")), Floats{4});
}

TEST(Importer, DropsTheHintsForTensorRt) {
    const Network n =
        import(model(13, "g (float[2] x) => (float[2] y) { y = Relu<tensorrt_plugin_shape_input_indices = [0]>(x) }"));
    EXPECT_TRUE(n.graph().layers[0].attributes.empty());
}

TEST(Importer, PinsTheImplementationThatANodeAsksFor) {
    const Network n =
        import(model(13, "g (float[2] x) => (float[2] y) { y = Relu<plugin_version = \"7\", plugin_namespace = \"n\">(x) }"));
    EXPECT_EQ(n.graph().layers[0].pluginVersion, "7");
    EXPECT_EQ(n.graph().layers[0].pluginNamespace, "n");
}

TEST(Importer, ListsAllUnknownOperatorsInOneMessage) {
    const std::string text =
        importError(model(13, "g (float[2] x) => (float[2] y) { a = acme.Foo(x) b = Reluu(a) y = acme.Foo(b) }"));
    EXPECT_CONTAINS(text, "3 problems");
    EXPECT_CONTAINS(text, "node 0 (acme::Foo): no implementation of acme::Foo");
    EXPECT_CONTAINS(text, "node 1 (Reluu)");
    EXPECT_CONTAINS(text, "Relu");
    EXPECT_CONTAINS(text, "node 2 (acme::Foo)");
}

TEST(Importer, ReportsOneMistakeOnce) {
    const std::string text =
        importError(model(13, "g (float[2] x) => (float[2] z) { y = Add(x, nothing) w = Relu(y) z = Neg(w) }"));
    EXPECT_CONTAINS(text, "1 problem:");
    EXPECT_CONTAINS(text, "node 0 (Add): tensor 'nothing' is produced by no node");
}

TEST(Importer, AcceptsOpsetsNewerThanAnyItKnows) {
    EXPECT_EQ(runFloats(99, "g (float[2] x) => (float[2] y) { y = Relu(x) }", {floats({2}, {-1, 3})}), (Floats{0, 3}));
}

TEST(Importer, FillsSparseInitializers) {
    onnx::ModelProto m = model(13, "g (float[2, 2] x) => (float[2, 2] y) { y = Add(x, w) }");
    auto* w = m.mutable_graph()->add_sparse_initializer();
    w->add_dims(2);
    w->add_dims(2);
    w->mutable_values()->set_name("w");
    w->mutable_values()->set_data_type(1);
    w->mutable_values()->add_dims(1);
    w->mutable_values()->add_float_data(5);
    w->mutable_indices()->set_data_type(7);
    w->mutable_indices()->add_dims(1);
    w->mutable_indices()->add_int64_data(2);
    EXPECT_EQ(toFloats(run(m, {floats({2, 2}, {1, 1, 1, 1})})[0]), (Floats{1, 1, 6, 1}));
}

}  // namespace
}  // namespace tenon::testing
