// Small files that ask for much, and files that are large.
#include <tenon/logger.h>

#include "hostile_testing.h"

namespace tenon::testing {
namespace {

using HostileSize = Hostile;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kMany = 200000;
#else
constexpr int kMany = 1000000;
#endif

TEST_F(HostileSize, OfVeryManyNodesIsRead) {
    onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] y) { n0 = Neg(x) y = Neg(x) }");
    for (int i = 1; i < kMany; ++i)
        addNode(*m.mutable_graph(), "Neg", {"n" + std::to_string(i - 1)}, {"n" + std::to_string(i)});
    const std::string bytes = m.SerializeAsString();
    start();
    EXPECT_EQ(import(bytes).graph().layers.size(), kMany + 1U);
}

TEST_F(HostileSize, OfVeryManyNodesInTheWrongOrderIsRead) {
    onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] y) { n0 = Neg(x) y = Neg(x) }");
    for (int i = kMany - 1; i > 0; --i)
        addNode(*m.mutable_graph(), "Neg", {"n" + std::to_string(i - 1)}, {"n" + std::to_string(i)});
    const std::string bytes = m.SerializeAsString();
    start();
    EXPECT_EQ(import(bytes).graph().layers.size(), kMany + 1U);
}

TEST_F(HostileSize, OfVeryManyMistakesGivesAShortMessage) {
    onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] y) { y = Neg(x) }");
    for (int i = 0; i < kMany; ++i)
        addNode(*m.mutable_graph(), "Unheard", {"x"}, {"n" + std::to_string(i)});
    const std::string bytes = m.SerializeAsString();
    start();
    const std::string text = refusal(bytes);
    EXPECT_LT(text.size(), 50000U);
    EXPECT_CONTAINS(text, std::to_string(kMany) + " problems");
}

TEST_F(HostileSize, OfVeryManyAttributesIsRefused) {
    onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] y) { y = Neg(x) }");
    for (int i = 0; i < kMany; ++i)
        m.mutable_graph()->mutable_node(0)->add_attribute()->set_name("a" + std::to_string(i));
    EXPECT_CONTAINS(importError(m), "node 0 (Neg): attribute 'a0'");
    for (auto& a : *m.mutable_graph()->mutable_node(0)->mutable_attribute())
        a.set_type(onnx::AttributeProto::INT);
    EXPECT_CONTAINS(refusal(m), "Neg");
}

// A graph of nodes of which each is two bytes.
std::string withEmptyNodes(std::size_t count) {
    std::string bytes = "\x08\x08\x3A";  // ir_version 8, graph
    for (std::size_t size = 2 * count;; size >>= 7) {
        bytes += static_cast<char>((size & 0x7FU) | (size >= 0x80 ? 0x80U : 0U));
        if (size < 0x80) break;
    }
    for (std::size_t i = 0; i < count; ++i)
        bytes.append("\x0A\x00", 2);
    return bytes;
}

TEST_F(HostileSize, OfManyEmptyMessagesIsRefused) {
    EXPECT_CONTAINS(refusal(withEmptyNodes(5 << 20)), "more than 4194304 nodes");
}

TEST_F(HostileSize, OfVeryManyInputsIsRefusedOrTaken) {
    onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] y) { y = Max(x) }");
    for (int i = 0; i < kMany; ++i)
        m.mutable_graph()->mutable_node(0)->add_input("x");
    import(m);
    for (auto& in : *m.mutable_graph()->mutable_node(0)->mutable_input())
        in = "absent";
    EXPECT_CONTAINS(importError(m), "node 0 (Max): tensor 'absent'");
}

// Whatever becomes of it, within the limits of time and memory: `graph` with constants that decide sizes.
void mayNotGrow(const std::string& graph, int opset = 13) {
    try {
        buildPlan(import(model(opset, graph)), registry(), quick());
    } catch (const Error&) {
    }
}

const std::string kBig = "c = Constant<value_ints = [1073741824]>() ";  // 2^30
std::string big(const std::string& nodes, const std::string& output = "float[N] y") {
    return "g (float[2] x) => (" + output + ") { " + kBig + nodes + " }";
}

TEST_F(HostileSize, FillsAreNotFolded) {
    mayNotGrow(big("y = ConstantOfShape(c)"));
    mayNotGrow("g (float[2] x) => (float[N] y) { c = Constant<value_ints = [4611686018427387904]>() y = ConstantOfShape(c) }");
    mayNotGrow(
        "g (float[2] x) => (float[N] y) { c = Constant<value_ints = [2147483648, 2147483648, 2147483648]>() y = "
        "ConstantOfShape(c) }");
    mayNotGrow("g (float[2] x) => (float[N] y) { c = Constant<value_ints = [-1]>() y = ConstantOfShape(c) }");
    mayNotGrow(big("v = Constant<value = float[1] {1.0}>() y = Expand(v, c)"));
    mayNotGrow(big("v = Constant<value = float[2] {1.0, 2.0}>() y = Tile(v, c)"));
    mayNotGrow(
        big("a = Constant<value_int = 0>() b = Constant<value_int = 9223372036854775807>() s = Constant<value_int = 1>() "
            "y = Range(a, b, s)",
            "int64[N] y"));
    mayNotGrow(
        big("a = Constant<value_int = 0>() b = Constant<value_int = 1>() s = Constant<value_int = 0>() "
            "y = Range(a, b, s)",
            "int64[N] y"));
    mayNotGrow(
        big("v = Constant<value = float[1] {1.0}>() p = Constant<value_ints = [4611686018427387904, 4611686018427387904]>() "
            "y = Pad(v, p)"));
    mayNotGrow(
        big("v = Constant<value = float[1, 1, 1, 1] {1.0}>() s = Constant<value_floats = [1.0, 1.0, 1e9, 1e9]>() y = "
            "Resize(v, , s)"));
    mayNotGrow(big("y = RandomNormal<shape = [1073741824, 1073741824]>()"));
    mayNotGrow(big(
        "i = Constant<value_ints = [1]>() d = Constant<value_int = 1099511627776>() v = Constant<value_floats = [0.0, 1.0]>() "
        "y = OneHot(i, d, v)"));
    mayNotGrow(big("y = EyeLike(x) z = HannWindow(c)"), 17);
}

TEST_F(HostileSize, ChainsOfFillsDoNotAddUp) {
    std::string nodes, outputs = "float[2] y";
    for (int i = 0; i < 300; ++i) {
        const std::string n = std::to_string(i);
        nodes += "s" + n + " = Constant<value_ints = [" + std::to_string(50000000 + i) + "]>() f" + n + " = ConstantOfShape(s" +
                 n + ") ";
        outputs += ", float[N] f" + n;
    }
    try {
        Network network = import(model(13, "g (float[2] x) => (" + outputs + ") { " + nodes + " y = Neg(x) }"));
        buildPlan(network, registry(), quick());
    } catch (const Error&) {
    }
}

TEST_F(HostileSize, WorkIsNotFoldedAway) {
    const std::string square = "s = Constant<value_ints = [4096, 4096]>() a = ConstantOfShape(s) ";
    mayNotGrow(big(square + "b = MatMul(a, a) c1 = MatMul(b, b) d = MatMul(c1, c1) y = MatMul(d, d)"));
    mayNotGrow(big(
        "s = Constant<value_ints = [1, 64, 512, 512]>() a = ConstantOfShape(s) t = Constant<value_ints = [64, 64, 31, 31]>() w = "
        "ConstantOfShape(t) y = Conv(a, w)"));
    mayNotGrow(big("s = Constant<value_ints = [65536]>() a = ConstantOfShape(s) y = Einsum<equation = \"i,j,k->\">(a, a, a)"));
    mayNotGrow(big("s = Constant<value_ints = [4096, 4096]>() a = ConstantOfShape(s) y = Det(a)"));
    mayNotGrow(big(
        "s = Constant<value_ints = [1, 1, 4096, 4096]>() a = ConstantOfShape(s) y = MaxPool<kernel_shape = [2048, 2048]>(a)"));
    mayNotGrow(big("s = Constant<value_ints = [1, 1000003, 1]>() a = ConstantOfShape(s) y = DFT(a)"), 17);
}

TEST_F(HostileSize, ShapesThatDoubleStaySmall) {
    std::string nodes = "v0 = Shape(x) ";
    for (int i = 1; i <= 64; ++i) {
        const std::string p = "v" + std::to_string(i - 1);
        nodes += "v" + std::to_string(i) + " = Add(" + p + ", " + p + ") ";
    }
    mayNotGrow("g (float[N] x) => (int64[1] y) { " + nodes + "y = Mul(v64, v64) }");
    nodes = "v0 = Shape(x) ";
    for (int i = 1; i <= 64; ++i) {
        const std::string p = "v" + std::to_string(i - 1);
        nodes += "v" + std::to_string(i) + " = Concat<axis = 0>(" + p + ", " + p + ") ";
    }
    mayNotGrow("g (float[N] x) => (int64[M] y) { " + nodes + "y = Identity(v64) }");
    nodes = "v0 = Shape(x) ";
    for (int i = 1; i <= 20000; ++i)
        nodes += "v" + std::to_string(i) + " = Add(v" + std::to_string(i - 1) + ", v0) ";
    mayNotGrow("g (float[N] x) => (float[M] y) { " + nodes + "y = ConstantOfShape(v20000) }");
}

TEST_F(HostileSize, LoopsAreNotFolded) {
    mayNotGrow(
        "g (float[2] x) => (float[2] y) { n = Constant<value_int = 4611686018427387904>() c = Constant<value = bool {1}>() v = "
        "Constant<value_floats = [1.0, 2.0]>() y = Loop<body = b (int64 i, bool k, float[2] a) => (bool k2, float[2] a2) { k2 = "
        "Identity(k) a2 = Neg(a) }>(n, c, v) }");
}

TEST_F(HostileSize, DeepIfsAreBuilt) {
    std::string inner = "o = Neg(x)";
    for (int i = 0; i < 60; ++i)
        inner =
            "o = If<then_branch = t () => (float[2] o) { " + inner + " }, else_branch = e () => (float[2] o) { o = Abs(x) }>(c)";
    mayNotGrow("g (bool c, float[2] x) => (float[2] o) { " + inner + " }");
}

}  // namespace
}  // namespace tenon::testing
