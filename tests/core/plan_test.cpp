#include "testing.h"

#include <cstring>
#include <fstream>
#include <random>

namespace tenon::testing {
namespace {

Blob smallPlan() {
    Network n("small");
    const TensorRef x = n.addInput("x", DataType::f32, {"n", 4});
    const TensorRef c = n.addConstant("c", floats({4}, {1, 2, 3, 4}));
    n.markOutput(n.addLayer("Mul", {n.addLayer("Add", {x, c})[0], c})[0], "y");
    return buildPlan(n, registry(), quick());
}

// Loads the bytes and, when they load, runs them; returns whether they loaded.
bool survives(const Blob& bytes) {
    try {
        const Engine engine = Engine::load(bytes, registry());
        const auto context = engine.createContext();
        std::vector<TensorValue> inputs;
        for (const IoInfo& io : engine.inputs())
            inputs.push_back({io.type, io.range.opt, Blob::allocate(byteSize(io.type, io.range.opt))});
        context->run(inputs);
        return true;
    } catch (const Error&) {
        return false;
    }
}

TEST(Plan, TruncatedAtEveryLengthIsRefused) {
    const Blob plan = smallPlan();
    for (std::size_t size = 0; size < plan.size(); ++size)
        ASSERT_FALSE(survives(Blob::copyOf(plan.data(), size))) << "length " << size;
}

TEST(Plan, AFlippedByteIsRefusedOrHarmless) {
    const Blob plan = smallPlan();
    std::mt19937 random(7);
    for (int i = 0; i < 3000; ++i) {
        Blob bad = Blob::copyOf(plan.data(), plan.size());
        bad.mutableData()[random() % bad.size()] ^= std::byte{static_cast<unsigned char>(1U << (random() % 8))};
        survives(bad);
    }
}

// The same with the checksums made right again, so that what lies behind them is tested too.
TEST(Plan, ADescriptionThatLiesIsRefusedOrHarmless) {
    const Blob plan = smallPlan();
    const auto checksum = [](const std::byte* data, std::size_t size) {
        std::uint64_t h = 0xcbf29ce484222325U;
        for (; size >= 8; data += 8, size -= 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, data, 8);
            h = (h ^ word) * 0x100000001b3U;
            h ^= h >> 29;
        }
        for (; size > 0; ++data, --size)
            h = (h ^ static_cast<std::uint64_t>(*data)) * 0x100000001b3U;
        return h;
    };
    std::uint64_t offset = 0, size = 0;
    std::memcpy(&offset, plan.data() + 16, 8);
    std::memcpy(&size, plan.data() + 24, 8);
    std::mt19937 random(11);
    int loaded = 0;
    for (int i = 0; i < 5000; ++i) {
        Blob bad = Blob::copyOf(plan.data(), plan.size());
        const int flips = 1 + static_cast<int>(random() % 3);
        for (int f = 0; f < flips; ++f)
            bad.mutableData()[offset + random() % size] = std::byte{static_cast<unsigned char>(random())};
        const std::uint64_t description = checksum(bad.data() + offset, size);
        std::memcpy(bad.mutableData() + 32, &description, 8);
        const std::uint64_t header = checksum(bad.data(), 64);
        std::memcpy(bad.mutableData() + 64, &header, 8);
        loaded += survives(bad) ? 1 : 0;
    }
    EXPECT_GT(loaded, 0) << "names may change without harm, so some of these plans must load";
}

TEST(Plan, SaysWhatItIsNot) {
    EXPECT_CONTAINS(errorOf([] { Engine::load(Blob::copyOf("<!DOCTYPE html>", 15), registry()); }), "no Tenon plan");
    EXPECT_CONTAINS(errorOf([] { Engine::load(Blob::allocate(4096), registry()); }), "TENONPLN");
    EXPECT_CONTAINS(errorOf([] { Engine::load("/nonexistent/file.plan", registry()); }), "No such file");
    EXPECT_CONTAINS(errorOf([] { Engine::load("/tmp", registry()); }), "not a regular file");
}

TEST(Plan, NeedsTheLibrariesItWasMadeWith) {
    RegistryOptions none;
    none.useDefaultPath = false;
    const Registry empty(none);
    const std::string message = errorOf([&] { Engine::load(smallPlan(), empty); });
    EXPECT_CONTAINS(message, "reference");
    EXPECT_CONTAINS(message, "--plugin");
}

TEST(Plan, UsesWeightsWhereTheFileIsMapped) {
    Network n("weights");
    const TensorRef x = n.addInput("x", DataType::f32, {1});
    const TensorRef c = n.addConstant("c", floats({1 << 20}, std::vector<float>(1 << 20, 1)));
    n.markOutput(n.addLayer("Add", {x, c})[0], "y");
    const std::string path = ::testing::TempDir() + "weights.plan";
    const Blob plan = buildPlan(n, registry(), quick());
    writeFile(path, {plan.data(), plan.size()});
    const auto residentKb = [] {
        std::ifstream status("/proc/self/status");
        std::string line;
        while (std::getline(status, line))
            if (line.starts_with("RssAnon")) return std::stol(line.substr(8));
        return 0L;
    };
    const Engine warm = Engine::load(path, registry());
    const long before = residentKb();
    const Engine engine = Engine::load(path, registry());
    EXPECT_LT(residentKb() - before, 1024) << "4 MiB of weights were copied";
}

TEST(WriteFile, LeavesTheOldFileWhenItFails) {
    EXPECT_CONTAINS(errorOf([] { writeFile("/nonexistent/x.plan", {}); }), "/nonexistent/x.plan");
}

}  // namespace
}  // namespace tenon::testing
