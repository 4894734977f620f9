// Operators whose output sizes depend on the data (abi::IDynamicOutput).
#pragma once

#include <tenon/sdk/sdk.h>

namespace tenon::reference {

// Base of such an operator struct: it states bound(inputs, output), the dims that an output has at most, and says found(...)
// in run(), where outputs are written densely with the dims found. One plugin object runs in one thread at a time.
template <class Op>
class FoundDims : public abi::IDynamicOutput {
public:
    abi::Status maxDims(const abi::TensorDesc* inputs, std::int32_t inputCount, std::int32_t output,
                        abi::Dims* dims) const noexcept override {
        return sdk::guard(Op::identity.name, [&] {
            *dims = static_cast<const Op*>(this)->bound({inputs, static_cast<std::size_t>(inputCount)}, output);
        });
    }
    abi::Status actualDims(std::int32_t output, abi::Dims* dims) const noexcept override {
        return sdk::guard(Op::identity.name, [&] { *dims = found_.at(static_cast<std::size_t>(output)); });
    }
    void* extension(std::string_view id) {
        return id == abi::IDynamicOutput::kId ? static_cast<abi::IDynamicOutput*>(this) : nullptr;
    }

protected:
    static abi::Dims makeDims(std::initializer_list<std::int64_t> extents) {
        abi::Dims dims{};
        for (const std::int64_t e : extents)
            dims.d[dims.rank++] = e;
        return dims;
    }
    void found(int output, const abi::Dims& dims) const { found_.at(static_cast<std::size_t>(output)) = dims; }

private:
    mutable std::array<abi::Dims, 4> found_{};
};

}  // namespace tenon::reference
