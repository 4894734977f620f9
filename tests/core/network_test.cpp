#include "testing.h"

namespace tenon::testing {
namespace {

TEST(Network, RefusesWhatMakesNoSense) {
    Network n;
    const TensorRef x = n.addInput("x", DataType::f32, {2});
    EXPECT_CONTAINS(errorOf([&] { n.addInput("x", DataType::f32, {2}); }), "'x'");
    EXPECT_CONTAINS(errorOf([&] { n.addInput("neg", DataType::f32, {-1}); }), "negative");
    EXPECT_CONTAINS(errorOf([&] { n.addConstant("c", floats({3}, {1})); }), "bytes");
    EXPECT_CONTAINS(errorOf([&] { n.addLayer("Relu", {TensorRef(99)}); }), "99");
    EXPECT_CONTAINS(errorOf([&] { n.addLayer("", {x}); }), "operator");
    EXPECT_CONTAINS(errorOf([&] { n.markOutput(TensorRef(99)); }), "99");
    EXPECT_EQ(n.toString(), "network network\n  input %x: float32[2]\n");
}

TEST(Network, PrintsSymbolsAndLayers) {
    Network n("net");
    const TensorRef x = n.addInput("x", DataType::f32, {"batch", 3});
    n.markOutput(n.addLayer("LeakyRelu", {x}, {{"alpha", 0.5F}}, {.name = "act"})[0]);
    EXPECT_CONTAINS(n.toString(), "%x: float32[batch,3]");
    EXPECT_CONTAINS(n.toString(), "LeakyRelu(%x) alpha=0.5  # act");
}

}  // namespace
}  // namespace tenon::testing
