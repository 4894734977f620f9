#include "field_set.h"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace tenon::check {

namespace {
// A nested network that maps one tensor to itself.
class PassThrough final : public abi::ISubgraph {
public:
    std::int32_t inputCount() const noexcept override { return 1; }
    std::int32_t capturedCount() const noexcept override { return 0; }
    std::int32_t outputCount() const noexcept override { return 1; }
    const char* inputName(std::int32_t) const noexcept override { return "x"; }
    const char* outputName(std::int32_t) const noexcept override { return "x"; }
    abi::Status getOutputTypes(const abi::DataType* in, abi::DataType* out) noexcept override {
        *out = *in;
        return abi::Status::ok;
    }
    abi::Status getOutputDimensions(const abi::SymbolicTensor* in, abi::SymbolicTensor* out,
                                    abi::IExprBuilder*) noexcept override {
        *out = *in;
        return abi::Status::ok;
    }
    abi::Status run(const abi::FieldTensor* in, abi::FieldTensor* out) noexcept override {
        *out = *in;
        return abi::Status::ok;
    }
};
PassThrough passThrough;

constexpr abi::StringRef kWord{"value", 5};
std::deque<std::string> words;
constexpr float kNumber = 1.0F;
constexpr std::int64_t kInteger = 1;

std::int64_t anyInteger(RandomSource& random) {
    return random.chance(80) ? random.between(-1, 3) : random.oneOf<std::int64_t>({-7, 0, 16, 1 << 20, INT64_MAX, INT64_MIN});
}
float anyFloat(RandomSource& random) {
    return random.oneOf<float>({0.0F, 1.0F, -1.0F, 0.5F, 1e-5F, 2.0F, 1e30F, -__builtin_inff(), __builtin_nanf("")});
}
}  // namespace

void giveNetworks(abi::IPlugin& plugin) {
    auto* user = static_cast<abi::ISubgraphUser*>(plugin.extension(abi::ISubgraphUser::kId));
    for (std::int32_t i = 0; user != nullptr && i < user->subgraphCount(); ++i)
        user->setSubgraph(i, &passThrough);
}

void learnWords(const std::string& refusal) {
    constexpr std::size_t kMostWords = 60, kLongest = 32;
    std::string word;
    for (const char c : refusal + " ") {
        const bool isPart = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
        if (isPart) word += c;
        if (isPart || word.empty()) continue;
        const bool isNew = std::find(words.begin(), words.end(), word) == words.end();
        if (isNew && word.size() <= kLongest && words.size() < kMostWords) words.push_back(word);
        word.clear();
    }
}

void FieldSet::addNumbers(const abi::FieldDecl& decl, RandomSource& random) {
    const std::int64_t length = decl.isList != 0 ? random.oneOf<std::int64_t>({0, 1, 2, 2, 2, 4}) : 1;
    const bool isSensible = decl.required != 0 || random.chance(60);
    const std::int64_t sensible = decl.isList != 0 || decl.required != 0 ? random.between(0, 2) : 1;
    if (decl.type == abi::FieldType::float32) {
        auto& list = floats_.emplace_back();
        for (std::int64_t i = 0; i < length; ++i)
            list.push_back(isSensible ? 1.0F : anyFloat(random));
        fields_.push_back({decl.name, decl.type, decl.isList, list.data(), length});
    } else {
        auto& list = integers_.emplace_back();
        for (std::int64_t i = 0; i < length; ++i)
            list.push_back(isSensible ? sensible : anyInteger(random));
        fields_.push_back({decl.name, decl.type, decl.isList, list.data(), length});
    }
}

void FieldSet::add(const abi::FieldDecl& decl, RandomSource& random) {
    if (decl.type == abi::FieldType::string) {
        const std::string* word = words.empty() ? nullptr : &words[random.next() % words.size()];
        const auto& list = strings_.emplace_back(1, word == nullptr ? kWord : abi::StringRef{word->data(), word->size()});
        fields_.push_back({decl.name, decl.type, decl.isList, list.data(), 1});
    } else if (decl.type == abi::FieldType::tensor) {
        abi::FieldTensor tensor{};
        tensor.desc.type = abi::DataType::f32;
        tensor.data = &kNumber;
        tensor.size = sizeof kNumber;
        if (random.chance(50)) {
            tensor.desc.dims.rank = 1;
            tensor.desc.dims.d[0] = 1;
        }
        fields_.push_back({decl.name, decl.type, decl.isList, &tensors_.emplace_back(tensor), 1});
    } else if (decl.type == abi::FieldType::graph) {
        fields_.push_back({decl.name, decl.type, decl.isList, &graphs_.emplace_back(&passThrough), 1});
    } else {
        addNumbers(decl, random);
    }
}

void FieldSet::addRequired(const abi::CreatorInfo& info, RandomSource& random) {
    for (std::int32_t i = 0; i < info.fieldCount; ++i)
        if (info.fields[i].required != 0) add(info.fields[i], random);
}

void FieldSet::addSomeOptional(const abi::CreatorInfo& info, RandomSource& random) {
    for (std::int32_t i = 0; i < info.fieldCount; ++i)
        if (info.fields[i].required == 0 && random.chance(30)) add(info.fields[i], random);
}

void FieldSet::addUnknown() { fields_.push_back({"tenon_check_no_such_attribute", abi::FieldType::int64, 0, &kInteger, 1}); }

void FieldSet::addOfWrongType(const abi::FieldDecl& decl) {
    const bool isText = decl.type == abi::FieldType::string;
    const void* data = isText ? static_cast<const void*>(&kInteger) : &kWord;
    const abi::Field wrong{decl.name, isText ? abi::FieldType::int64 : abi::FieldType::string, decl.isList, data, 1};
    for (abi::Field& f : fields_)
        if (std::strcmp(f.name, decl.name) == 0) {
            f = wrong;
            return;
        }
    fields_.push_back(wrong);
}

std::string FieldSet::text() const {
    std::string s;
    for (const abi::Field& f : fields_) {
        s += std::string(s.empty() ? "" : " ") + f.name + "=";
        for (std::int64_t i = 0; i < f.length; ++i) {
            if (i > 0) s += ',';
            if (f.type == abi::FieldType::float32) s += std::to_string(static_cast<const float*>(f.data)[i]);
            else if (f.type == abi::FieldType::int64) s += std::to_string(static_cast<const std::int64_t*>(f.data)[i]);
            else if (f.type == abi::FieldType::string)
                s.append(static_cast<const abi::StringRef*>(f.data)[i].data, static_cast<const abi::StringRef*>(f.data)[i].size);
            else s += "...";
        }
    }
    return s;
}

}  // namespace tenon::check
