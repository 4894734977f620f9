// What tests of hostile input share: every one must end within 10 s (of the processor: machines are shared) and 2 GiB.
#pragma once

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "onnx_testing.h"

namespace tenon::testing {

class Hostile : public ::testing::Test {
protected:
    Hostile() { start(); }
    ~Hostile() override {
        EXPECT_LT(seconds() - begin_, 10.0) << "seconds";
        EXPECT_LT(statusMib("VmHWM:") - before_, 2048) << "MiB";
    }
    // For tests that need long to write their model.
    void start() {
        std::ofstream("/proc/self/clear_refs") << 5;  // the peak starts anew
        before_ = statusMib("VmRSS:");
        begin_ = seconds();
    }

private:
    static double seconds() {
        timespec t{};
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
    }
    static long statusMib(const std::string& entry) {
        std::ifstream status("/proc/self/status");
        for (std::string line; std::getline(status, line);)
            if (line.starts_with(entry)) return std::strtol(line.c_str() + entry.size(), nullptr, 10) / 1024;
        return 0;
    }
    long before_ = 0;
    double begin_ = 0;
};

// A folder of its own, removed at the end.
class HostileFiles : public Hostile {
protected:
    HostileFiles() {
        std::string pattern = ::testing::TempDir() + "hostileXXXXXX";
        folder_ = mkdtemp(pattern.data());
    }
    ~HostileFiles() override { std::filesystem::remove_all(folder_); }

    std::string write(const std::string& name, const std::string& bytes) const {
        const std::filesystem::path path = folder_ / name;
        std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        return path.string();
    }
    std::filesystem::path folder_;
};

// The message that refuses the model: at import, or when shapes are inferred and constants folded.
inline std::string refusal(const std::string& bytes) {
    return errorOf([&] { buildPlan(import(bytes), registry(), quick()); });
}
inline std::string refusal(const onnx::ModelProto& proto) { return refusal(proto.SerializeAsString()); }

// y = Add(x, w), where the test says what w is.
inline onnx::ModelProto addModel() { return model(13, "g (float[2] x) => (float[2] y) { y = Add(x, w) }"); }

inline onnx::TensorProto tensor(const std::string& name, std::int32_t type, const std::vector<std::int64_t>& dims) {
    onnx::TensorProto t;
    t.set_name(name);
    t.set_data_type(type);
    for (const std::int64_t d : dims)
        t.add_dims(d);
    return t;
}

// Without a text: for models too large for the parser.
inline onnx::NodeProto& addNode(onnx::GraphProto& graph, const std::string& op, const std::vector<std::string>& inputs,
                                const std::vector<std::string>& outputs) {
    onnx::NodeProto& node = *graph.add_node();
    node.set_op_type(op);
    for (const std::string& in : inputs)
        node.add_input(in);
    for (const std::string& out : outputs)
        node.add_output(out);
    return node;
}

}  // namespace tenon::testing
