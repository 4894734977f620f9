#include "names.h"

#include <tenon/error.h>

#include <algorithm>
#include <vector>

namespace tenon {

std::string domainOf(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

bool isUtf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80                   ? 1
                                   : lead >= 0xC2 && lead < 0xE0 ? 2
                                   : (lead & 0xF0U) == 0xE0      ? 3
                                   : lead >= 0xF0 && lead < 0xF5 ? 4
                                                                 : 0;
        if (length == 0 || length > text.size() - i) return false;
        std::uint32_t code = length == 1 ? lead : lead & (0x7FU >> length);
        for (std::size_t k = 1; k < length; ++k) {
            const auto byte = static_cast<unsigned char>(text[i + k]);
            if ((byte & 0xC0U) != 0x80) return false;
            code = (code << 6) | (byte & 0x3FU);
        }
        constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
        if (code < kSmallest[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
        i += length;
    }
    return true;
}

std::string shownName(std::string_view name) {
    constexpr std::size_t kShown = 120;
    const bool isPrintable = isUtf8(name);
    std::string text = "'";
    for (std::size_t i = 0;
         i < name.size() && (i < kShown || (isPrintable && (static_cast<unsigned char>(name[i]) & 0xC0U) == 0x80)); ++i) {
        const auto byte = static_cast<unsigned char>(name[i]);
        constexpr char kHex[] = "0123456789abcdef";
        if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !isPrintable)) text += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15U]};
        else text += name[i];
    }
    return text + (name.size() > kShown ? "...'" : "'");
}

std::string describe(const onnx::NodeProto& node, int index) {
    const std::string domain = domainOf(node.domain()), op = shownName((domain.empty() ? "" : domain + "::") + node.op_type());
    return "node " + std::to_string(index) + (node.name().empty() ? "" : " " + shownName(node.name())) + " (" +
           op.substr(1, op.size() - 2) + ")";
}

namespace {
void checkAttributes(const onnx::NodeProto& node) {
    std::vector<std::string_view> names;
    for (const auto& a : node.attribute()) {
        const auto reject = [&](const std::string& what) {
            throw Error(ErrorCode::badInput, "attribute " + shownName(a.name()) + " " + what);
        };
        if (a.name().empty()) reject("has no name");
        if (!isUtf8(a.name())) reject("is not UTF-8");
        if (!a.ref_attr_name().empty()) reject("refers to " + shownName(a.ref_attr_name()) + " outside of a function");
        names.push_back(a.name());
    }
    std::sort(names.begin(), names.end());
    if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end())
        throw Error(ErrorCode::badInput, "attribute " + shownName(*twice) + " is given twice");
}
}  // namespace

void checkNode(const onnx::NodeProto& node) {
    const auto check = [](const std::string& name, const char* what) {
        if (!isUtf8(name)) throw Error(ErrorCode::badInput, std::string(what) + " " + shownName(name) + " is not UTF-8");
    };
    if (node.op_type().empty()) throw Error(ErrorCode::badInput, "the node has no operator");
    check(node.op_type(), "operator");
    check(node.domain(), "domain");
    check(node.name(), "name");
    for (const auto& in : node.input())
        check(in, "input");
    for (const auto& out : node.output())
        check(out, "output");
    checkAttributes(node);
}

std::string newerString(const google::protobuf::Message& message, int field) {
    const auto& unknown = message.GetReflection()->GetUnknownFields(message);
    for (int i = 0; i < unknown.field_count(); ++i)
        if (unknown.field(i).number() == field &&
            unknown.field(i).type() == google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED)
            return unknown.field(i).length_delimited();
    return "";
}

}  // namespace tenon
