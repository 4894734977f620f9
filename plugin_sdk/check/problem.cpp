#include "problem.h"

#include <algorithm>
#include <cstring>

#include "host.h"
#include "verdict.h"

namespace tenon::check {

namespace {
using abi::DataType;
constexpr int kBudget = 6000;
constexpr std::size_t kMostBytes = 1 << 22;  // of one tensor

abi::Dims makeDims(std::initializer_list<std::int64_t> list) {
    abi::Dims dims{};
    for (const std::int64_t d : list)
        dims.d[dims.rank++] = d;
    return dims;
}

abi::Dims anyDims(RandomSource& random) {
    abi::Dims dims{};
    dims.rank = static_cast<std::int32_t>(random.oneOf<std::int64_t>({0, 1, 1, 2, 2, 3, 4, 4, 5}));
    for (int i = 0; i < dims.rank; ++i)
        dims.d[i] = random.chance(5) ? 0 : random.between(1, 5);
    return dims;
}

DataType commonType(RandomSource& random) {
    using enum DataType;
    if (random.chance(55)) return f32;
    return random.oneOf(
        {f16, bf16, f64, i8, u8, i16, u16, i32, u32, i64, i64, u64, boolean, boolean, string, c64, f8e4m3fn, u4, i4});
}

bool isInteger(DataType type) { return type == DataType::i64 || type == DataType::i32; }
}  // namespace

std::vector<abi::Dims> randomShapes(std::size_t count, RandomSource& random) {
    const std::int64_t n = random.between(1, 2), c = random.oneOf<std::int64_t>({1, 2, 3, 4, 8}),
                       m = random.oneOf<std::int64_t>({1, 2, 4, 8}), k = random.between(1, 3);
    const abi::Dims any = anyDims(random), image = makeDims({n, c, random.between(3, 7), random.between(3, 7)});
    const auto kind = random.between(0, 6);
    std::vector<abi::Dims> shapes;
    for (std::size_t i = 0; i < count; ++i) {
        const bool isFirst = i == 0, isSecond = i == 1;
        if (kind == 0) shapes.push_back(any);
        else if (kind == 1) shapes.push_back(anyDims(random));
        else if (kind == 2) shapes.push_back(isFirst ? image : isSecond ? makeDims({m, c, k, k}) : makeDims({m}));
        else if (kind == 3) shapes.push_back(isFirst ? makeDims({m, c}) : isSecond ? makeDims({c, k}) : makeDims({k}));
        else if (kind == 4) shapes.push_back(isFirst ? image : makeDims({c}));
        else if (kind == 5) shapes.push_back(isFirst ? any : makeDims({random.between(0, std::max(any.rank, 1))}));
        else shapes.push_back(isFirst ? any : random.chance(50) ? makeDims({}) : makeDims({1}));
    }
    return shapes;
}

std::vector<DataType> randomTypes(const abi::CreatorInfo& info, std::size_t count, RandomSource& random) {
    const DataType common = commonType(random),
                   second = random.oneOf({DataType::i64, DataType::i64, DataType::i32, DataType::boolean, DataType::f32});
    const bool isUniform = random.chance(60);
    std::vector<DataType> types;
    for (std::size_t i = 0; i < count; ++i) {
        const bool isShapeInput = i < 64 && ((info.shapeInputs >> i) & 1U) != 0;
        const bool mayBeAbsent = static_cast<int>(i) >= info.minInputs;
        if (mayBeAbsent && random.chance(15)) types.push_back(DataType::undefined);
        else if (isShapeInput && random.chance(80)) types.push_back(DataType::i64);
        else if (isUniform || random.chance(50)) types.push_back(common);
        else types.push_back(random.chance(80) ? second : commonType(random));
    }
    return types;
}

int randomCount(int least, int most, RandomSource& random) {
    constexpr int kVariadicExtra = 3, kMost = 24;
    const int limit = std::min(most < 0 ? least + kVariadicExtra : most, std::max(least, kMost));
    return random.chance(50) ? least : static_cast<int>(random.between(least, limit));
}

int randomOutputs(const abi::CreatorInfo& info, RandomSource& random) {
    return randomCount(std::max(info.minOutputs, 1), info.maxOutputs, random);
}

abi::SymbolicTensor symbolic(const abi::TensorDesc& desc, const std::vector<std::byte>* content, Expressions& builder) {
    abi::SymbolicTensor t{};
    t.type = desc.type;
    t.rank = desc.type == DataType::undefined ? -1 : desc.dims.rank;
    for (int i = 0; i < t.rank; ++i)
        t.dim[i] = builder.constant(desc.dims.d[i]);
    t.valueCount = -1;
    if (content == nullptr || desc.type == DataType::undefined) return t;
    static constexpr std::byte kNothing{};
    t.data = content->empty() ? &kNothing : content->data();
    if (!isInteger(desc.type)) return t;
    const std::int64_t count = elementCount(desc.dims);
    const abi::IDimExpr** values = builder.values(count);
    if (values == nullptr) return t;
    for (std::int64_t i = 0; i < count; ++i) {
        std::int64_t wide = 0;
        std::int32_t narrow = 0;
        if (desc.type == DataType::i64) std::memcpy(&wide, content->data() + i * 8, sizeof wide);
        else std::memcpy(&narrow, content->data() + i * 4, sizeof narrow);
        values[i] = builder.constant(wide + narrow);
    }
    t.values = values;
    t.valueCount = count;
    return t;
}

std::string Problem::text() const {
    std::string s = "(";
    for (std::size_t i = 0; i < inputs.size(); ++i)
        s += (i > 0 ? ", " : "") + describe(inputs[i].type, inputs[i].dims);
    return s + ")" + (attributes.empty() ? "" : " " + attributes);
}

bool ProblemSearch::drawLayer(Problem& p) {
    const abi::CreatorInfo& info = *subject_.info;
    p.inputs.resize(static_cast<std::size_t>(randomCount(info.minInputs, info.maxInputs, random_)));
    p.outputs.resize(static_cast<std::size_t>(randomOutputs(info, random_)));
    abi::LayerInfo layer = smallestLayer(info);
    layer.inputCount = static_cast<std::int32_t>(p.inputs.size());
    layer.outputCount = static_cast<std::int32_t>(p.outputs.size());
    FieldSet fields;
    fields.addRequired(info, random_);
    if (random_.chance(40)) fields.addSomeOptional(info, random_);
    p.attributes = fields.text();
    p.plugin = create(subject_, layer, fields, &lastRefusal_);
    return p.plugin != nullptr;
}

// One of the types that the plugin supports for each input, given those before it.
std::vector<DataType> ProblemSearch::supportedTypes(const Problem& p) {
    abi::Dims varying = makeDims({-1, -1, -1});
    std::vector<abi::TensorDesc> descs(p.inputs.size() + p.outputs.size(), linearDesc(DataType::undefined, varying));
    std::vector<DataType> chosen;
    for (std::size_t i = 0; i < p.inputs.size(); ++i) {
        std::vector<DataType> fitting;
        for (std::int32_t code = 1; code < 2 * abi::kOptionalFlag; ++code) {
            if (!abi::isDataType(code) || abi::elementOf(DataType{code}) == DataType::undefined) continue;
            descs[i].type = static_cast<DataType>(code);
            descs[i].dims = abi::isComposite(descs[i].type) ? abi::Dims{} : varying;
            const bool isSupported = p.plugin->supportsFormatCombination(static_cast<std::int32_t>(i), descs.data(),
                                                                         static_cast<std::int32_t>(p.inputs.size()),
                                                                         static_cast<std::int32_t>(p.outputs.size()));
            if (isSupported) fitting.push_back(descs[i].type);
        }
        if (fitting.empty()) return randomTypes(*subject_.info, p.inputs.size(), random_);
        chosen.push_back(descs[i].type = fitting[random_.next() % fitting.size()]);
        descs[i].dims = abi::isComposite(descs[i].type) ? abi::Dims{} : varying;
    }
    return chosen;
}

bool ProblemSearch::drawTypes(Problem& p) {
    const std::vector<DataType> in =
        random_.chance(40) ? supportedTypes(p) : randomTypes(*subject_.info, p.inputs.size(), random_);
    std::vector<DataType> out(p.outputs.size());
    takeMessage();
    const abi::Status status = p.plugin->getOutputTypes(in.data(), static_cast<std::int32_t>(in.size()), out.data(),
                                                        static_cast<std::int32_t>(out.size()));
    if (status != abi::Status::ok) {
        lastRefusal_ = takeReason("getOutputTypes");
        return false;
    }
    for (std::size_t i = 0; i < in.size(); ++i)
        p.inputs[i] = linearDesc(in[i], {});
    for (std::size_t i = 0; i < out.size(); ++i)
        p.outputs[i] = linearDesc(out[i], {});
    return true;
}

void ProblemSearch::drawShapes(Problem& p) {
    const std::vector<abi::Dims> shapes = randomShapes(p.inputs.size(), random_);
    p.content.clear();
    for (std::size_t i = 0; i < p.inputs.size(); ++i) {
        p.inputs[i].dims =
            p.inputs[i].type == DataType::undefined || abi::isComposite(p.inputs[i].type) ? abi::Dims{} : shapes[i];
        auto& bytes = p.content.emplace_back(byteSize(p.inputs[i]));
        fillRandom(p.inputs[i], bytes.data(), random_);
    }
}

bool ProblemSearch::outputDims(const Problem& p, const abi::SymbolicTensor& inferred, int output, abi::Dims& dims) {
    bool isKnown = inferred.rank >= 0;
    dims = {};
    dims.rank = std::max(inferred.rank, 0);
    for (int i = 0; i < dims.rank && isKnown; ++i) {
        isKnown = inferred.dim[i] != nullptr && inferred.dim[i]->isConstant();
        if (isKnown) dims.d[i] = inferred.dim[i]->constantValue();
    }
    if (isKnown) return true;
    auto* dynamic = static_cast<abi::IDynamicOutput*>(p.plugin->extension(abi::IDynamicOutput::kId));
    if (dynamic == nullptr) {
        lastRefusal_ = "an output's shape stays unknown";
        return false;
    }
    const abi::Status status = dynamic->maxDims(p.inputs.data(), static_cast<std::int32_t>(p.inputs.size()), output, &dims);
    if (status != abi::Status::ok) lastRefusal_ = takeReason("maxDims");
    return status == abi::Status::ok;
}

bool ProblemSearch::inferShapes(Problem& p) {
    Expressions builder;
    std::vector<abi::SymbolicTensor> in, out(p.outputs.size());
    for (std::size_t i = 0; i < p.inputs.size(); ++i)
        in.push_back(symbolic(p.inputs[i], &p.content[i], builder));
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i].type = p.outputs[i].type;
        out[i].rank = out[i].valueCount = -1;
    }
    takeMessage();
    const abi::Status status = p.plugin->getOutputDimensions(in.data(), static_cast<std::int32_t>(in.size()), out.data(),
                                                             static_cast<std::int32_t>(out.size()), &builder);
    if (status != abi::Status::ok) {
        lastRefusal_ = takeReason("getOutputDimensions");
        return false;
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (p.outputs[i].type == DataType::undefined) continue;
        require(out[i].rank <= abi::kMaxRank, "output " + std::to_string(i) + " gets rank " + std::to_string(out[i].rank));
        if (!outputDims(p, out[i], static_cast<int>(i), p.outputs[i].dims)) return false;
        const abi::Dims& dims = p.outputs[i].dims;
        for (int d = 0; d < dims.rank; ++d)
            require(dims.d[d] >= 0,
                    "output " + std::to_string(i) + " gets shape " + describe(p.outputs[i].type, dims) + " for " + p.text());
        if (elementCount(dims) > static_cast<std::int64_t>(kMostBytes) || byteSize(p.outputs[i]) > kMostBytes) return false;
    }
    return true;
}

std::optional<Problem> ProblemSearch::next() {
    for (; draws_ < kBudget; ++draws_) {
        Problem p;
        if (!drawLayer(p) || !drawTypes(p)) continue;
        constexpr int kShapesEach = 3;
        for (int i = 0; i < kShapesEach; ++i, ++draws_) {
            drawShapes(p);
            if (inferShapes(p)) return p;
        }
    }
    return std::nullopt;
}

std::string ProblemSearch::whyNone() const {
    return "no layer was found that it takes, in " + std::to_string(draws_) + " draws; last refusal: " + lastRefusal_;
}

}  // namespace tenon::check
