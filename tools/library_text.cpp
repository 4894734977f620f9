#include "library_text.h"

#include <tenon/error.h>
#include <tenon/tensor.h>

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <memory>
#include <vector>

namespace tenon::cli {

namespace {
constexpr std::array kLayoutNames = {"linear", "channelsLast", "blocked4", "blocked8", "blocked16", "blocked32"};

std::string countText(int least, int most) {
    if (most < 0) return fmt::format("{} or more", least);
    return least == most ? std::to_string(least) : fmt::format("{} to {}", least, most);
}

std::string fieldText(const FieldRecord& f) {
    constexpr std::array kTypes = {"none", "float", "int", "string", "tensor", "graph"};
    const auto type = static_cast<std::size_t>(f.type);
    std::string text = fmt::format("      {}: {}{}", f.name, type < kTypes.size() ? kTypes[type] : "?", f.isList ? " list" : "");
    if (f.required) text += ", required";
    else if (!f.defaultText.empty()) text += ", default " + f.defaultText;
    return text + (f.help.empty() ? "" : ": " + f.help) + "\n";
}

// What a plugin with default attributes takes as input 0 (rank 4), all other tensors being like it.
class FormatProbe {
public:
    FormatProbe(const CreatorRecord& record, const Registry& registry)
        : inputs_(std::max(record.minInputs, 1)), outputs_(std::max(record.minOutputs, 1)) {
        const abi::LayerInfo layer{"inspect", inputs_, outputs_, record.sinceVersion, 0};
        plugin_.reset(registry.creator(record).create(&layer, nullptr, 0));
        takePluginMessage();
        location_ = record.device == "cpu" || (record.shapeInputs & 1U) != 0 ? abi::Location::host : abi::Location::device;
    }

    std::string text() const {
        if (!plugin_) return "";  // it needs attributes
        std::string types, layouts;
        std::array<bool, kLayoutNames.size()> seen{};
        for (std::int32_t t = 1; t < abi::kDataTypeCount; ++t) {
            bool any = false;
            for (std::size_t l = 0; l < kLayoutNames.size(); ++l) {
                const bool taken = takes(static_cast<abi::DataType>(t), static_cast<abi::Layout>(l));
                any = any || taken;
                seen[l] = seen[l] || taken;
            }
            if (any) types += (types.empty() ? "" : ",") + std::string(typeName(static_cast<abi::DataType>(t)));
        }
        for (std::size_t l = 0; l < seen.size(); ++l)
            if (seen[l]) layouts += (layouts.empty() ? "" : ",") + std::string(kLayoutNames[l]);
        return types.empty() ? "" : fmt::format("      input 0 takes {} in {}\n", types, layouts);
    }

private:
    struct Destroy {
        void operator()(abi::IPlugin* p) const noexcept { p->destroy(); }
    };

    bool takes(abi::DataType type, abi::Layout layout) const {
        const abi::TensorDesc desc{{4, {1, 1, 1, 1}}, type, layout, location_, 0};
        const std::vector<abi::TensorDesc> all(static_cast<std::size_t>(inputs_ + outputs_), desc);
        return plugin_->supportsFormatCombination(0, all.data(), inputs_, outputs_);
    }

    std::int32_t inputs_, outputs_;
    std::unique_ptr<abi::IPlugin, Destroy> plugin_;
    abi::Location location_ = abi::Location::host;
};

std::string creatorText(const CreatorRecord& c, const Registry& registry) {
    std::string opsets =
        fmt::format("opset {}{}", c.sinceVersion, c.lastVersion == 0 ? "+" : "-" + std::to_string(c.lastVersion));
    std::string text =
        fmt::format("  {:<32} {} on {}, {}, version {}, {} inputs, {} outputs\n", qualifiedName(c), c.implementation, c.device,
                    opsets, c.version, countText(c.minInputs, c.maxInputs), countText(c.minOutputs, c.maxOutputs));
    if (!c.pluginNamespace.empty()) text += fmt::format("      namespace {}\n", c.pluginNamespace);
    for (const FieldRecord& f : c.fields)
        text += fieldText(f);
    return text + FormatProbe(c, registry).text();
}
}  // namespace

std::string qualifiedName(const CreatorRecord& creator) {
    return creator.domain.empty() || creator.domain == "ai.onnx" ? creator.name : creator.domain + "::" + creator.name;
}

std::string libraryText(const LibraryRecord& library, const Registry& registry) {
    std::string text = fmt::format("library {} {}\n  file {}\n", library.name, library.version, library.path);
    if (!library.vendor.empty() || !library.licence.empty())
        text += fmt::format("  vendor {}, licence {}\n", library.vendor, library.licence);
    for (const std::string& device : library.devices)
        text += fmt::format("  device {}\n", device);
    text += fmt::format("  {} operators:\n", library.creators.size());
    for (const CreatorRecord& c : library.creators)
        text += creatorText(c, registry);
    return text;
}

}  // namespace tenon::cli
