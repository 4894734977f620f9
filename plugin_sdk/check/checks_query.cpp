// What plugins say about types, shapes and formats.
#include <algorithm>
#include <cstring>

#include "host.h"
#include "problem.h"
#include "verdict.h"

namespace tenon::check {

namespace {
using abi::DataType;

constexpr int kDraws = 2000;

std::vector<abi::SymbolicTensor> anyInputs(const Subject& subject, RandomSource& random, Expressions& builder,
                                           std::vector<std::vector<std::byte>>& content) {
    const auto count = static_cast<std::size_t>(randomCount(subject.info->minInputs, subject.info->maxInputs, random));
    const std::vector<DataType> types = randomTypes(*subject.info, count, random);
    const std::vector<abi::Dims> shapes = randomShapes(count, random);
    std::vector<abi::SymbolicTensor> inputs;
    for (std::size_t i = 0; i < count; ++i) {
        const abi::TensorDesc desc = linearDesc(types[i], shapes[i]);
        content.emplace_back(byteSize(desc));
        fillRandom(desc, content.back().data(), random);
        abi::SymbolicTensor t = symbolic(desc, random.chance(60) ? &content.back() : nullptr, builder);
        for (int d = 0; d < t.rank; ++d)
            if (t.data == nullptr && random.chance(15)) t.dim[d] = random.chance(50) ? builder.symbol() : nullptr;
        if (t.data == nullptr && random.chance(5)) t.rank = -1;
        inputs.push_back(t);
    }
    return inputs;
}

struct Answer {
    abi::Status status;
    std::vector<abi::SymbolicTensor> outputs;
};

Answer askShapes(const abi::IPlugin& plugin, const std::vector<abi::SymbolicTensor>& inputs, std::size_t outputs,
                 Expressions& builder) {
    constexpr std::size_t kTail = 2;  // watched
    abi::SymbolicTensor blank{};
    blank.type = DataType::f32;
    blank.rank = -1;
    blank.valueCount = -1;
    Answer answer{abi::Status::ok, std::vector<abi::SymbolicTensor>(outputs + kTail, blank)};
    takeMessage();
    answer.status = plugin.getOutputDimensions(inputs.data(), static_cast<std::int32_t>(inputs.size()), answer.outputs.data(),
                                               static_cast<std::int32_t>(outputs), &builder);
    for (std::size_t i = outputs; i < answer.outputs.size(); ++i)
        require(std::memcmp(&answer.outputs[i], &blank, sizeof blank) == 0, "getOutputDimensions writes past its outputs");
    answer.outputs.resize(outputs);
    if (answer.status != abi::Status::ok) takeReason("getOutputDimensions");
    return answer;
}

bool sameDim(const abi::IDimExpr* a, const abi::IDimExpr* b) {
    if (a == nullptr || b == nullptr) return a == b;
    return a->isConstant() == b->isConstant() && (!a->isConstant() || a->constantValue() == b->constantValue());
}

void compareShapes(const Answer& a, const Answer& b) {
    require(a.status == b.status, "getOutputDimensions answers another status the second time");
    if (a.status != abi::Status::ok) return;
    for (std::size_t i = 0; i < a.outputs.size(); ++i) {
        const std::string output = "output " + std::to_string(i);
        const abi::SymbolicTensor &x = a.outputs[i], &y = b.outputs[i];
        require(x.rank >= -1 && x.rank <= abi::kMaxRank, output + " gets rank " + std::to_string(x.rank));
        require(x.rank == y.rank, output + " gets another rank the second time");
        for (int d = 0; d < x.rank; ++d) {
            require(sameDim(x.dim[d], y.dim[d]), output + " gets another shape the second time");
            const bool isConstant = x.dim[d] != nullptr && x.dim[d]->isConstant();
            require(!isConstant || x.dim[d]->constantValue() >= 0,
                    output + " gets dimension " + std::to_string(isConstant ? x.dim[d]->constantValue() : 0));
        }
        require(x.valueCount >= -1 && (x.valueCount <= 0 || x.values != nullptr), output + " gets values that are null");
    }
}

abi::TensorDesc anyDesc(RandomSource& random) {
    abi::TensorDesc desc =
        linearDesc(static_cast<DataType>(random.between(0, abi::kDataTypeCount - 1)), randomShapes(1, random)[0]);
    if (random.chance(60)) desc.type = DataType::f32;
    if (random.chance(30)) desc.layout = static_cast<abi::Layout>(random.between(0, abi::kLayoutCount - 1));
    if (random.chance(10)) desc.location = abi::Location::device;
    for (int i = 0; i < desc.dims.rank; ++i)
        if (random.chance(10)) desc.dims.d[i] = -1;
    return desc;
}
}  // namespace

std::string checkTypes(const Subject& subject) {
    const PluginPtr plugin = createAny(subject);
    RandomSource random(subject.seed);
    int taken = 0;
    for (int i = 0; i < kDraws; ++i) {
        const auto count = static_cast<std::size_t>(randomCount(subject.info->minInputs, subject.info->maxInputs, random));
        const auto outputs = static_cast<std::size_t>(randomOutputs(*subject.info, random));
        const std::vector<DataType> types = randomTypes(*subject.info, count, random);
        constexpr auto kCanary = static_cast<DataType>(-77);
        std::vector<DataType> first(outputs + 2, kCanary), second(outputs + 2, kCanary);
        const auto ask = [&](std::vector<DataType>& out) {
            takeMessage();
            const abi::Status status = plugin->getOutputTypes(types.data(), static_cast<std::int32_t>(count), out.data(),
                                                              static_cast<std::int32_t>(outputs));
            if (status != abi::Status::ok) takeReason("getOutputTypes");
            require(out[outputs] == kCanary && out[outputs + 1] == kCanary, "getOutputTypes writes past its outputs");
            return status;
        };
        const abi::Status status = ask(first);
        require(ask(second) == status, "getOutputTypes answers another status the second time");
        if (status != abi::Status::ok) continue;
        require(first == second, "getOutputTypes answers other types the second time, or leaves some out");
        for (std::size_t k = 0; k < outputs; ++k)
            require(abi::isDataType(static_cast<std::int32_t>(first[k])),
                    "getOutputTypes gives output " + std::to_string(k) + " no valid type");
        ++taken;
    }
    return std::to_string(taken) + " of " + std::to_string(kDraws) + " type combinations taken";
}

std::string checkShapes(const Subject& subject) {
    RandomSource random(subject.seed);
    int taken = 0;
    for (int i = 0; i < kDraws; ++i) {
        FieldSet fields;
        fields.addRequired(*subject.info, random);
        if (random.chance(40)) fields.addSomeOptional(*subject.info, random);
        const PluginPtr plugin = create(subject, smallestLayer(*subject.info), fields);
        if (plugin == nullptr) continue;
        Expressions builder;
        std::vector<std::vector<std::byte>> content;
        const std::vector<abi::SymbolicTensor> inputs = anyInputs(subject, random, builder, content);
        const auto outputs = static_cast<std::size_t>(randomOutputs(*subject.info, random));
        const Answer first = askShapes(*plugin, inputs, outputs, builder), second = askShapes(*plugin, inputs, outputs, builder);
        compareShapes(first, second);
        if (first.status == abi::Status::ok) ++taken;
    }
    return std::to_string(taken) + " of " + std::to_string(kDraws) + " shape combinations taken";
}

std::string checkFormats(const Subject& subject) {
    const PluginPtr plugin = createAny(subject);
    RandomSource random(subject.seed);
    int taken = 0;
    for (int i = 0; i < kDraws; ++i) {
        const int inputs = randomCount(subject.info->minInputs, subject.info->maxInputs, random),
                  outputs = randomOutputs(*subject.info, random);
        std::vector<abi::TensorDesc> descs(static_cast<std::size_t>(inputs + outputs));
        const abi::TensorDesc common = anyDesc(random);
        for (abi::TensorDesc& d : descs)
            d = random.chance(70) ? common : anyDesc(random);
        const int pos = static_cast<int>(random.between(0, inputs + outputs - 1));
        const bool answer = plugin->supportsFormatCombination(pos, descs.data(), inputs, outputs);
        require(plugin->supportsFormatCombination(pos, descs.data(), inputs, outputs) == answer,
                "supportsFormatCombination answers otherwise the second time");
        for (std::size_t k = static_cast<std::size_t>(pos) + 1; k < descs.size(); ++k) {
            descs[k].type = static_cast<DataType>(random.next() % 1000);
            descs[k].layout = static_cast<abi::Layout>(random.next() % 1000);
            descs[k].location = static_cast<abi::Location>(random.next() % 1000);
        }
        require(plugin->supportsFormatCombination(pos, descs.data(), inputs, outputs) == answer,
                "supportsFormatCombination looks at positions after " + std::to_string(pos));
        if (answer) ++taken;
    }
    return std::to_string(taken) + " of " + std::to_string(kDraws) + " positions taken";
}

}  // namespace tenon::check
