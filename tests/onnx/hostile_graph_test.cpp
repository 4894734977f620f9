// Graphs that contradict themselves: names, producers, outputs, scopes, versions.
#include "hostile_testing.h"

namespace tenon::testing {
namespace {

using HostileGraph = Hostile;

TEST_F(HostileGraph, WithAnInitializerThatANodeProducesIsRefused) {
    onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] y) { w = Neg(x) y = Add(x, w) }");
    *m.mutable_graph()->add_initializer() = tensor("w", 1, {0});
    EXPECT_CONTAINS(importError(m), "node 0 (Neg): there are two tensors named 'w'");
}

TEST_F(HostileGraph, WithAnOutputThatNobodyProducesIsRefused) {
    EXPECT_CONTAINS(importError(model(13, "g (float[2] x) => (float[2] z) { y = Neg(x) }")), "output 'z'");
    EXPECT_CONTAINS(importError(model(13, "g (float[2] x) => (float[2] y) { y = Add(x, absent) }")),
                    "node 0 (Add): tensor 'absent'");
}

TEST_F(HostileGraph, MayReturnAnInputOrAConstant) {
    EXPECT_EQ(runFloats(13, "g (float[2] x) => (float[2] x) { }", {floats({2}, {3, 4})}), (Floats{3, 4}));
    onnx::ModelProto m = model(13, "g (float[2] x) => (float[1] w) { y = Neg(x) }");
    onnx::TensorProto w = tensor("w", 1, {1});
    w.add_float_data(9);
    *m.mutable_graph()->add_initializer() = w;
    EXPECT_EQ(toFloats(run(m, {floats({2}, {3, 4})}).at(0)), (Floats{9}));
}

TEST_F(HostileGraph, WithEmptyNamesIsRefused) {
    onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] y) { y = Neg(x) }");
    m.mutable_graph()->mutable_input(0)->clear_name();
    EXPECT_CONTAINS(importError(m), "input '': a tensor has no name");
    m = model(13, "g (float[2] x) => (float[2] y) { y = Neg(x) }");
    m.mutable_graph()->mutable_output(0)->clear_name();
    EXPECT_CONTAINS(importError(m), "output ''");
    m = addModel();
    *m.mutable_graph()->add_initializer() = tensor("", 1, {0});
    EXPECT_CONTAINS(importError(m), "initializer ''");
    m.mutable_graph()->mutable_node(0)->clear_op_type();
    EXPECT_CONTAINS(importError(m), "node 0 (): the node has no operator");
}

TEST_F(HostileGraph, OfNodesWithoutInputsOrOutputsIsRefusedOrTaken) {
    for (const char* op : {"Add", "If", "Loop", "Scan", "Constant", "Concat", "Split", "Identity", "Reshape", "LSTM", "Resize"}) {
        onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] x) { }");
        addNode(*m.mutable_graph(), op, {}, {});
        addNode(*m.mutable_graph(), op, {"", "", ""}, {"", ""});
        addNode(*m.mutable_graph(), op, {}, {"z"});
        addNode(*m.mutable_graph(), op, std::vector<std::string>(1000, "x"), {"many"});
        m.mutable_graph()->add_output()->set_name("z");
        m.mutable_graph()->add_output()->set_name("many");
        EXPECT_FALSE(refusal(m).empty()) << op;
    }
}

TEST_F(HostileGraph, WithNamesThatAreNotUtf8IsRefused) {
    const std::string bad = "\xED\xA0\x80";  // a surrogate
    onnx::ModelProto m = addModel();
    *m.mutable_graph()->add_initializer() = tensor(bad, 1, {0});
    EXPECT_CONTAINS(importError(m), "initializer '\\xed\\xa0\\x80'");
    m = model(13, "g (float[2] x) => (float[2] y) { y = Neg(x) }");
    m.mutable_graph()->mutable_node(0)->set_domain(bad);
    EXPECT_CONTAINS(importError(m), "domain '\\xed\\xa0\\x80' is not UTF-8");
    m = model(13, "g (float[2] x) => (float[2] y) { y = Neg(x) }");
    m.mutable_graph()->mutable_node(0)->add_attribute()->set_name(bad);
    EXPECT_CONTAINS(importError(m), "attribute '\\xed\\xa0\\x80' is not UTF-8");
    m = model(13, "g (float[2] x) => (float[2] y) { y = Neg(x) }");
    m.mutable_graph()->set_name(bad);
    EXPECT_CONTAINS(importError(m), "graph '\\xed\\xa0\\x80': the name is not UTF-8");
}

TEST_F(HostileGraph, MayHoldStringsThatAreNotUtf8) {
    onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] y) { y = acme.Unknown<text = \"t\">(x) }");
    m.mutable_graph()->mutable_node(0)->mutable_attribute(0)->set_s("\xFF\xFE");
    EXPECT_CONTAINS(importError(m), "acme::Unknown");  // it may be binary data: only the operator is missing
}

TEST_F(HostileGraph, WithShadowedNamesIsUnderstoodOrRefused) {
    const std::string start = "g (bool c, float[2] x) => (float[2] y) { y = If<then_branch = t () => (float[2] o) { ";
    const std::string end = " }, else_branch = e () => (float[2] o) { o = Abs(x) }>(c) }";
    EXPECT_CONTAINS(importError(model(13, start + "o = Abs(o)" + end)), "uses its own output");
    EXPECT_CONTAINS(importError(model(13, start + "x = Abs(x) o = Neg(x)" + end)), "(Abs) in graph 't' of node 0 (If)");
    EXPECT_CONTAINS(importError(model(13, start + "o = Neg(y)" + end)), "uses its own output");
    EXPECT_CONTAINS(importError(model(13, start + "o = Neg(nowhere)" + end)), "'nowhere'");
    EXPECT_CONTAINS(importError(model(13, start + "o = Neg(x) o = Neg(x)" + end)), "produced twice");
}

TEST_F(HostileGraph, WithAttributesThatContradictThemselvesIsRefused) {
    onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] y) { y = LeakyRelu<alpha = 0.5>(x) }");
    const onnx::AttributeProto alpha = m.graph().node(0).attribute(0);
    *m.mutable_graph()->mutable_node(0)->add_attribute() = alpha;
    EXPECT_CONTAINS(refusal(m), "node 0 (LeakyRelu): attribute 'alpha' is given twice");
    const auto with = [&](auto&& change) {
        onnx::ModelProto changed = m;
        changed.mutable_graph()->mutable_node(0)->mutable_attribute()->RemoveLast();
        change(*changed.mutable_graph()->mutable_node(0)->mutable_attribute(0));
        return refusal(changed);
    };
    EXPECT_CONTAINS(with([](auto& a) { a.Clear(); }), "attribute ''");
    EXPECT_CONTAINS(with([](auto& a) { a.clear_name(); }), "attribute ''");
    EXPECT_CONTAINS(with([](auto& a) { a.clear_f(), a.clear_type(); }), "attribute 'alpha'");
    EXPECT_CONTAINS(with([](auto& a) { a.set_type(onnx::AttributeProto::INT); }), "alpha");
    EXPECT_CONTAINS(with([](auto& a) { a.set_type(onnx::AttributeProto::TENSOR); }), "attribute 'alpha'");
    EXPECT_CONTAINS(with([](auto& a) { a.set_type(onnx::AttributeProto::GRAPH); }), "attribute 'alpha'");
    EXPECT_CONTAINS(with([](auto& a) { a.set_type(onnx::AttributeProto::TYPE_PROTO); }), "attribute 'alpha'");
    EXPECT_CONTAINS(with([](auto& a) { a.set_ref_attr_name("beta"); }), "attribute 'alpha' refers to 'beta' outside");
}

TEST_F(HostileGraph, OfContradictoryTypesIsRefused) {
    EXPECT_CONTAINS(refusal(model(13, "g (float[2] x, int64[2] z) => (float[2] y) { y = Add(x, z) }")), "node 0 (Add)");
    EXPECT_CONTAINS(refusal(model(13, "g (float[2] x, float[3] z) => (float[2] y) { y = Add(x, z) }")), "node 0 (Add)");
    EXPECT_CONTAINS(refusal(model(13, "g (float[2] x) => (int64[2] y) { y = Neg(x) }")), "output 'y'");
    onnx::ModelProto m = model(13, "g (float[2] x, float[3] w) => (float[2] y) { y = Add(x, w) }");
    onnx::TensorProto w = tensor("w", 1, {2});
    w.set_raw_data(std::string(8, '\0'));
    *m.mutable_graph()->add_initializer() = w;
    EXPECT_CONTAINS(importError(m), "input 'w': is declared with another shape than that of its data, [2]");
    m.mutable_graph()->mutable_input(1)->mutable_type()->mutable_tensor_type()->set_elem_type(7);
    EXPECT_CONTAINS(importError(m), "input 'w': is declared as int64, but is float32");
}

TEST_F(HostileGraph, OfOperatorSetsThatDoNotExistIsRefused) {
    onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] y) { y = Neg(x) }");
    for (const std::int64_t version : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 40, INT64_MAX, INT64_MIN}) {
        m.mutable_opset_import(0)->set_version(version);
        EXPECT_CONTAINS(importError(m), "opset_import asks for version " + std::to_string(version));
    }
    m.mutable_opset_import(0)->set_version(INT32_MAX);
    EXPECT_NO_THROW(import(m));  // newer than we know: operators may all the same be those we know
}

TEST_F(HostileGraph, OfIrVersionsThatDoNotExistIsRefused) {
    onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] y) { y = Neg(x) }");
    for (const std::int64_t version : {std::int64_t{0}, std::int64_t{-1}, INT64_MAX, INT64_MIN}) {
        m.set_ir_version(version);
        EXPECT_CONTAINS(importError(m), "ir_version " + std::to_string(version));
    }
    for (int version = 3; version <= 13; ++version) {
        m.set_ir_version(version);
        EXPECT_NO_THROW(import(m)) << version;
    }
}

TEST_F(HostileGraph, OfNewerFieldsIsRead) {
    const std::string newer = "\xA2\x06\x03\x61\x62\x63";  // field 100, "abc"
    onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] y) { y = Neg(x) }");
    m.set_ir_version(13);
    for (google::protobuf::Message* part :
         {static_cast<google::protobuf::Message*>(&m), static_cast<google::protobuf::Message*>(m.mutable_graph()),
          static_cast<google::protobuf::Message*>(m.mutable_graph()->mutable_node(0))})
        ASSERT_TRUE(part->MergeFromString(newer));
    EXPECT_EQ(toFloats(run(m, {floats({2}, {1, -2})}).at(0)), (Floats{-1, 2}));
}

// `inner` inside `count` messages.
std::string wrapped(std::string inner, char tag, int count) {
    for (int i = 0; i < count; ++i) {
        std::string length;
        for (std::size_t n = inner.size();; n >>= 7) {
            length += static_cast<char>((n & 0x7FU) | (n >= 0x80 ? 0x80U : 0U));
            if (n < 0x80) break;
        }
        inner.insert(0, tag + length);
    }
    return inner;
}

TEST_F(HostileGraph, OfTypesNestedWithoutEndIsRefused) {
    onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] y) { y = Neg(x) }");
    std::string bytes = m.SerializeAsString();
    std::string type;
    for (int i = 0; i < 5000; ++i)
        type = wrapped(wrapped(type, 0x0A, 1), 0x22, 1);                                // type { sequence_type { elem_type
    bytes += wrapped(wrapped("\x0A\x01s" + wrapped(type, 0x12, 1), 0x5A, 1), 0x3A, 1);  // graph { input { name, type
    EXPECT_CONTAINS(refusal(bytes), "nested");
}

}  // namespace
}  // namespace tenon::testing
