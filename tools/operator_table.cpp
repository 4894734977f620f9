#include "operator_table.h"

#include <tenon/abi/extensions.h>
#include <tenon/tensor.h>

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "library_text.h"

namespace tenon::cli {

namespace {
using abi::DataType;

struct Destroy {
    void operator()(abi::IPlugin* p) const noexcept { p->destroy(); }
};
using Plugin = std::unique_ptr<abi::IPlugin, Destroy>;

// Makes plugins with values for the attributes that a node must give; what they are the plugins' own messages tell.
class PluginMaker {
public:
    PluginMaker(const Registry& registry, const CreatorRecord& creator) : registry_(registry), creator_(creator) {
        for (const FieldRecord& f : creator.fields)
            if (f.required) add(f);
    }
    // Null when it cannot be guessed what the plugin wants.
    Plugin operator()(int inputs, int outputs) {
        const abi::LayerInfo layer{"table", inputs, outputs, creator_.sinceVersion, 0};
        for (int attempt = 0; attempt < kAttempts; ++attempt) {
            Plugin p(registry_.creator(creator_).create(&layer, fields_.data(), static_cast<std::int32_t>(fields_.size())));
            const std::string message = takePluginMessage();
            if (p || !learn(message)) return p;
        }
        return nullptr;
    }

private:
    static constexpr int kAttempts = 4;
    // Whether the message says something that is worth another attempt.
    bool learn(const std::string& message) {
        const std::string choices = "must be one of ";
        if (const std::size_t at = message.find(choices); at != std::string::npos) {
            word_ = message.substr(at + choices.size(), message.find_first_of("|;", at) - at - choices.size());
            text_[0] = text_[1] = {word_.data(), word_.size()};
            return true;
        }
        for (const FieldRecord& f : creator_.fields)
            if (message.find("'" + f.name + "' is required") != std::string::npos) return add(f);
        return false;
    }
    bool add(const FieldRecord& f) {
        fields_.push_back({f.name.c_str(), f.type, f.isList ? 1 : 0, valueOf(f.type), f.isList ? 2 : 1});
        return true;
    }
    const void* valueOf(abi::FieldType type) const {
        static constexpr float kNumbers[] = {1, 1};
        static constexpr std::int64_t kIntegers[] = {1, 1};
        static constexpr abi::ISubgraph* kNone[] = {nullptr, nullptr};
        static constexpr abi::TensorDesc kScalar{{0, {}}, DataType::f32, abi::Layout::linear, abi::Location::host, 0};
        static constexpr abi::FieldTensor kTensors[] = {{kScalar, kNumbers, 4}, {kScalar, kNumbers, 4}};
        switch (type) {
            case abi::FieldType::float32: return kNumbers;
            case abi::FieldType::string: return text_;
            case abi::FieldType::tensor: return kTensors;
            case abi::FieldType::graph: return kNone;
            default: return kIntegers;
        }
    }

    const Registry& registry_;
    const CreatorRecord& creator_;
    std::string word_;
    abi::StringRef text_[2] = {{"", 0}, {"", 0}};
    std::vector<abi::Field> fields_;
};

// All types, tensors first.
const std::vector<DataType>& allTypes() {
    static const std::vector<DataType> types = [] {
        std::vector<DataType> list;
        for (std::int32_t flags = 0; flags < 2 * abi::kOptionalFlag; flags += abi::kMapInt64Flag)
            for (std::int32_t t = 1; t < abi::kDataTypeCount; ++t)
                if (abi::isDataType(flags | t)) list.push_back(DataType{flags | t});
        return list;
    }();
    return types;
}

class Probe {
public:
    Probe(const Plugin& plugin, const CreatorRecord& creator, int inputs, int outputs, int rank)
        : plugin_(plugin), creator_(creator), inputs_(inputs), rank_(rank), found_(static_cast<std::size_t>(inputs + outputs)) {}

    // The types of every position.
    std::vector<std::set<DataType>> operator()() {
        for (const DataType first : allTypes())
            follow(first);
        return std::move(found_);
    }

private:
    // Types of all positions when the first has this one; of several that are taken the same one goes on.
    void follow(DataType first) {
        std::vector<abi::TensorDesc> all(found_.size());
        for (std::size_t pos = 0; pos < found_.size(); ++pos) {
            DataType next = DataType::undefined;
            for (const DataType type : allTypes()) {
                if ((pos == 0 && type != first) || !takes(all, pos, type)) continue;
                found_[pos].insert(type);
                if (next == DataType::undefined || type == first) next = type;
            }
            if (pos == 0 && next == DataType::undefined) return;
            describe(all, pos, next);
        }
    }
    void describe(std::vector<abi::TensorDesc>& all, std::size_t pos, DataType type) const {
        const bool onHost = creator_.device == "cpu" ||
                            (static_cast<int>(pos) < inputs_ && pos < 64 && ((creator_.shapeInputs >> pos) & 1U) != 0);
        all[pos] = {{0, {}}, type, abi::Layout::linear, onHost ? abi::Location::host : abi::Location::device, 0};
        if (!abi::isComposite(type)) all[pos].dims = {rank_, {1, 1, 1, 1}};
    }
    bool takes(std::vector<abi::TensorDesc>& all, std::size_t pos, DataType type) const {
        describe(all, pos, type);
        return plugin_->supportsFormatCombination(static_cast<std::int32_t>(pos), all.data(), inputs_,
                                                  static_cast<std::int32_t>(all.size()) - inputs_);
    }

    const Plugin& plugin_;
    const CreatorRecord& creator_;
    int inputs_, rank_;
    std::vector<std::set<DataType>> found_;
};

// Names for sets that many operators share, and the short names of types.
std::string typesText(const std::set<DataType>& types) {
    static constexpr const char* kShort[] = {"-",      "f32",  "u8",     "i8",  "u16", "i16", "i32",  "i64",  "str",
                                             "bool",   "f16",  "f64",    "u32", "u64", "c64", "c128", "bf16", "e4m3",
                                             "e4m3uz", "e5m2", "e5m2uz", "u4",  "i4",  "f4",  "e8m0"};
    std::map<std::int32_t, std::string> byFlags;
    for (const DataType t : types) {
        std::string& text = byFlags[abi::flagsOf(t)];
        text += (text.empty() ? "" : " ") + std::string(kShort[static_cast<std::size_t>(abi::elementOf(t))]);
    }
    std::string text;
    for (const auto& [flags, elements] : byFlags) {
        std::string part = elements;
        if ((flags & abi::kMapInt64Flag) != 0) part = "map(i64, " + part + ")";
        if ((flags & abi::kMapStringFlag) != 0) part = "map(str, " + part + ")";
        if ((flags & abi::kSequenceFlag) != 0) part = "seq(" + part + ")";
        if ((flags & abi::kOptionalFlag) != 0) part = "opt(" + part + ")";
        text += (text.empty() ? "" : "; ") + part;
    }
    return text.empty() ? "?" : text;
}

std::string rowOf(const CreatorRecord& c, const Registry& registry) {
    const auto shown = [](int least, int most) { return most < 0 ? std::max(least, 1) : most; };  // of a variadic one, the first
    const int inputs = shown(c.minInputs, c.maxInputs), outputs = shown(c.minOutputs, c.maxOutputs);
    const Plugin plugin = PluginMaker(registry, c)(inputs, outputs);
    std::vector<std::set<DataType>> types(static_cast<std::size_t>(inputs + outputs));
    for (int rank = 4; plugin && !types.empty() && rank >= 0 && types[0].empty(); --rank)
        types = Probe(plugin, c, inputs, outputs, rank)();
    std::string text;
    for (std::size_t i = 0; i < types.size(); ++i)
        text += (i == 0 ? "" : static_cast<int>(i) == inputs ? " -> " : ", ") + ("{" + typesText(types[i]) + "}");
    return fmt::format("| {} | {}{} | {} | {}{} | {} |\n", qualifiedName(c), c.sinceVersion,
                       c.lastVersion == 0 ? "+" : "-" + std::to_string(c.lastVersion), c.implementation, c.device,
                       c.version == "1" ? "" : ", version " + c.version, text);
}
}  // namespace

std::string operatorTable(const Registry& registry) {
    std::map<std::string, std::string> rows;
    for (const LibraryRecord& l : registry.libraries())
        for (const CreatorRecord& c : l.creators) {
            const std::string row = rowOf(c, registry);
            rows[row] = row;
        }
    std::string text =
        "| operator | opsets | implementation | device | types of the inputs -> outputs |\n|---|---|---|---|---|\n";
    for (const auto& [key, row] : rows)
        text += row;
    return text + fmt::format("\n{} rows\n", rows.size());
}

}  // namespace tenon::cli
