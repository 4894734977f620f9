// Protobuf wire format: https://protobuf.dev/programming-guides/encoding. Field numbers are those of onnx.proto.
#include "wire_check.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace tenon {

namespace {
enum class Kind {
    attribute,
    function,
    graph,
    mapType,
    model,
    node,
    optionalType,
    sequenceType,
    tensor,
    training,
    type,
    valueInfo
};
struct Child {
    Kind parent;
    std::uint64_t field;
    Kind kind;
};
// Everything that can be nested without end, or be there millions of times.
constexpr Child kChildren[] = {
    {Kind::attribute, 6, Kind::graph},   {Kind::attribute, 11, Kind::graph},    {Kind::attribute, 5, Kind::tensor},
    {Kind::attribute, 10, Kind::tensor}, {Kind::attribute, 14, Kind::type},     {Kind::attribute, 15, Kind::type},
    {Kind::function, 7, Kind::node},     {Kind::function, 11, Kind::attribute}, {Kind::graph, 1, Kind::node},
    {Kind::graph, 5, Kind::tensor},      {Kind::graph, 11, Kind::valueInfo},    {Kind::graph, 12, Kind::valueInfo},
    {Kind::graph, 13, Kind::valueInfo},  {Kind::mapType, 2, Kind::type},        {Kind::model, 7, Kind::graph},
    {Kind::model, 20, Kind::training},   {Kind::model, 25, Kind::function},     {Kind::node, 5, Kind::attribute},
    {Kind::optionalType, 1, Kind::type}, {Kind::sequenceType, 1, Kind::type},   {Kind::training, 1, Kind::graph},
    {Kind::training, 2, Kind::graph},    {Kind::type, 4, Kind::sequenceType},   {Kind::type, 5, Kind::mapType},
    {Kind::type, 9, Kind::optionalType}, {Kind::valueInfo, 2, Kind::type},
};

std::optional<Kind> childOf(Kind parent, std::uint64_t field) {
    for (const Child& c : kChildren)
        if (c.parent == parent && c.field == field) return c.kind;
    return std::nullopt;
}

struct Message {
    Kind kind;
    std::size_t end;
    int graphs;  // around and including this one
};

class Walker {
public:
    explicit Walker(std::span<const std::byte> bytes) : bytes_(bytes), open_{{Kind::model, bytes.size(), 0}} {}

    std::string operator()() {
        while (!open_.empty()) {
            if (at_ == open_.back().end) open_.pop_back();
            else if (const std::string problem = field(); !problem.empty()) return problem;
        }
        return "";
    }

private:
    std::optional<std::uint64_t> varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && at_ < open_.back().end; shift += 7) {
            const auto byte = std::to_integer<std::uint64_t>(bytes_[at_++]);
            value |= (byte & 0x7FU) << shift;
            if (byte < 0x80) return value;
        }
        return std::nullopt;
    }

    std::string field() {
        const std::size_t start = at_, end = open_.back().end;
        const std::string damaged = "the file is damaged or truncated: the message at byte " + std::to_string(start) + " ";
        const auto tag = varint();
        if (!tag || *tag < 8) return damaged + "has no valid tag";
        const unsigned wireType = *tag & 7U;
        std::optional<std::uint64_t> size;
        if (wireType == 0) size = varint() ? std::optional<std::uint64_t>(0) : std::nullopt;
        else if (wireType == 1) size = 8;
        else if (wireType == 2) size = varint();
        else if (wireType == 5) size = 4;
        else return damaged + "has no valid tag";
        if (!size) return damaged + "has no valid length";
        if (*size > end - at_)
            return damaged + "needs " + std::to_string(*size) + " bytes where " + std::to_string(end - at_) + " are left";
        const auto kind = wireType == 2 ? childOf(open_.back().kind, *tag >> 3) : std::nullopt;
        if (!kind) at_ += *size;
        else return enter(*kind, *size);
        return "";
    }

    std::string enter(Kind kind, std::uint64_t size) {
        const int graphs = open_.back().graphs + (kind == Kind::graph ? 1 : 0);
        if (graphs > kMostNestedGraphs)
            return "more than " + std::to_string(kMostNestedGraphs) + " graphs are nested inside each other";
        if (++count_ > kMostMessages)
            return "it has more than " + std::to_string(kMostMessages) + " nodes, attributes, tensors and types";
        if (open_.size() >= static_cast<std::size_t>(kMostNestedMessages))
            return "more than " + std::to_string(kMostNestedMessages) + " messages are nested inside each other";
        open_.push_back({kind, at_ + static_cast<std::size_t>(size), graphs});
        return "";
    }

    std::span<const std::byte> bytes_;
    std::vector<Message> open_;
    std::size_t at_ = 0, count_ = 0;
};
}  // namespace

std::string framingProblem(std::span<const std::byte> model) { return Walker(model)(); }

}  // namespace tenon
