// Old forms whose new form depends on the rank or shape of an operand: expressed with shape operators where the model does not
// state it.
#include <algorithm>
#include <cmath>

#include "adapter.h"

namespace tenon {

namespace {
// [rank of the tensor], as a tensor.
std::string rankTensor(Adaptation& a, const std::string& tensor) {
    const std::string shape = a.unique("shape");
    a.before("Shape", {tensor}, shape);
    const std::string rank = a.unique("rank");
    a.before("Shape", {shape}, rank);
    return rank;
}

std::string onesOf(Adaptation& a, const std::string& count) {
    const std::string ones = a.unique("ones");
    auto* value = a.before("ConstantOfShape", {count}, ones).add_attribute();
    value->set_name("value");
    value->set_type(onnx::AttributeProto::TENSOR);
    value->mutable_t()->set_data_type(onnx::TensorProto::INT64);
    value->mutable_t()->add_dims(1);
    value->mutable_t()->add_int64_data(1);
    return ones;
}

std::string join(Adaptation& a, const std::string& first, const std::string& second) {
    const std::string joined = a.unique("joined");
    addInt(a.before("Concat", {first, second}, joined), "axis", 0);
    return joined;
}

// Gives input 1 trailing dimensions of 1, so that its first one lies at `axis` of input 0.
void alignOperand(Adaptation& a, std::int64_t axis) {
    const std::string target = a.node.input(0), operand = a.node.input(1);
    const auto rankA = a.rankOf(target), rankB = a.rankOf(operand);
    if (axis > abi::kMaxRank || axis < -abi::kMaxRank) a.fail("axis " + std::to_string(axis) + " exceeds every rank");
    const std::string aligned = a.unique("operand");
    if (rankA && rankB) {
        const std::int64_t trailing = axis < 0 ? -axis - *rankB : *rankA - *rankB - axis;
        if (axis < -*rankA || axis > *rankA || trailing < 0 || trailing > abi::kMaxRank)
            a.fail("axis " + std::to_string(axis) + " does not fit operands of rank " + std::to_string(*rankA) + " and " +
                   std::to_string(*rankB));
        if (trailing == 0) return;
        std::vector<std::int64_t> axes;
        for (std::int64_t d = 0; d < trailing; ++d)
            axes.push_back(*rankB + d);
        const std::string axesName = a.addInts("axes", axes);
        a.before("Unsqueeze", {operand, axesName}, aligned);
    } else {
        const std::string rank = rankTensor(a, operand), end = a.addInts("axis", {axis < 0 ? -axis : axis}),
                          free = a.unique("free");
        if (axis < 0) a.before("Sub", {end, rank}, free);
        else {
            const std::string behind = a.unique("behind");
            a.before("Sub", {rankTensor(a, target), end}, behind);
            a.before("Sub", {behind, rank}, free);
        }
        const std::string shape = a.unique("shape");
        a.before("Shape", {operand}, shape);
        const std::string full = join(a, shape, onesOf(a, free));
        addInt(a.before("Reshape", {operand, full}, aligned), "allowzero", 1);
    }
    a.node.set_input(1, aligned);
}

// One number for each group, in input i, to one for each channel.
void spreadGroups(Adaptation& a, int i, const std::string& each) {
    const std::string column = a.unique("column"), spread = a.unique("spread"), flat = a.unique("flat");
    const std::string last = a.addInts("last", {1}), all = a.addInts("all", {-1});
    const std::string one = a.addInts("one", {1});
    a.before("Unsqueeze", {a.node.input(i), last}, column);
    a.before("Expand", {column, join(a, one, each)}, spread);
    a.before("Reshape", {spread, all}, flat);
    a.node.set_input(i, flat);
}

// The one number of a tensor, which may be a float, as int64[1].
std::string wholeNumber(Adaptation& a, const std::string& tensor, const std::string& one) {
    const std::string integer = a.unique("integer"), list = a.unique("list");
    addInt(a.before("Cast", {tensor}, integer), "to", static_cast<std::int64_t>(DataType::i64));
    a.before("Reshape", {integer, one}, list);
    return list;
}

std::int64_t axisOf(Adaptation& a, const TensorValue& axis, int rank) {
    if ((axis.type != DataType::i64 && axis.type != DataType::f32) || elementCount(axis.dims) != 1)
        a.fail("axis must be one number");
    const std::int64_t at = axis.type == DataType::i64
                                ? *reinterpret_cast<const std::int64_t*>(axis.data.data())
                                : std::llround(std::clamp(*reinterpret_cast<const float*>(axis.data.data()), -1.0F, 99.0F));
    if (at < 0 || at >= rank || rank > abi::kMaxRank) a.fail("axis " + std::to_string(at) + " does not exist");
    return at;
}

// `tiles` at one axis, 1 elsewhere.
std::string repeatsAt(Adaptation& a, std::int64_t axis, int rank, const std::string& tiles) {
    const std::string before = a.addInts("before", std::vector<std::int64_t>(static_cast<std::size_t>(axis), 1));
    const std::string behind = a.addInts("behind", std::vector<std::int64_t>(static_cast<std::size_t>(rank - axis - 1), 1));
    return join(a, join(a, before, tiles), behind);
}
}  // namespace

void legacyBroadcast(Adaptation& a) {
    const auto broadcast = a.take("broadcast"), axis = a.take("axis");
    a.drop({"consumed_inputs"});
    if (broadcast && broadcast->i() != 0 && axis && a.hasInput(1)) alignOperand(a, axis->i());
}

void legacySlope(Adaptation& a) {
    a.drop({"consumed_inputs"});
    if (a.hasInput(1) && a.rankOf(a.node.input(1)).value_or(1) == 1 && a.rankOf(a.node.input(0)).value_or(3) > 2)
        alignOperand(a, 1);
}

void groupParameters(Adaptation& a) {
    const auto* groups = a.find("num_groups");
    if (groups == nullptr || groups->i() < 1 || !a.hasInput(1) || !a.hasInput(2)) a.fail("num_groups, scale and bias are needed");
    const std::string channels = a.unique("channels"), each = a.unique("each");
    auto& shape = a.before("Shape", {a.node.input(0)}, channels);
    addInt(shape, "start", 1);
    addInt(shape, "end", 2);
    const std::string count = a.addInts("groups", {groups->i()});
    a.before("Div", {channels, count}, each);
    spreadGroups(a, 1, each);
    spreadGroups(a, 2, each);
}

void tileOneAxis(Adaptation& a) {
    if (!a.hasInput(1) || !a.hasInput(2)) a.fail("tiles and axis must be given");
    const std::string one = a.addInts("one", {1}), tiles = wholeNumber(a, a.node.input(1), one);
    const auto* axis = a.facts.declared(a.node.input(2)).constant;
    const auto rank = a.rankOf(a.node.input(0));
    std::string repeats;
    if (axis != nullptr && rank) {
        repeats = repeatsAt(a, axisOf(a, *axis, *rank), *rank, tiles);
    } else {
        repeats = a.unique("repeats");
        const std::string at = wholeNumber(a, a.node.input(2), one);
        a.before("ScatterElements", {onesOf(a, rankTensor(a, a.node.input(0))), at, tiles}, repeats);
    }
    a.node.mutable_input()->DeleteSubrange(1, a.node.input_size() - 1);
    a.setInput(1, repeats);
}

void fourierAxis(Adaptation& a) {
    const auto axis = a.take("axis");
    if (!a.hasInput(2)) a.setInput(2, a.addInts("axis", {axis ? axis->i() : 1}, true));
}

}  // namespace tenon
