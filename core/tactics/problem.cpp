#include "problem.h"

#include <tenon/error.h>
#include <tenon/sdk/launch.h>

namespace tenon {

namespace {
// The float with a mark that tells it from an integer.
std::string realText(double v) {
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "%.9g", v);
    std::string s = buffer;
    if (s.find_first_of(".en") == std::string::npos) s += ".0";
    return s;
}

std::string escape(const std::string& s) {
    std::string out = "\"";
    for (const char c : s) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

template <class T, class F>
std::string listText(const T& v, char open, char close, F text) {
    std::string s(1, open);
    bool first = true;
    for (const auto& e : v) {
        s += (first ? "" : ",") + text(e);
        first = false;
    }
    return s + close;
}

struct AttributeText {
    std::string operator()(std::int64_t v) const { return std::to_string(v); }
    std::string operator()(float v) const { return realText(static_cast<double>(v)); }
    std::string operator()(const std::string& v) const { return escape(v); }
    std::string operator()(const TensorValue& v) const { return typeName(v.type) + toString(v.dims) + contentText(v); }
    std::string operator()(const std::vector<std::int64_t>& v) const {
        return listText(v, '[', ']', [](std::int64_t e) { return std::to_string(e); });
    }
    std::string operator()(const std::vector<float>& v) const {
        return listText(v, '[', ']', [](float e) { return realText(static_cast<double>(e)); });
    }
    std::string operator()(const std::vector<std::string>& v) const { return listText(v, '[', ']', escape); }
    std::string operator()(const std::vector<TensorValue>& v) const { return listText(v, '[', ']', AttributeText()); }
    std::string operator()(const std::shared_ptr<Graph>&) const { return "graph"; }
    std::string operator()(const std::vector<std::shared_ptr<Graph>>&) const { return "graphs"; }
};

std::string outputsText(const std::vector<bool>& outputs) {
    if (outputs == std::vector<bool>{true}) return "";
    if (std::find(outputs.begin(), outputs.end(), false) == outputs.end()) return " -> " + std::to_string(outputs.size());
    std::string s = " -> ";
    for (const bool b : outputs)
        s += b ? 'y' : '_';
    return s;
}

std::string inputText(const ProblemInput& in) {
    if (in.type == DataType::undefined) return "_";
    std::string s = std::string(in.isConstant && !in.showContent ? "const " : "") + typeName(in.type) + toString(in.dims);
    return in.showContent && in.content ? s + contentText(*in.content) : s;
}
}  // namespace

namespace {
// Bytes of types that have no numerals.
std::string hexText(const Blob& bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string s = "0x";
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto b = std::to_integer<unsigned>(bytes.data()[i]);
        s += {kDigits[b >> 4U], kDigits[b & 15U]};
    }
    return s;
}
}  // namespace

std::string contentText(const TensorValue& value) {
    std::string s = "{";
    const std::int64_t count = elementCount(value.dims);
    if (value.type == DataType::string) {
        for (std::int64_t i = 0; i < count; ++i) {
            const auto& ref = reinterpret_cast<const abi::StringRef*>(value.data.data())[i];
            s += (i == 0 ? "" : ",") + escape({ref.data, ref.size});
        }
        return s + "}";
    }
    if (!(sdk::numeric | sdk::boolean).has(value.type)) return s + hexText(value.data) + "}";
    sdk::dispatch<sdk::numeric | sdk::boolean>(value.type, [&]<class T>() {
        for (std::int64_t i = 0; i < count; ++i) {
            const T v = reinterpret_cast<const T*>(value.data.data())[i];
            if (i != 0) s += ',';
            if constexpr (sdk::isFloating<T>) s += realText(static_cast<double>(v));
            else s += std::to_string(v);
        }
    });
    return s + "}";
}

std::string Problem::toString() const {
    std::string s = (domain.empty() ? "" : domain + "::") + op;
    if (opsetVersion != 0) s += "@" + std::to_string(opsetVersion);
    s += "(";
    for (std::size_t i = 0; i < inputs.size(); ++i)
        s += (i == 0 ? "" : ", ") + inputText(inputs[i]);
    s += ")";
    for (const auto& [name, value] : attributes)
        s += " " + name + "=" + std::visit(AttributeText{}, value);
    return s + outputsText(outputs);
}

Layer Problem::layer() const {
    Layer layer;
    layer.name = op;
    layer.domain = domain;
    layer.op = op;
    layer.opsetVersion = opsetVersion;
    layer.attributes = attributes;
    layer.source = "problem " + toString();
    for (std::size_t i = 0; i < inputs.size(); ++i)
        layer.inputs.push_back(inputs[i].type == DataType::undefined ? -1 : static_cast<int>(i));
    for (std::size_t i = 0; i < outputs.size(); ++i)
        layer.outputs.push_back(outputs[i] ? static_cast<int>(inputs.size() + i) : -1);
    return layer;
}

}  // namespace tenon
