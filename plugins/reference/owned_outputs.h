// Outputs that an operator keeps itself, because their sizes are known only after running.
#pragma once

#include <tenon/sdk/sdk.h>
#include <tenon/sdk/subgraph.h>

namespace tenon::reference {

// Base of an operator struct Op, whose run() calls keep() for every output. Each plugin object has results of its own.
template <class Op>
class OwnedOutputs : public abi::IOwnedOutput {
public:
    OwnedOutputs() = default;
    OwnedOutputs(const OwnedOutputs&) {}
    OwnedOutputs& operator=(const OwnedOutputs&) { return *this; }
    ~OwnedOutputs() = default;

    void* extension(std::string_view id) {
        return id == abi::IOwnedOutput::kId ? static_cast<abi::IOwnedOutput*>(this) : nullptr;
    }
    sdk::Status ownedOutput(std::int32_t output, abi::FieldTensor* tensor) const noexcept override {
        return sdk::guard(Op::identity.name, [&] { *tensor = kept_.at(static_cast<std::size_t>(output)).ref(); });
    }

protected:
    // Output `i` of this run; also written to the host's memory where it has the size already.
    void keep(const sdk::Launch& l, int i, sdk::OwnedTensor tensor) const {
        kept_.resize(static_cast<std::size_t>(l.outputCount()));
        sdk::OwnedTensor& slot = kept_[static_cast<std::size_t>(i)];
        slot = std::move(tensor);
        const abi::FieldTensor ref = slot.ref();
        if (l.outputData(i) != nullptr && sdk::sameDims(ref.desc.dims, l.outputDesc(i).dims) && ref.size > 0)
            std::memcpy(l.outputData(i), ref.data, ref.size);
    }

private:
    mutable std::vector<sdk::OwnedTensor> kept_;
};

// Shapes of two runs that give one output: what they agree on.
inline sdk::Shape agreement(const sdk::Shape& a, const sdk::Shape& b) {
    if (!a.hasRank() || !b.hasRank() || a.rank() != b.rank()) return {};
    sdk::Shape out = a.dims();
    for (int i = 0; i < out.rank(); ++i)
        if (!a[i].same(b[i])) out[i] = sdk::Dim::unknown();
    return out;
}

}  // namespace tenon::reference
