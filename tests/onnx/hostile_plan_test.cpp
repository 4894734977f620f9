// Plans that are damaged, or whose description was changed by somebody who knows the checksums.
#include <random>

#include "hostile_testing.h"
#include "plan/plan_file.h"

namespace tenon::testing {
namespace {

using HostilePlan = Hostile;

// Inputs, constants, two layers; and a plan inside it when there is one.
const Blob& valid() {
    static const Blob plan = [] {
        onnx::ModelProto m = model(13, "g (float[N, 2] x) => (float[N, 2] y) { t = Add(x, w) y = Relu(t) }");
        onnx::TensorProto& w = *m.mutable_graph()->add_initializer() = tensor("w", 1, {2});
        w.set_raw_data(std::string(8, '\1'));
        BuilderOptions options = quick();
        options.profile.shapes["x"] = {{1, 2}, {4, 2}, {8, 2}};
        return buildPlan(import(m), registry(), options);
    }();
    return plan;
}

std::string refusedPlan(const Blob& file) {
    return errorOf([&] { Engine::load(file, registry()); });
}
void survives(const Blob& file) {
    try {
        Engine::load(file, registry()).createContext();
    } catch (const Error&) {
    }
}

// The plan with its description changed and all checksums right.
template <class F>
Blob changed(F&& change) {
    PlanContents plan = parsePlan(valid());
    change(plan.description);
    return serializePlan(plan);
}
template <class F>
std::string refusedChange(F&& change) {
    return refusedPlan(changed(std::forward<F>(change)));
}

TEST_F(HostilePlan, TruncatedAnywhereIsRefused) {
    for (std::size_t size = 0; size < valid().size(); size += size < 600 ? 1 : 97)
        EXPECT_CONTAINS(refusedPlan(Blob::copyOf(valid().data(), size)), "plan: ");
    EXPECT_CONTAINS(refusedPlan(Blob::copyOf(valid().data(), valid().size() - 1)), "truncated or padded");
}

TEST_F(HostilePlan, WithFlippedBitsIsRefused) {
    std::mt19937 random(99);
    for (int round = 0; round < 2000; ++round) {
        Blob file = Blob::copyOf(valid().data(), valid().size());
        file.mutableData()[random() % file.size()] ^= static_cast<std::byte>(1U << (random() % 8));
        survives(file);
    }
    Blob file = Blob::copyOf(valid().data(), valid().size());
    file.mutableData()[140] ^= std::byte{4};
    EXPECT_CONTAINS(refusedPlan(file), "the description is damaged");
    file = Blob::copyOf(valid().data(), valid().size());
    file.mutableData()[20] ^= std::byte{4};
    EXPECT_CONTAINS(refusedPlan(file), "the header is damaged");
}

TEST_F(HostilePlan, AtAnOddAddressIsRefused) {
    const Blob shifted = Blob::allocate(valid().size() + 64);
    std::copy_n(valid().data(), valid().size(), const_cast<std::byte*>(shifted.data()) + 8);
    EXPECT_CONTAINS(refusedPlan(Blob::view(shifted.data() + 8, valid().size(), shifted.owner())), "multiple of 64");
}

TEST_F(HostilePlan, OfAnotherLibraryIsRefused) {
    EXPECT_CONTAINS(refusedChange([](auto& p) { p.mutable_libraries(0)->set_name("elsewhere"); }), "needs library elsewhere");
    EXPECT_CONTAINS(refusedChange([](auto& p) { p.mutable_libraries(0)->set_digest(1); }), "digest 0000000000000001");
    EXPECT_CONTAINS(refusedChange([](auto& p) { p.mutable_layers(0)->set_implementation("x"); }), "needs implementation x");
    EXPECT_CONTAINS(refusedChange([](auto& p) { p.mutable_layers(0)->set_op("Conv"); }), "layer 't'");
    EXPECT_CONTAINS(refusedChange([](auto& p) { p.mutable_layers(0)->set_tactic("warp"); }), "tactic 'warp' is not offered");
    EXPECT_CONTAINS(refusedChange([](auto& p) { p.mutable_layers(0)->set_packed_inputs(UINT64_MAX); }), "packed");
    EXPECT_CONTAINS(refusedChange([](auto& p) { p.set_device("cuda:99"); }), "device");
}

TEST_F(HostilePlan, WithIndicesOutOfRangeIsRefused) {
    for (const int index : {-2, 1000, INT32_MAX, INT32_MIN}) {
        EXPECT_CONTAINS(refusedChange([&](auto& p) { p.mutable_layers(0)->set_inputs(0, index); }), "layer 't'");
        EXPECT_CONTAINS(refusedChange([&](auto& p) { p.mutable_layers(0)->set_outputs(0, index); }), "layer 't'");
        EXPECT_CONTAINS(refusedChange([&](auto& p) { p.mutable_layers(0)->set_library(index); }), "library");
        EXPECT_CONTAINS(refusedChange([&](auto& p) { p.mutable_inputs(0)->set_tensor(index); }), "binding 'x'");
        EXPECT_CONTAINS(refusedChange([&](auto& p) { p.mutable_outputs(0)->set_tensor(index); }), "binding 'y'");
        EXPECT_CONTAINS(refusedChange([&](auto& p) { p.mutable_tensors(0)->set_weight(index); }), "weight");
        EXPECT_CONTAINS(refusedChange([&](auto& p) { p.mutable_tensors(0)->set_type(index); }), "unknown type");
        EXPECT_CONTAINS(refusedChange([&](auto& p) { p.mutable_tensors(0)->set_layout(index); }), "layout");
        EXPECT_CONTAINS(refusedChange([&](auto& p) { p.mutable_tensors(0)->set_location(index); }), "location");
        EXPECT_CONTAINS(refusedChange([&](auto& p) { p.set_captured_inputs(index); }), "captures");
    }
}

TEST_F(HostilePlan, OfLayersOutOfOrderIsRefused) {
    EXPECT_CONTAINS(refusedChange([](auto& p) { p.mutable_layers()->SwapElements(0, 1); }), "before it is produced");
    EXPECT_CONTAINS(refusedChange([](auto& p) { *p.add_layers() = p.layers(0); }), "a second time");
    EXPECT_CONTAINS(refusedChange([](auto& p) { *p.add_inputs() = p.inputs(0); }), "another input's tensor");
    EXPECT_CONTAINS(refusedChange([](auto& p) { p.clear_layers(); }), "produced by no layer");
    EXPECT_CONTAINS(refusedChange([](auto& p) { p.mutable_layers(0)->clear_inputs(); }), "layer 't' has 0 inputs");
    EXPECT_CONTAINS(refusedChange([](auto& p) { p.mutable_layers(0)->set_kind(proto::Layer::COPY_TO_HOST); }), "copy");
}

TEST_F(HostilePlan, OfContradictoryShapesIsRefused) {
    EXPECT_CONTAINS(refusedChange([](auto& p) { p.mutable_inputs(0)->mutable_max()->add_d(3); }), "different ranks");
    const auto constant = [](proto::Plan& p) -> proto::Tensor& {
        for (auto& t : *p.mutable_tensors())
            if (t.weight() > 0) return t;
        return *p.mutable_tensors(0);
    };
    EXPECT_CONTAINS(refusedChange([&](auto& p) { constant(p).mutable_dims()->set_d(0, 3); }), "8 bytes for shape [3]");
    EXPECT_CONTAINS(refusedChange([&](auto& p) { constant(p).mutable_dims()->set_d(0, -1); }), "negative");
    EXPECT_CONTAINS(refusedChange([&](auto& p) { constant(p).mutable_dims()->set_d(0, INT64_MAX); }), "exceeds");
    EXPECT_CONTAINS(refusedChange([&](auto& p) { constant(p).set_type(8); }), "plan: a string constant is damaged");
    for (int i = 0; i < 20; ++i)
        survives(changed([&](auto& p) { p.mutable_inputs(0)->mutable_max()->set_d(0, (std::int64_t{1} << (3 * i)) - 2); }));
}

TEST_F(HostilePlan, OfPluginBytesThatAreDamagedIsRefusedOrTaken) {
    std::mt19937 random(5);
    for (int round = 0; round < 500; ++round)
        survives(changed([&](auto& p) {
            std::string& bytes = *p.mutable_layers(static_cast<int>(random() % 2))->mutable_plugin();
            if (random() % 4 == 0) bytes.resize(random() % 64);
            if (!bytes.empty()) bytes[random() % bytes.size()] = static_cast<char>(random());
        }));
}

TEST_F(HostilePlan, NestedWithoutEndIsRefused) {
    proto::Plan inner = parsePlan(valid()).description;
    for (int depth = 0; depth < 300; ++depth) {
        proto::Plan outer;
        outer.add_layers()->add_nested()->mutable_plan()->Swap(&inner);
        inner.Swap(&outer);
    }
    PlanContents plan;
    plan.description = inner;
    EXPECT_CONTAINS(refusedPlan(serializePlan(plan)), "does not parse");
}

}  // namespace
}  // namespace tenon::testing
