#include "adapter.h"

#include <tenon/error.h>
#include <tenon/sdk/launch.h>

#include <cmath>

namespace tenon {

const onnx::AttributeProto* Adaptation::find(const std::string& name) const {
    for (const auto& a : node.attribute())
        if (a.name() == name) return &a;
    return nullptr;
}

std::optional<onnx::AttributeProto> Adaptation::take(const std::string& name) {
    for (int i = 0; i < node.attribute_size(); ++i) {
        if (node.attribute(i).name() != name) continue;
        onnx::AttributeProto taken = node.attribute(i);
        node.mutable_attribute()->DeleteSubrange(i, 1);
        return taken;
    }
    return std::nullopt;
}

void Adaptation::drop(std::initializer_list<const char*> names) {
    for (const char* name : names)
        take(name);
}

void addInt(onnx::NodeProto& node, const std::string& name, std::int64_t value) {
    auto* a = node.add_attribute();
    a->set_name(name);
    a->set_type(onnx::AttributeProto::INT);
    a->set_i(value);
}

void Adaptation::set(const std::string& name, std::int64_t value) {
    take(name);
    addInt(node, name, value);
}

void Adaptation::set(const std::string& name, float value) {
    take(name);
    auto* a = node.add_attribute();
    a->set_name(name);
    a->set_type(onnx::AttributeProto::FLOAT);
    a->set_f(value);
}

void Adaptation::set(const std::string& name, const std::string& value) {
    take(name);
    auto* a = node.add_attribute();
    a->set_name(name);
    a->set_type(onnx::AttributeProto::STRING);
    a->set_s(value);
}

void Adaptation::setInput(int i, const std::string& name) {
    while (node.input_size() <= i)
        node.add_input("");
    node.set_input(i, name);
}

std::string Adaptation::unique(const std::string& tag) const {
    const std::string base = node.output_size() > 0 && !node.output(0).empty() ? node.output(0) : node.name();
    return base + "/" + tag + std::to_string(result.constants.size() + result.nodes.size() + after.size());
}

std::string Adaptation::addConstant(const std::string& tag, TensorValue value) {
    std::string name = unique(tag);
    result.constants.push_back({name, std::move(value)});
    return name;
}

std::string Adaptation::addInts(const std::string& tag, const std::vector<std::int64_t>& v, bool isScalar) {
    const Dims dims = isScalar ? Dims{} : Dims{static_cast<std::int64_t>(v.size())};
    return addConstant(tag, {DataType::i64, dims, Blob::copyOf(v.data(), v.size() * sizeof(std::int64_t))});
}

std::string Adaptation::addFloats(const std::string& tag, const std::vector<float>& v, bool isScalar) {
    const Dims dims = isScalar ? Dims{} : Dims{static_cast<std::int64_t>(v.size())};
    return addConstant(tag, {DataType::f32, dims, Blob::copyOf(v.data(), v.size() * sizeof(float))});
}

std::string Adaptation::addScalarLike(const std::string& tag, const std::string& like, double value) {
    const DataType type = facts.typeOf(like);
    if (type == DataType::undefined) {
        const std::string untyped = addFloats(tag, {static_cast<float>(value)}, true), typed = unique(tag);
        before("CastLike", {untyped, like}, typed);
        return typed;
    }
    TensorValue v{type, {}, Blob::allocate(byteSize(type, {}))};
    sdk::dispatch<sdk::numeric>(type, [&]<class T>() {
        if constexpr (sdk::isFloating<T>) *reinterpret_cast<T*>(v.data.mutableData()) = T(static_cast<sdk::Compute<T>>(value));
        else {
            const double low = static_cast<double>(std::numeric_limits<T>::lowest()),
                         high = static_cast<double>(std::numeric_limits<T>::max());
            *reinterpret_cast<T*>(v.data.mutableData()) = std::isnan(value) ? T(0)
                                                          : value <= low    ? std::numeric_limits<T>::lowest()
                                                          : value >= high   ? std::numeric_limits<T>::max()
                                                                            : static_cast<T>(value);
        }
    });
    return addConstant(tag, std::move(v));
}

namespace {
onnx::NodeProto& fill(onnx::NodeProto& made, const onnx::NodeProto& node, const std::string& op,
                      const std::vector<std::string>& inputs, const std::string& output) {
    made.set_op_type(op);
    made.set_name((node.name().empty() ? node.op_type() : node.name()) + "/" + op);
    for (const std::string& in : inputs)
        made.add_input(in);
    made.add_output(output);
    return made;
}
}  // namespace

onnx::NodeProto& Adaptation::before(const std::string& op, const std::vector<std::string>& inputs, const std::string& output) {
    return fill(result.nodes.emplace_back(), node, op, inputs, output);
}
onnx::NodeProto& Adaptation::behind(const std::string& op, const std::vector<std::string>& inputs, const std::string& output) {
    return fill(after.emplace_back(), node, op, inputs, output);
}

void Adaptation::fail(const std::string& what) const {
    throw Error(ErrorCode::unsupported, node.op_type() + " of opset " + std::to_string(opset) + ": " + what);
}

void intsToInput(Adaptation& a, const char* attribute, int input) {
    const auto taken = a.take(attribute);
    if (taken && !a.hasInput(input)) a.setInput(input, a.addInts(attribute, {taken->ints().begin(), taken->ints().end()}));
}

}  // namespace tenon
