// Data in files beside the model, and the ways out of the folder that are closed.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "onnx_testing.h"

namespace tenon::testing {
namespace {
namespace fs = std::filesystem;

class ExternalData : public ::testing::Test {
protected:
    ExternalData() {
        std::string pattern = ::testing::TempDir() + "externalXXXXXX";
        root_ = mkdtemp(pattern.data());
        fs::create_directory(root_ / "model");
        write(root_ / "secret.bin");
        write(root_ / "model" / "weights.bin");
    }
    ~ExternalData() override { fs::remove_all(root_); }

    static void write(const fs::path& path) {
        const std::vector<float> values{1, 2, 3, 4, 5, 6, 7, 8};
        std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(values.data()), 32);
    }
    // y = x + w with w from `location`.
    std::string save(const std::string& location, const std::string& offset = "", const std::string& length = "") {
        onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] y) { y = Add(x, w) }");
        auto* w = m.mutable_graph()->add_initializer();
        w->set_name("w");
        w->set_data_type(1);
        w->add_dims(2);
        w->set_data_location(onnx::TensorProto::EXTERNAL);
        for (const auto& [key, value] :
             {std::pair<std::string, std::string>{"location", location}, {"offset", offset}, {"length", length}}) {
            if (value.empty()) continue;
            auto* entry = w->add_external_data();
            entry->set_key(key);
            entry->set_value(value);
        }
        bytes_ = m.SerializeAsString();
        const fs::path path = root_ / "model" / "model.onnx";
        std::ofstream(path, std::ios::binary).write(bytes_.data(), static_cast<std::streamsize>(bytes_.size()));
        return path.string();
    }
    Floats weights(const std::string& path) {
        const Network n = importOnnx(path, registry());
        for (const Tensor& t : n.graph().tensors)
            if (t.name == "w") return toFloats(*t.constant);
        return {};
    }
    std::string refused(const std::string& path) {
        return errorOf([&] { importOnnx(path, registry()); });
    }
    fs::path root_;
    std::string bytes_;
};

TEST_F(ExternalData, IsReadAtItsOffset) {
    EXPECT_EQ(weights(save("weights.bin")), (Floats{1, 2}));
    EXPECT_EQ(weights(save("weights.bin", "16", "8")), (Floats{5, 6}));
    EXPECT_EQ(weights(save("weights.bin", "4")), (Floats{2, 3}));  // not aligned
}

TEST_F(ExternalData, IsFoundThroughTheFolderWhenTheModelIsInMemory) {
    save("weights.bin");
    EXPECT_NO_THROW(import(bytes_, (root_ / "model").string()));
    EXPECT_CONTAINS(errorOf([&] { import(bytes_); }), "without a folder");
}

TEST_F(ExternalData, MayBeASymlinkThatStaysInTheFolder) {
    fs::create_symlink("weights.bin", root_ / "model" / "link.bin");
    EXPECT_EQ(weights(save("link.bin")), (Floats{1, 2}));
}

TEST_F(ExternalData, NeverLeavesTheFolder) {
    EXPECT_CONTAINS(refused(save("../secret.bin")), "leaves the model's folder");
    EXPECT_CONTAINS(refused(save("sub/../../secret.bin")), "tensor 'w'");
    EXPECT_CONTAINS(refused(save((root_ / "secret.bin").string())), "absolute");
    fs::create_symlink("../secret.bin", root_ / "model" / "link.bin");
    EXPECT_CONTAINS(refused(save("link.bin")), "leaves the model's folder");
    fs::create_directory_symlink("..", root_ / "model" / "up");
    EXPECT_CONTAINS(refused(save("up/secret.bin")), "leaves the model's folder");
    fs::create_symlink("/dev/zero", root_ / "model" / "zero");
    EXPECT_CONTAINS(refused(save("zero")), "leaves the model's folder");
}

TEST_F(ExternalData, MustBeARegularFile) {
    ASSERT_EQ(mkfifo((root_ / "model" / "fifo").c_str(), 0600), 0);
    EXPECT_CONTAINS(refused(save("fifo")), "not a regular file");
    EXPECT_CONTAINS(refused(save(".")), "not a regular file");
    EXPECT_CONTAINS(refused(save("missing.bin")), "cannot be found");
    EXPECT_CONTAINS(refused(save("")), "no location");
}

TEST_F(ExternalData, MustFitItsFile) {
    EXPECT_CONTAINS(refused(save("weights.bin", "28")), "go beyond");
    EXPECT_CONTAINS(refused(save("weights.bin", "999999999999999999")), "go beyond");
    EXPECT_CONTAINS(refused(save("weights.bin", "-4")), "no offset or length");
    EXPECT_CONTAINS(refused(save("weights.bin", "18446744073709551612")), "no offset or length");
    EXPECT_CONTAINS(refused(save("weights.bin", "0", "12")), "12 bytes given");
}

}  // namespace
}  // namespace tenon::testing
