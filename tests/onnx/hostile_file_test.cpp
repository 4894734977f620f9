// Files that are something else, and external data that is not what the model says.
#include <sys/stat.h>
#include <unistd.h>

#include <tenon/builder.h>

#include "hostile_testing.h"

namespace tenon::testing {
namespace {
namespace fs = std::filesystem;

std::string refusedFile(const fs::path& path) {
    return errorOf([&] { importOnnx(path.string(), registry()); });
}

TEST_F(HostileFiles, OfAnotherKindAreNamed) {
    const std::pair<std::string, const char*> files[] = {
        {std::string("\x1f\x8b\x08\x00", 4) + std::string(20, 'x'), "gzip"},
        {"\x89HDF\r\n\x1a\n", "HDF5"},
        {"\x7f"
         "ELF\x02\x01\x01",
         "program or library"},
        {"\xEF\xBB\xBF{\"a\": 1}", "JSON"},
        {"[1, 2]", "not an ONNX model"},
        {std::string(1000, '\0'), "not an ONNX model"},
        {std::string(1000, '\xFF'), "not an ONNX model"},
    };
    for (const auto& [bytes, what] : files) {
        const std::string text = refusedFile(write("model.onnx", bytes));
        EXPECT_CONTAINS(text, what);
        EXPECT_CONTAINS(text, "model.onnx");
    }
}

TEST_F(HostileFiles, OfAPlanAndAModelAreNotMixedUp) {
    const onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] y) { y = Neg(x) }");
    const Blob plan = buildPlan(import(m), registry(), quick());
    const std::string planFile = write("a.plan", {reinterpret_cast<const char*>(plan.data()), plan.size()});
    const std::string modelFile = write("a.onnx", m.SerializeAsString());
    EXPECT_CONTAINS(refusedFile(planFile), "Tenon plan");
    EXPECT_CONTAINS(errorOf([&] { Engine::load(modelFile, registry()); }), "no Tenon plan");
    EXPECT_CONTAINS(errorOf([&] { Engine::load(write("empty", ""), registry()); }), "empty");
    EXPECT_CONTAINS(errorOf([&] { Engine::load(folder_.string(), registry()); }), "not a regular file");
}

TEST_F(HostileFiles, WithTwoGibibytesAreRefusedUnread) {
    const fs::path path = write("huge.onnx", "\x08\x08");
    fs::resize_file(path, std::uintmax_t{3} << 30);
    EXPECT_CONTAINS(refusedFile(path), "2 GiB");
}

// y = x + w; w's bytes lie in a file.
class HostileExternalData : public HostileFiles {
protected:
    using Entries = std::vector<std::pair<std::string, std::string>>;

    static void place(onnx::TensorProto& w, const Entries& entries) {
        w.set_data_location(onnx::TensorProto::EXTERNAL);
        for (const auto& [key, value] : entries) {
            auto* entry = w.add_external_data();
            entry->set_key(key);
            entry->set_value(value);
        }
    }
    std::string save(const Entries& entries, std::int32_t type = 1, std::int64_t size = 2) {
        onnx::ModelProto m = addModel();
        onnx::TensorProto& w = *m.mutable_graph()->add_initializer() = tensor("w", type, {size});
        place(w, entries);
        return write("model.onnx", m.SerializeAsString());
    }
    std::string sparseFile(const std::string& name, std::uintmax_t size) {
        write(name, "");
        fs::resize_file(folder_ / name, size);
        return name;
    }
};

TEST_F(HostileExternalData, OutsideTheFolderIsRefusedWithItsTensor) {
    for (const char* path :
         {"/etc/passwd", "//etc/passwd", "../../../../../../etc/passwd", "..", ".", "", "a/../../x", "/dev/zero"}) {
        const std::string text = refusedFile(save({{"location", path}}));
        EXPECT_CONTAINS(text, "initializer 'w': tensor 'w': external data");
        EXPECT_CONTAINS(text, "model.onnx");
    }
    write("w.bin", std::string(64, '\0'));
    EXPECT_CONTAINS(refusedFile(save({{"location", std::string("w.bin\0/../x", 11)}})), "'w.bin\\x00/../x' is no file name");
    EXPECT_CONTAINS(refusedFile(save({{"location", std::string(100000, 'x')}})), "cannot be found");
    fs::create_symlink("loop", folder_ / "loop");
    EXPECT_CONTAINS(refusedFile(save({{"location", "loop"}})), "cannot be found");
}

TEST_F(HostileExternalData, OfNonsenseOffsetsIsRefused) {
    write("w.bin", std::string(64, '\0'));
    for (const char* number : {"-1", "1e3", "0x10", " 8", "8 ", "abc", "99999999999999999999", "9223372036854775808"})
        for (const char* key : {"offset", "length"})
            EXPECT_CONTAINS(refusedFile(save({{"location", "w.bin"}, {key, number}})), "is no offset or length");
    EXPECT_CONTAINS(refusedFile(save({{"location", "w.bin"}, {"offset", "60"}})), "go beyond");
    EXPECT_CONTAINS(refusedFile(save({{"location", "w.bin"}, {"offset", "65"}})), "go beyond");
    EXPECT_CONTAINS(refusedFile(save({{"location", "w.bin"}, {"length", "64"}})), "64 bytes given");
    EXPECT_CONTAINS(refusedFile(save({{"location", "w.bin"}, {"offset", "999999999999999999"}})), "go beyond");
    EXPECT_CONTAINS(refusedFile(save({{"offset", "8"}})), "no location");
    EXPECT_CONTAINS(refusedFile(save({})), "no location");
    EXPECT_CONTAINS(refusedFile(save({{"location", "w.bin"}}, 1, 1LL << 57)), "go beyond");
}

TEST_F(HostileExternalData, OfManyGibibytesIsMapped) {
    const auto size = std::uintmax_t{64} << 30;
    const Network n = importOnnx(save({{"location", sparseFile("w.bin", size)}}, 1, std::int64_t{16} << 30), registry());
    EXPECT_EQ(n.graph().tensors.at(1).constant->data.size(), size);
}

TEST_F(HostileExternalData, OfManyGibibytesThatCannotBeMappedIsRefused) {
    sparseFile("w.bin", std::uintmax_t{65} << 30);
    EXPECT_CONTAINS(refusedFile(save({{"location", "w.bin"}, {"offset", "1"}}, 1, std::int64_t{16} << 30)), "multiple of 4");
    EXPECT_CONTAINS(refusedFile(save({{"location", "w.bin"}}, 9, std::int64_t{16} << 30)), "too many bools");
}

TEST_F(HostileExternalData, MayBeSharedByManyTensors) {
    onnx::ModelProto m = addModel();
    for (int i = 0; i < 100000; ++i) {  // more than there may be mappings
        onnx::TensorProto& w = *m.mutable_graph()->add_initializer() = tensor(i == 0 ? "w" : "w" + std::to_string(i), 1, {2});
        place(w, {{"location", "w.bin"}, {"offset", std::to_string(4 * (i % 8))}});
    }
    std::string bytes(64, '\0');
    bytes[2] = '\x80', bytes[3] = '\x3F';  // 1.0
    write("w.bin", bytes);
    const Network n = importOnnx(write("model.onnx", m.SerializeAsString()), registry());
    EXPECT_EQ(toFloats(build(n).createContext()->run({floats({2}, {1, 2})}).at(0)), (Floats{2, 2}));
}

TEST_F(HostileExternalData, ThatIsNoFileIsNotWaitedFor) {
    ASSERT_EQ(mkfifo((folder_ / "fifo").c_str(), 0600), 0);
    EXPECT_CONTAINS(refusedFile(save({{"location", "fifo"}})), "not a regular file");
    fs::create_symlink("/dev/zero", folder_ / "zero");
    EXPECT_CONTAINS(refusedFile(save({{"location", "zero"}})), "leaves the model's folder");
    fs::create_directory(folder_ / "sub");
    EXPECT_CONTAINS(refusedFile(save({{"location", "sub"}})), "not a regular file");
    if (geteuid() != 0) {  // root may read everything
        fs::permissions(write("secret", "12345678"), fs::perms::none);
        EXPECT_CONTAINS(refusedFile(save({{"location", "secret"}})), "Permission denied");
    }
}

TEST_F(HostileExternalData, InAttributesObeysTheSameRules) {
    onnx::ModelProto m =
        model(13, "g (float[2] x) => (float[2] y) { c = Constant<value = float[2] {1.0, 2.0}>() y = Add(x, c) }");
    onnx::TensorProto& t = *m.mutable_graph()->mutable_node(0)->mutable_attribute(0)->mutable_t() = tensor("t", 1, {2});
    place(t, {{"location", "/etc/passwd"}});
    EXPECT_CONTAINS(refusedFile(write("model.onnx", m.SerializeAsString())), "node 0 (Constant): tensor 't': external data");
}

}  // namespace
}  // namespace tenon::testing
