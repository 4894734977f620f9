// What one adapter works on.
#pragma once

#include "adapters.h"

namespace tenon {

class Adaptation {
public:
    Adaptation(const onnx::NodeProto& original, std::int64_t opsetVersion, const FactSource& factSource)
        : node(original), opset(opsetVersion), facts(factSource) {}
    onnx::NodeProto node;  // the node itself: edited in place
    std::int64_t opset;
    const FactSource& facts;
    Adapted result;  // `before` nodes are added here; adapt() adds the node, then `after`
    std::vector<onnx::NodeProto> after;

    const onnx::AttributeProto* find(const std::string& name) const;
    // Removes the attribute and returns it.
    std::optional<onnx::AttributeProto> take(const std::string& name);
    void drop(std::initializer_list<const char*> names);
    void set(const std::string& name, std::int64_t value);
    void set(const std::string& name, float value);
    void set(const std::string& name, const std::string& value);
    bool hasInput(int i) const { return i < node.input_size() && !node.input(i).empty(); }
    // Makes input i of the node this tensor; inputs before it that do not exist stay absent.
    void setInput(int i, const std::string& name);
    std::string addInts(const std::string& tag, const std::vector<std::int64_t>& values, bool isScalar = false);
    std::string addFloats(const std::string& tag, const std::vector<float>& values, bool isScalar = false);
    std::optional<int> rankOf(const std::string& name) const { return facts.declared(name).rank; }
    // A scalar of the type that tensor `like` has.
    std::string addScalarLike(const std::string& tag, const std::string& like, double value);
    onnx::NodeProto& before(const std::string& op, const std::vector<std::string>& inputs, const std::string& output);
    onnx::NodeProto& behind(const std::string& op, const std::vector<std::string>& inputs, const std::string& output);
    std::string unique(const std::string& tag) const;
    [[noreturn]] void fail(const std::string& what) const;

private:
    std::string addConstant(const std::string& tag, TensorValue value);
};

void addInt(onnx::NodeProto& node, const std::string& name, std::int64_t value);

// A list attribute of ints moved to input i; nothing happens when it is absent.
void intsToInput(Adaptation& a, const char* attribute, int input);
// Before opset 9 `spatial` = 0 asked for one statistic for each element of x[0], not for each channel.
void batchNormalization(Adaptation& a);
// Before opset 10 the mask had the type of x.
void dropout(Adaptation& a);
// Before opset 9 flags said which axes there are, and whether to divide by the deviation.
void meanVarianceNormalization(Adaptation& a);
// Before opset 2 p was a float.
void wholePower(Adaptation& a);
// Before opset 16 pixels were not centred.
void roiPixels(Adaptation& a);
// Before opset 6 the constants were rounded.
void seluDefaults(Adaptation& a);
// Upsample is a Resize.
void upsample(Adaptation& a);
// Before opset 11 Resize had scales only, and looked for the nearest element in its own way.
void resize10(Adaptation& a);
// Before opset 7 the second operand was broadcast only when asked, from a given axis on.
void legacyBroadcast(Adaptation& a);
// Before opset 7 a slope of rank 1 was one number for each channel.
void legacySlope(Adaptation& a);
// Before opset 21 scale and bias had one number for each group.
void groupParameters(Adaptation& a);
// Before opset 6 one axis was repeated.
void tileOneAxis(Adaptation& a);
// Before opset 20 the axis was an attribute.
void fourierAxis(Adaptation& a);

}  // namespace tenon
