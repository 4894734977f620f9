// Files that are damaged, contradictory or made to do harm: a clear message, quickly, never a crash.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "onnx_testing.h"

namespace tenon::testing {
namespace {
namespace fs = std::filesystem;

std::string refused(const std::string& bytes) {
    return errorOf([&] { import(bytes); });
}

// Anything but a crash, a hang or an exception that is no Error.
void survives(const std::string& bytes) {
    try {
        import(bytes);
    } catch (const Error&) {
    }
}

// A bit of everything: initializers, constants, a nested graph, a function, old forms, value_info.
onnx::ModelProto rich() {
    auto m = model(9, R"(g (float[batch, 2] x) => (float[batch, 2] y) {
        c = Constant<value = float[2] {1.0, 2.0}>() a = Add(x, c) s = Softmax<axis = 1>(a) t = Clip<min = 0.0, max = 6.0>(s)
        k = Slice<starts = [0], ends = [9], axes = [1]>(t) f = acme.twice<alpha = 0.5>(k)
        y = Relu<body = one () => (float[2] o) { o = Add(f, c) }>(f) }
        <domain: "acme", opset_import: ["" : 9]>
        twice <alpha> (a) => (b) { t = LeakyRelu<alpha: float = @alpha>(a) b = Add(t, a) })");
    auto* w = m.mutable_graph()->add_initializer();
    w->set_name("w");
    w->set_data_type(1);
    w->add_dims(2);
    w->set_raw_data(std::string(8, '\0'));
    return m;
}

TEST(HostileModel, TruncatedAtAnyByteIsRefused) {
    const std::string bytes = rich().SerializeAsString();
    import(bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        survives(bytes.substr(0, size));
    EXPECT_CONTAINS(refused(bytes.substr(0, bytes.size() / 2)), "damaged or truncated");
}

TEST(HostileModel, WithFlippedBytesIsRefusedOrTaken) {
    const std::string bytes = rich().SerializeAsString();
    std::mt19937 random(20240711);
    for (int round = 0; round < 4000; ++round) {
        std::string damaged = bytes;
        for (unsigned flips = 1 + random() % 4; flips > 0; --flips)
            damaged[random() % damaged.size()] = static_cast<char>(random());
        survives(damaged);
    }
}

TEST(HostileModel, OfRandomBytesIsRefused) {
    std::mt19937 random(7);
    for (int round = 0; round < 500; ++round) {
        std::string bytes(random() % 200, '\0');
        for (char& c : bytes)
            c = static_cast<char>(random());
        EXPECT_FALSE(refused(bytes).empty());
    }
}

TEST(HostileModel, ThatIsAnotherKindOfFileIsNamed) {
    EXPECT_CONTAINS(refused("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a"), "Git LFS pointer");
    EXPECT_CONTAINS(refused("\n\n<!DOCTYPE html><html>"), "web page");
    EXPECT_CONTAINS(refused("<HTML><body>404"), "web page");
    EXPECT_CONTAINS(refused("PK\x03\x04rest"), "zip");
    EXPECT_CONTAINS(refused("TENONPLN0000"), "Tenon plan");
    EXPECT_CONTAINS(refused("{\"model\": 1}"), "JSON");
    EXPECT_CONTAINS(refused(""), "empty");
    EXPECT_CONTAINS(refused("hello world"), "not an ONNX model");
}

TEST(HostileModel, ThatIsNoRegularFileIsRefused) {
    std::string pattern = ::testing::TempDir() + "hostileXXXXXX";
    const fs::path folder = mkdtemp(pattern.data());
    const auto refusedFile = [&](const fs::path& path) { return errorOf([&] { importOnnx(path.string(), registry()); }); };
    EXPECT_CONTAINS(refusedFile(folder / "missing.onnx"), "No such file");
    EXPECT_CONTAINS(refusedFile(folder), "not a regular file");
    ASSERT_EQ(mkfifo((folder / "fifo").c_str(), 0600), 0);
    EXPECT_CONTAINS(refusedFile(folder / "fifo"), "not a regular file");
    EXPECT_CONTAINS(refusedFile("/dev/zero"), "not a regular file");
    std::ofstream(folder / "empty.onnx");
    EXPECT_CONTAINS(refusedFile(folder / "empty.onnx"), "empty");
    fs::remove_all(folder);
}

TEST(HostileModel, WithoutItsHeadingIsRefused) {
    onnx::ModelProto m = rich();
    m.clear_graph();
    EXPECT_CONTAINS(importError(m), "no graph");
    m = rich();
    m.clear_opset_import();
    EXPECT_CONTAINS(importError(m), "opset_import");
    m = rich();
    m.set_ir_version(123456);
    EXPECT_CONTAINS(importError(m), "ir_version 123456");
    m.clear_ir_version();
    EXPECT_CONTAINS(importError(m), "no ir_version");
    m = rich();
    m.mutable_opset_import(0)->set_version(-3);
    EXPECT_CONTAINS(importError(m), "version -3");
    m = rich();
    m.mutable_opset_import(0)->set_domain("other");
    EXPECT_CONTAINS(importError(m), "imports no version of the operators of ai.onnx");
    m = rich();
    m.add_opset_import()->set_version(12);
    EXPECT_CONTAINS(importError(m), "two versions");
}

TEST(HostileModel, ReadOfCyclesNamesThem) {
    const std::string text =
        importError(model(13, "g (float[2] x) => (float[2] y) { a = Add(x, c) b = Neg(a) c = Abs(b) y = Relu(c) }"));
    EXPECT_CONTAINS(text, "uses its own output through");
    EXPECT_CONTAINS(importError(model(13, "g (float[2] x) => (float[2] y) { y = Add(x, y) }")),
                    "node 0 (Add): uses its own output");
}

TEST(HostileModel, WithContradictoryNamesIsRefused) {
    EXPECT_CONTAINS(importError(model(13, "g (float[2] x) => (float[2] y) { y = Neg(x) y = Abs(x) }")),
                    "tensor 'y' is produced twice, first by node 0 (Neg)");
    EXPECT_CONTAINS(importError(model(13, "g (float[2] x) => (float[2] x) { x = Neg(x) }")), "two tensors named 'x'");
    EXPECT_CONTAINS(importError(model(13, "g (float[2] x, float[2] x) => (float[2] y) { y = Neg(x) }")),
                    "input 'x': there are two inputs");
    EXPECT_CONTAINS(importError(model(13, "g (float[2] x) => (float[2] y, float[2] y) { y = Neg(x) }")),
                    "output 'y': there are two outputs");
    onnx::ModelProto m = rich();
    *m.mutable_graph()->add_initializer() = m.graph().initializer(0);
    EXPECT_CONTAINS(importError(m), "initializer 'w': there are two tensors named 'w'");
    m = rich();
    *m.add_functions() = m.functions(0);
    EXPECT_CONTAINS(importError(m), "defined twice");
}

TEST(HostileModel, WithNamesThatAreNotUtf8IsRefused) {
    onnx::ModelProto m = rich();
    m.mutable_graph()->mutable_node(1)->set_op_type("Ad\xC3");
    EXPECT_CONTAINS(importError(m), "operator 'Ad\\xc3' is not UTF-8");
    m = rich();
    m.mutable_graph()->mutable_input(0)->set_name("x\xFF");
    EXPECT_CONTAINS(importError(m), "'x\\xff' is not UTF-8");
}

TEST(HostileModel, WithNonsenseShapesIsRefused) {
    const auto dimension = [](onnx::ModelProto& m) {
        return m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(0);
    };
    onnx::ModelProto m = rich();
    dimension(m)->set_dim_value(-7);
    EXPECT_CONTAINS(importError(m), "input 'x': dimension 0 is -7");
    m = rich();
    m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(99);
    EXPECT_CONTAINS(importError(m), "99");
    m = rich();
    m.mutable_graph()->mutable_initializer(0)->set_dims(0, std::int64_t{1} << 62);
    EXPECT_CONTAINS(importError(m), "initializer 'w'");
    m = rich();
    m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_sequence_type();
    EXPECT_CONTAINS(importError(m), "input 'x': its type: neither a tensor");
}

// A model whose graph holds a node that holds a graph ..., `count` graphs in all; made from the inside, so that nothing here
// recurses.
std::string nested(int count) {
    const auto field = [](int number, const std::string& content) {
        std::string length;
        for (std::size_t n = content.size();; n >>= 7) {
            length += static_cast<char>((n & 0x7FU) | (n >= 0x80 ? 0x80U : 0U));
            if (n < 0x80) break;
        }
        return static_cast<char>((number << 3) | 2) + length + content;
    };
    std::string graph;
    for (int i = 1; i < count; ++i)
        graph = field(1, field(4, "Relu") + field(5, field(1, "b") + field(6, graph)));
    return std::string("\x08\x08", 2) + field(7, graph) + field(8, std::string("\x10\x0d", 2));
}

TEST(HostileModel, WithTenThousandNestedGraphsIsRefused) {
    EXPECT_CONTAINS(refused(nested(101)), "graphs are nested");
    EXPECT_CONTAINS(refused(nested(10000)), "graphs are nested");
}

TEST(HostileModel, MayNestAHundredGraphs) { EXPECT_CONTAINS(refused(nested(100)), "1 problem:\n  the graph has no outputs"); }

TEST(HostileModel, SparseBombsAreRefused) {
    onnx::ModelProto m = rich();
    auto* w = m.mutable_graph()->add_sparse_initializer();
    w->add_dims(1 << 20);
    w->add_dims(1 << 20);
    w->mutable_values()->set_name("bomb");
    w->mutable_values()->set_data_type(1);
    w->mutable_values()->add_dims(0);
    w->mutable_indices()->set_data_type(7);
    w->mutable_indices()->add_dims(0);
    EXPECT_CONTAINS(importError(m), "sparse initializer 'bomb'");
}

TEST(HostileModel, WithHugeAttributesInOldFormsIsRefused) {
    const std::string huge = "9223372036854775807";
    for (const std::string& axis : {huge, "-" + huge, std::string("17")})
        EXPECT_CONTAINS(importError(model(6, "g (float[2, 3] x, float[2] b) => (float[2, 3] y) { y = Add<broadcast = 1, axis = " +
                                                 axis + ">(x, b) }")),
                        "axis");
    onnx::ModelProto m = model(6, "g (float[2, 3] x, float[2] b) => (float[2, 3] y) { y = Add<broadcast = 1, axis = 1>(x, b) }");
    m.mutable_graph()->mutable_node(0)->clear_input();
    survives(m.SerializeAsString());
    for (int opset : {1, 5, 9, 10, 12, 17, 18, 19})
        for (const char* op : {"Add", "Slice", "Resize", "Upsample", "Tile", "Clip", "Pad", "TopK", "Softmax",
                               "GroupNormalization", "DFT", "Constant", "PRelu", "Cast", "BatchNormalization"})
            for (const char* inputs : {"", "x", "x, x"})
                survives(model(opset, std::string("g (float[2] x) => (float[2] y) { y = ") + op + "(" + inputs + ") }")
                             .SerializeAsString());
}

}  // namespace
}  // namespace tenon::testing
