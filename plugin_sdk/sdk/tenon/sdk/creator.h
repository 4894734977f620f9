// From an operator struct to the creator that makes its plugins.
#pragma once

#include <tenon/sdk/plugin.h>

namespace tenon::sdk {

template <class Op>
class CreatorFor final : public abi::ICreator {
public:
    static const CreatorFor& instance() {
        static const CreatorFor creator;
        return creator;
    }
    const abi::CreatorInfo* info() const noexcept override { return &info_; }

    abi::IPlugin* create(const abi::LayerInfo* layer, const abi::Field* fields, int32_t fieldCount) const noexcept override {
        return make(layer, [&](Op& op) { parseFields(op, fields, fieldCount); });
    }
    abi::IPlugin* deserialize(const abi::LayerInfo* layer, const void* data, uint64_t size) const noexcept override {
        return make(layer, [&](Op& op) {
            Reader r(data, size);
            readFields(op, r);
        });
    }

private:
    CreatorFor() {
        const Op defaults;
        std::apply([&](const auto&... a) { (declare(a, defaults), ...); }, attributesOf<Op>());
        for (std::size_t i = 0; i < fields_.size(); ++i)
            if (fields_[i].required == 0) fields_[i].defaultText = texts_[i].c_str();
        const Identity& id = Op::identity;
        info_ = abi::CreatorInfo{id.domain,
                                 id.name,
                                 id.since,
                                 id.last,
                                 id.implementation != nullptr ? id.implementation : libraryName,
                                 id.version,
                                 id.pluginNamespace,
                                 deviceOf<Op>(),
                                 shapeInputsOf<Op>(),
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 nullptr};
        if constexpr (requires { Op::dimsOnlyInputs; }) info_.dimsOnlyInputs = Op::dimsOnlyInputs;
        if constexpr (requires { Op::flags; }) info_.flags = Op::flags;
        countTensors();
        info_.fields = fields_.data();
        info_.fieldCount = static_cast<int32_t>(fields_.size());
    }

    template <class A>
    void declare(const A& a, const Op& defaults) {
        using M = std::remove_cvref_t<decltype(defaults.*(a.member))>;
        fields_.push_back(
            {a.id, a.isRequired ? 1 : 0, a.name, FieldTraits<M>::kType, FieldTraits<M>::kList ? 1 : 0, nullptr, a.help});
        texts_.push_back(FieldTraits<M>::text(defaults.*(a.member)));
    }

    void countTensors() {
        info_.minInputs = info_.minOutputs = kMaxSlots;
        for (const Row& r : Op::formats) {
            info_.minInputs = std::min(info_.minInputs, r.inputs.required());
            info_.minOutputs = std::min(info_.minOutputs, r.outputs.required());
            info_.maxInputs = widest(info_.maxInputs, r.inputs);
            info_.maxOutputs = widest(info_.maxOutputs, r.outputs);
        }
    }
    static int widest(int soFar, const Slots& slots) {
        return soFar < 0 || slots.isVariadic() ? -1 : std::max(soFar, slots.count);
    }

    template <class Fill>
    abi::IPlugin* make(const abi::LayerInfo* layer, Fill&& fill) const noexcept {
        abi::IPlugin* plugin = nullptr;
        guard(Op::identity.name, [&] {
            Op op;
            fill(op);
            if constexpr (requires { op.check(*layer); }) op.check(*layer);
            plugin = new PluginFor<Op>(std::move(op));
        });
        return plugin;
    }

    abi::CreatorInfo info_{};
    std::vector<abi::FieldDecl> fields_;
    std::vector<std::string> texts_;
};

}  // namespace tenon::sdk
