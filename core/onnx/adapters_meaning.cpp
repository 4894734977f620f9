// Old forms that compute something else than the newest form does with the same attributes.
#include <tenon/error.h>

#include <algorithm>
#include <cmath>

#include "adapter.h"

namespace tenon {

namespace {
// (x - mean) / sqrt(variance + epsilon) * scale + bias, where the parameters have the dims of x without the first.
void normalizePerElement(Adaptation& a) {
    for (int i = 0; i < 5; ++i)
        if (!a.hasInput(i)) a.fail("input " + std::to_string(i) + " is missing");
    const auto attribute = a.take("epsilon");
    a.drop({"momentum"});
    const std::string x = a.node.input(0), scale = a.node.input(1), bias = a.node.input(2), mean = a.node.input(3),
                      variance = a.node.input(4);
    const std::string epsilon = a.addScalarLike("epsilon", variance, attribute ? static_cast<double>(attribute->f()) : 1e-5);
    const std::string sum = a.unique("sum"), deviation = a.unique("deviation"), factor = a.unique("factor"),
                      centered = a.unique("centered"), scaled = a.unique("scaled");
    a.before("Add", {variance, epsilon}, sum);
    a.before("Sqrt", {sum}, deviation);
    a.before("Div", {scale, deviation}, factor);
    a.before("Sub", {x, mean}, centered);
    a.before("Mul", {centered, factor}, scaled);
    a.node.set_op_type("Add");
    a.node.clear_input();
    a.setInput(0, scaled);
    a.setInput(1, bias);
}

void setResizeModes(Adaptation& a, const std::string& nearestMode) {
    a.set("coordinate_transformation_mode", std::string("asymmetric"));
    a.set("nearest_mode", nearestMode);
}

bool shrinks(const TensorValue& scales) {
    const auto* numbers = reinterpret_cast<const float*>(scales.data.data());
    return std::any_of(numbers, numbers + elementCount(scales.dims), [](float scale) { return scale < 1; });
}

// In two steps: the nearest element is found by rounding up where the tensor shrinks, by rounding down where it grows.
void resizeInSteps(Adaptation& a, const std::string& scales) {
    const std::string one = a.addFloats("one", {1}), shrinking = a.unique("shrinking"), enlarging = a.unique("enlarging"),
                      shrunk = a.unique("shrunk");
    a.before("Min", {scales, one}, shrinking);
    a.before("Max", {scales, one}, enlarging);
    const std::string x = a.node.input(0), y = a.node.output(0);
    a.node.set_output(0, shrunk);
    a.setInput(2, shrinking);
    onnx::NodeProto& second = a.behind("Resize", {shrunk, "", enlarging}, y);
    *second.mutable_attribute() = a.node.attribute();
    a.set("nearest_mode", std::string("ceil"));
}
}  // namespace

void batchNormalization(Adaptation& a) {
    const auto spatial = a.take("spatial");
    a.drop({"is_test", "consumed_inputs"});
    while (a.node.output_size() > 1 && a.opset < 14)
        a.node.mutable_output()->RemoveLast();  // training outputs
    if (spatial && spatial->i() == 0) normalizePerElement(a);
}

void dropout(Adaptation& a) {
    constexpr std::int64_t kBoolMaskSince = 10;
    a.drop({"ratio", "is_test", "consumed_inputs"});  // inference: the ratio has no effect
    if (a.opset >= kBoolMaskSince || a.node.output_size() < 2 || a.node.output(1).empty()) return;
    const std::string mask = a.unique("mask");
    a.behind("CastLike", {mask, a.node.input(0)}, a.node.output(1));
    a.node.set_output(1, mask);
}

void meanVarianceNormalization(Adaptation& a) {
    const auto across = a.take("across_channels"), normalize = a.take("normalize_variance");
    const auto rank = a.rankOf(a.node.input(0)).value_or(4);
    std::vector<std::int64_t> axes;
    for (std::int64_t d = 0; d < rank; ++d)
        if (d != 1 || (across && across->i() != 0)) axes.push_back(d);
    if (normalize && normalize->i() == 0) {
        const std::string mean = a.unique("mean"), list = a.addInts("axes", axes);
        a.before("ReduceMean", {a.node.input(0), list}, mean);
        a.node.set_op_type("Sub");
        a.setInput(1, mean);
        return;
    }
    auto* attribute = a.node.add_attribute();
    attribute->set_name("axes");
    attribute->set_type(onnx::AttributeProto::INTS);
    attribute->mutable_ints()->Add(axes.begin(), axes.end());
}

void wholePower(Adaptation& a) {
    a.drop({"consumed_inputs"});
    const auto* p = a.find("p");
    if (p == nullptr || p->type() != onnx::AttributeProto::FLOAT) return;
    const double power = static_cast<double>(p->f());
    if (!(power >= 1 && power <= 1e6) || power != std::round(power)) a.fail("p must be a whole number from 1 on");
    a.set("p", static_cast<std::int64_t>(power));
}

void roiPixels(Adaptation& a) { a.set("coordinate_transformation_mode", std::string("output_half_pixel")); }

void seluDefaults(Adaptation& a) {
    a.drop({"consumed_inputs"});
    constexpr float kAlpha = 1.6732F, kGamma = 1.0507F;  // rounded in opset 1
    if (a.find("alpha") == nullptr) a.set("alpha", kAlpha);
    if (a.find("gamma") == nullptr) a.set("gamma", kGamma);
}

void upsample(Adaptation& a) {
    a.node.set_op_type("Resize");
    std::string scales = a.hasInput(1) ? a.node.input(1) : "";
    if (const auto list = a.take("scales")) scales = a.addFloats("scales", {list->floats().begin(), list->floats().end()});
    const auto height = a.take("height_scale"), width = a.take("width_scale");
    if (height && width) scales = a.addFloats("scales", {1, 1, height->f(), width->f()});
    if (scales.empty()) a.fail("no scales are given");
    const auto mode = a.take("mode");
    a.set("mode", mode ? (mode->s() == "bilinear" ? "linear" : mode->s()) : std::string("nearest"));
    setResizeModes(a, "floor");
    a.setInput(1, "");
    a.setInput(2, scales);
}

void resize10(Adaptation& a) {
    if (!a.hasInput(1)) a.fail("no scales are given");
    const std::string scales = a.node.input(1);
    setResizeModes(a, "floor");
    a.setInput(2, scales);
    a.setInput(1, "");
    const auto* mode = a.find("mode");
    if (mode != nullptr && mode->s() != "nearest") return;
    const TensorValue* known = a.facts.declared(scales).constant;
    if (known == nullptr || known->type != DataType::f32 || shrinks(*known)) resizeInSteps(a, scales);
}

}  // namespace tenon
