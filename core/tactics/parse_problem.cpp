// The parser of a problem's text form.
#include <tenon/error.h>
#include <tenon/sdk/launch.h>

#include <cmath>
#include <cstdlib>
#include <deque>

#include "problem.h"

namespace tenon {

namespace {
class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    Problem problem() {
        Problem p;
        std::string name = word("operator name");
        while (take("::")) {
            p.domain += (p.domain.empty() ? "" : "::") + name;
            name = word("operator name");
        }
        p.op = name;
        if (take("@")) p.opsetVersion = static_cast<int>(integer());
        expect("(");
        while (!take(")")) {
            p.inputs.push_back(input());
            if (!take(",") && !peek(')')) fail("',' or ')'");
        }
        while (!atEnd() && !take("->")) {
            const std::string key = word("attribute name");
            expect("=");
            if (!p.attributes.emplace(key, value()).second) fail("one value for attribute '" + key + "'");
        }
        if (text_[at_ - 1] == '>') p.outputs = outputs();
        if (!atEnd()) fail("the end");
        return p;
    }

private:
    [[noreturn]] void fail(const std::string& wanted) const {
        throw Error(ErrorCode::badInput, "problem text: " + wanted + " wanted at position " + std::to_string(at_) + ": \"" +
                                             std::string(text_.substr(0, at_)) + "<HERE>" + std::string(text_.substr(at_)) +
                                             "\"");
    }
    void space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t'))
            ++at_;
    }
    bool atEnd() {
        space();
        return at_ >= text_.size();
    }
    bool peek(char c) {
        space();
        return at_ < text_.size() && text_[at_] == c;
    }
    bool take(std::string_view token) {
        space();
        if (text_.substr(at_, token.size()) != token) return false;
        at_ += token.size();
        return true;
    }
    void expect(std::string_view token) {
        if (!take(token)) fail("'" + std::string(token) + "'");
    }
    std::string word(const char* what) {
        space();
        const std::size_t begin = at_;
        while (at_ < text_.size() &&
               (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_' || text_[at_] == '.'))
            ++at_;
        if (begin == at_) fail(what);
        return std::string(text_.substr(begin, at_ - begin));
    }
    // The characters of a number, "inf" and "nan" included.
    std::string numberText() {
        space();
        const std::size_t begin = at_;
        while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 ||
                                      std::string_view("+-.").find(text_[at_]) != std::string_view::npos))
            ++at_;
        if (begin == at_) fail("a number");
        return std::string(text_.substr(begin, at_ - begin));
    }
    std::int64_t integer() {
        const std::string s = numberText();
        char* end = nullptr;
        errno = 0;
        const std::int64_t v = std::strtoll(s.c_str(), &end, 10);
        if (*end != 0 || errno != 0) fail("an integer, not '" + s + "',");
        return v;
    }
    static bool isReal(const std::string& s) { return s.find_first_of(".en") != std::string::npos; }
    double real(const std::string& s) {
        char* end = nullptr;
        const double v = std::strtod(s.c_str(), &end);
        if (*end != 0) fail("a number, not '" + s + "',");
        return v;
    }
    std::string quoted() {
        expect("\"");
        std::string s;
        while (at_ < text_.size() && text_[at_] != '"') {
            if (text_[at_] == '\\') ++at_;
            if (at_ < text_.size()) s += text_[at_++];
        }
        if (at_ >= text_.size()) fail("'\"'");
        ++at_;
        return s;
    }
    Dims dims() {
        Dims d;
        expect("[");
        while (!take("]")) {
            d.push_back(integer());
            if (d.back() < 0) fail("a dimension that is not negative");
            if (!take(",") && !peek(']')) fail("',' or ']'");
        }
        return d;
    }
    TensorValue content(DataType type, const Dims& shape) {
        constexpr std::int64_t kMost = 1 << 20;
        const std::int64_t count = elementCount(shape);
        if (count > kMost) fail("fewer than a million values");
        TensorValue v{type, shape, Blob::allocate(byteSize(type, shape))};
        std::deque<std::string> texts;
        std::int64_t i = 0;
        expect("{");
        while (!take("}")) {
            if (i >= count) fail("only " + std::to_string(count) + " values");
            if (type == DataType::string) {
                texts.push_back(quoted());
                reinterpret_cast<abi::StringRef*>(v.data.mutableData())[i] = {texts.back().data(), texts.back().size()};
            } else {
                put(v, i, numberText());
            }
            ++i;
            if (!take(",") && !peek('}')) fail("',' or '}'");
        }
        if (i != count) fail(std::to_string(count) + " values, not " + std::to_string(i) + ",");
        return ownedCopy(v);
    }
    void put(TensorValue& v, std::int64_t i, const std::string& s) {
        if (sdk::elementBits(v.type) == 4) {
            const auto nibble = static_cast<unsigned>(std::strtoll(s.c_str(), nullptr, 10)) & 15U;
            v.data.mutableData()[i / 2] |= static_cast<std::byte>(nibble << (i % 2 == 0 ? 0U : 4U));
            return;
        }
        sdk::dispatch<sdk::numeric | sdk::boolean>(v.type, [&]<class T>() {
            T* p = reinterpret_cast<T*>(v.data.mutableData()) + i;
            if constexpr (sdk::isFloating<T>) *p = T(static_cast<sdk::Compute<T>>(real(s)));
            else if constexpr (std::is_same_v<T, bool>) *p = std::strtoll(s.c_str(), nullptr, 10) != 0;
            else *p = static_cast<T>(std::strtoll(s.c_str(), nullptr, 10));
        });
    }
    DataType type(const std::string& name) {
        const DataType t = typeFromName(name);
        if (t == DataType::undefined) fail("a data type such as float32, not '" + name + "',");
        return t;
    }
    ProblemInput input() {
        ProblemInput in;
        std::string name = word("an input");
        if (name == "_") return in;
        if (name == "const") {
            in.isConstant = true;
            name = word("a data type");
        }
        in.type = type(name);
        in.dims = dims();
        if (peek('{')) {
            in.content = content(in.type, in.dims);
            in.showContent = in.isConstant = true;
        }
        return in;
    }
    Attribute list() {
        std::vector<std::string> numbers, strings;
        std::vector<TensorValue> tensors;
        bool anyReal = false;
        expect("[");
        while (!take("]")) {
            if (peek('"')) strings.push_back(quoted());
            else if (std::isalpha(static_cast<unsigned char>(text_[at_])) != 0 && !peek('i') && !peek('n'))
                tensors.push_back(tensor());
            else numbers.push_back(numberText());
            if (!numbers.empty()) anyReal = anyReal || isReal(numbers.back());
            if (!take(",") && !peek(']')) fail("',' or ']'");
        }
        if (!strings.empty()) return strings;
        if (!tensors.empty()) return tensors;
        if (anyReal) {
            std::vector<float> v;
            for (const auto& s : numbers)
                v.push_back(static_cast<float>(real(s)));
            return v;
        }
        std::vector<std::int64_t> v;
        for (const auto& s : numbers)
            v.push_back(std::strtoll(s.c_str(), nullptr, 10));
        return v;
    }
    TensorValue tensor() {
        const DataType t = type(word("a data type"));
        const Dims d = dims();
        return content(t, d);
    }
    Attribute value() {
        if (peek('"')) return quoted();
        if (peek('[')) return list();
        const std::size_t begin = at_;
        const std::string s = numberText();
        if (peek('[')) {
            at_ = begin;
            return tensor();
        }
        if (isReal(s)) return static_cast<float>(real(s));
        at_ = begin;
        return integer();
    }
    std::vector<bool> outputs() {
        std::vector<bool> v;
        const std::string s = word("a number of outputs");
        if (s.find_first_not_of("y_") == std::string::npos) {
            for (const char c : s)
                v.push_back(c == 'y');
            return v;
        }
        const long n = std::strtol(s.c_str(), nullptr, 10);
        if (n < 1 || n > 4096) fail("1 to 4096 outputs");
        return std::vector<bool>(static_cast<std::size_t>(n), true);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};
}  // namespace

Problem parseProblem(std::string_view text) { return Parser(text).problem(); }

}  // namespace tenon
