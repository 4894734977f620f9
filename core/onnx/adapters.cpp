#include "adapters.h"

#include <tenon/error.h>

#include <algorithm>
#include <cfloat>
#include <cmath>

#include "adapter.h"
#include "names.h"

namespace tenon {

namespace {
void axesToInput(Adaptation& a) { intsToInput(a, "axes", 1); }
void split(Adaptation& a) {
    constexpr std::int64_t kIntegersSince = 2;  // the input had the type of x
    intsToInput(a, "split", 1);
    if (a.opset >= kIntegersSince || !a.hasInput(1)) return;
    const std::string sizes = a.unique("sizes");
    addInt(a.before("Cast", {a.node.input(1)}, sizes), "to", static_cast<std::int64_t>(DataType::i64));
    a.node.set_input(1, sizes);
}
void reshape(Adaptation& a) {
    intsToInput(a, "shape", 1);
    a.drop({"consumed_inputs"});
}

void slice(Adaptation& a) {
    intsToInput(a, "starts", 1);
    intsToInput(a, "ends", 2);
    intsToInput(a, "axes", 3);
}

void pad(Adaptation& a) {
    if (const auto old = a.take("paddings"))
        if (!a.hasInput(1)) a.setInput(1, a.addInts("pads", {old->ints().begin(), old->ints().end()}));
    intsToInput(a, "pads", 1);
    const auto value = a.take("value");
    if (value && value->f() != 0 && !a.hasInput(2))
        a.setInput(2, a.addScalarLike("value", a.node.input(0), static_cast<double>(value->f())));
}

void clip(Adaptation& a) {
    a.drop({"consumed_inputs"});
    const auto low = a.take("min"), high = a.take("max");
    if (low && low->f() > -FLT_MAX) a.setInput(1, a.addScalarLike("min", a.node.input(0), static_cast<double>(low->f())));
    if (high && high->f() < FLT_MAX) a.setInput(2, a.addScalarLike("max", a.node.input(0), static_cast<double>(high->f())));
}

void topK(Adaptation& a) {
    if (const auto k = a.take("k"); k && !a.hasInput(1)) a.setInput(1, a.addInts("k", {k->i()}));
}

void dropConsumed(Adaptation& a) { a.drop({"consumed_inputs"}); }

void keepForm(Adaptation& a) { a.result.opsetVersion = static_cast<int>(a.opset); }

void gemm(Adaptation& a) { a.drop({"broadcast"}); }

// Before opset 13: over everything from `axis` on, seen as one dimension.
void flattenedAxis(Adaptation& a) {
    const auto attribute = a.take("axis");
    const std::int64_t axis = attribute ? attribute->i() : 1;
    const auto rank = a.rankOf(a.node.input(0));
    if (axis == -1 || (rank && axis == *rank - 1)) {
        a.set("axis", std::int64_t{-1});
        return;
    }
    const std::string input = a.node.input(0), output = a.node.output(0);
    const std::string flat = a.unique("flat"), result = a.unique("result"), shape = a.unique("shape");
    a.before("Shape", {input}, shape);
    auto& flatten = a.before("Flatten", {input}, flat);
    addInt(flatten, "axis", axis);
    a.node.set_input(0, flat);
    a.node.set_output(0, result);
    a.set("axis", std::int64_t{-1});
    addInt(a.behind("Reshape", {result, shape}, output), "allowzero", 1);
}

void castFromName(Adaptation& a) {
    const auto* to = a.find("to");
    if (to == nullptr || to->type() != onnx::AttributeProto::STRING) return;
    onnx::TensorProto_DataType type{};
    if (!onnx::TensorProto_DataType_Parse(to->s(), &type)) a.fail("there is no data type '" + to->s() + "'");
    a.set("to", static_cast<std::int64_t>(type));
}

void concat1(Adaptation& a) {
    if (a.find("axis") == nullptr) a.set("axis", std::int64_t{1});
}

void gridMode(Adaptation& a) {
    const auto* mode = a.find("mode");
    if (mode != nullptr && mode->s().starts_with("bi"))
        a.set("mode", mode->s().substr(2) == "cubic" ? std::string("cubic") : std::string("linear"));
}

void scatter(Adaptation& a) { a.node.set_op_type("ScatterElements"); }
void dynamicSlice(Adaptation& a) { a.node.set_op_type("Slice"); }

void recurrent1(Adaptation& a) { a.drop({"output_sequence"}); }

using AdaptFunction = void (*)(Adaptation&);
struct Row {
    const char* op;
    std::int64_t lastOldOpset;  // nodes of this opset and before have the old form
    AdaptFunction function;
};

// Sorted by name.
constexpr Row kRows[] = {
    {"Abs", 5, dropConsumed},
    {"Add", 6, legacyBroadcast},
    {"And", 6, legacyBroadcast},
    {"BatchNormalization", 13, batchNormalization},
    {"Cast", 5, castFromName},
    {"Ceil", 5, dropConsumed},
    {"Clip", 10, clip},
    {"Concat", 3, concat1},
    {"DFT", 19, fourierAxis},
    {"Div", 6, legacyBroadcast},
    {"Dropout", 11, dropout},
    {"DynamicSlice", 100, dynamicSlice},
    {"Elu", 5, dropConsumed},
    {"Equal", 6, legacyBroadcast},
    {"Exp", 5, dropConsumed},
    {"Floor", 5, dropConsumed},
    {"GRU", 6, recurrent1},
    {"Gemm", 6, gemm},
    {"GlobalLpPool", 1, wholePower},
    {"Greater", 6, legacyBroadcast},
    {"GridSample", 19, gridMode},
    {"GroupNormalization", 20, groupParameters},
    {"HardSigmoid", 5, dropConsumed},
    {"Hardmax", 12, flattenedAxis},
    {"InstanceNormalization", 5, dropConsumed},
    {"LSTM", 6, recurrent1},
    {"LeakyRelu", 5, dropConsumed},
    {"Less", 6, legacyBroadcast},
    {"Log", 5, dropConsumed},
    {"LogSoftmax", 12, flattenedAxis},
    {"LpPool", 1, wholePower},
    {"Max", 7, dropConsumed},
    {"Mean", 7, dropConsumed},
    {"MeanVarianceNormalization", 8, meanVarianceNormalization},
    {"Min", 7, dropConsumed},
    {"Mul", 6, legacyBroadcast},
    {"Neg", 5, dropConsumed},
    {"Or", 6, legacyBroadcast},
    {"PRelu", 6, legacySlope},
    {"Pad", 10, pad},
    {"Pow", 6, legacyBroadcast},
    {"RNN", 6, recurrent1},
    {"Reciprocal", 5, dropConsumed},
    {"ReduceL1", 17, axesToInput},
    {"ReduceL2", 17, axesToInput},
    {"ReduceLogSum", 17, axesToInput},
    {"ReduceLogSumExp", 17, axesToInput},
    {"ReduceMax", 17, axesToInput},
    {"ReduceMean", 17, axesToInput},
    {"ReduceMin", 17, axesToInput},
    {"ReduceProd", 17, axesToInput},
    {"ReduceSum", 12, axesToInput},
    {"ReduceSumSquare", 17, axesToInput},
    {"Relu", 5, dropConsumed},
    {"Reshape", 4, reshape},
    {"Resize", 10, resize10},
    {"RoiAlign", 15, roiPixels},
    {"Scan", 8, keepForm},
    {"Scatter", 100, scatter},
    {"Selu", 5, seluDefaults},
    {"Sigmoid", 5, dropConsumed},
    {"Slice", 9, slice},
    {"Softmax", 12, flattenedAxis},
    {"Split", 12, split},
    {"Sqrt", 5, dropConsumed},
    {"Squeeze", 12, axesToInput},
    {"Sub", 6, legacyBroadcast},
    {"Sum", 7, dropConsumed},
    {"Tanh", 5, dropConsumed},
    {"Tile", 5, tileOneAxis},
    {"TopK", 9, topK},
    {"Unsqueeze", 12, axesToInput},
    {"Upsample", 100, upsample},
    {"Xor", 6, legacyBroadcast},
};
static_assert(std::is_sorted(std::begin(kRows), std::end(kRows),
                             [](const Row& a, const Row& b) { return std::string_view(a.op) < b.op; }));
}  // namespace

namespace {
const Row* rowOf(const onnx::NodeProto& node, std::int64_t opset) {
    const auto* row = std::lower_bound(std::begin(kRows), std::end(kRows), node.op_type(),
                                       [](const Row& r, const std::string& op) { return r.op < op; });
    return row != std::end(kRows) && row->op == node.op_type() && opset <= row->lastOldOpset ? row : nullptr;
}
}  // namespace

bool isOldForm(const onnx::NodeProto& node, std::int64_t opset) { return rowOf(node, opset) != nullptr; }

Adapted adapt(const onnx::NodeProto& node, std::int64_t opset, const FactSource& facts) {
    Adaptation a(node, opset, facts);
    if (node.input_size() == 0 || node.output_size() == 0) a.fail("a node without inputs or outputs");
    rowOf(node, opset)->function(a);
    a.result.nodes.push_back(std::move(a.node));
    for (auto& n : a.after)
        a.result.nodes.push_back(std::move(n));
    return std::move(a.result);
}

bool isConstant(const onnx::NodeProto& node) { return node.op_type() == "Constant"; }

std::optional<TensorValue> constantOf(const onnx::NodeProto& node, const TensorSource& source) {
    if (!isConstant(node)) return std::nullopt;
    if (node.attribute_size() != 1) throw Error(ErrorCode::badInput, "a constant needs exactly one value attribute");
    const auto& a = node.attribute(0);
    onnx::TensorProto t;
    const auto list = [&](int size) { t.add_dims(size); };
    if (a.name() == "value") return fromProto(a.t(), source);
    if (a.name() == "sparse_value") return fromSparseProto(a.sparse_tensor(), source);
    if (a.name() == "value_float" || a.name() == "value_floats") {
        t.set_data_type(onnx::TensorProto::FLOAT);
        if (a.name() == "value_float") t.add_float_data(a.f());
        else list(a.floats_size()), t.mutable_float_data()->CopyFrom(a.floats());
    } else if (a.name() == "value_int" || a.name() == "value_ints") {
        t.set_data_type(onnx::TensorProto::INT64);
        if (a.name() == "value_int") t.add_int64_data(a.i());
        else list(a.ints_size()), t.mutable_int64_data()->CopyFrom(a.ints());
    } else if (a.name() == "value_string" || a.name() == "value_strings") {
        t.set_data_type(onnx::TensorProto::STRING);
        if (a.name() == "value_string") t.add_string_data(a.s());
        else list(a.strings_size()), t.mutable_string_data()->CopyFrom(a.strings());
    } else {
        throw Error(ErrorCode::badInput, "a constant has no attribute " + shownName(a.name()));
    }
    return fromProto(t, {});
}

}  // namespace tenon
