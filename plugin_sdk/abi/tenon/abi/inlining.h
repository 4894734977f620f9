// "tenon.inline/1": layers that turn out to be nothing but one of their nested networks.
#pragma once

#include <tenon/abi/plugin.h>

namespace tenon::abi {

// A layer whose nested network has no inputs but captured ones may know, from what is known of its inputs, that its outputs are
// those of one network. The host then puts that network in the layer's place.
class IInline {
public:
    static constexpr const char* kId = "tenon.inline/1";
    // Index in ISubgraphUser of that network, or -1. Asked before types and shapes.  [build thread]
    virtual int32_t inlinedSubgraph(const SymbolicTensor* inputs, int32_t inputCount) const noexcept = 0;

protected:
    ~IInline() = default;
};

}  // namespace tenon::abi
