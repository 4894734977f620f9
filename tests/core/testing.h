// What core tests share: the registry of the build tree, small tensors, one-layer networks.
#pragma once

#include <gtest/gtest.h>
#include <tenon/builder.h>
#include <tenon/engine.h>
#include <tenon/error.h>
#include <tenon/registry/registry.h>

namespace tenon::testing {

inline const Registry& registry() {
    static const Registry instance;
    return instance;
}

inline TensorValue floats(const Dims& dims, std::vector<float> values) {
    return {DataType::f32, dims, Blob::copyOf(values.data(), values.size() * sizeof(float))};
}
inline TensorValue ints(const Dims& dims, std::vector<std::int64_t> values) {
    return {DataType::i64, dims, Blob::copyOf(values.data(), values.size() * sizeof(std::int64_t))};
}
inline std::vector<float> toFloats(const TensorValue& v) {
    const auto* p = reinterpret_cast<const float*>(v.data.data());
    return {p, p + elementCount(v.dims)};
}

// Options that decide quickly and alike on every machine.
inline BuilderOptions quick() {
    BuilderOptions options;
    options.optimizationLevel = 0;
    options.pin = {"reference"};
    return options;
}

inline Engine build(const Network& network, const BuilderOptions& options = quick()) {
    return Engine::load(buildPlan(network, registry(), options), registry());
}

// The message of the Error that body throws; fails the test when it throws none.
template <class F>
std::string errorOf(F&& body) {
    try {
        body();
    } catch (const Error& e) {
        return e.what();
    }
    ADD_FAILURE() << "no Error was thrown";
    return "";
}

#define EXPECT_CONTAINS(text, part) EXPECT_NE((text).find(part), std::string::npos) << "in: " << (text)

}  // namespace tenon::testing
