#include "record_text.h"

#include <charconv>

namespace tenon {

namespace {
std::string escape(const std::string& s) {
    std::string out;
    for (const char c : s) {
        if (c == '\t') out += "\\t";
        else if (c == '\n') out += "\\n";
        else if (c == '\\') out += "\\\\";
        else out += c;
    }
    return out;
}

std::string unescape(std::string_view s) {
    std::string out;
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (s[i] != '\\' || i + 1 == s.size()) out += s[i];
        else if (s[++i] == 't') out += '\t';
        else out += s[i] == 'n' ? '\n' : s[i];
    }
    return out;
}

// Builds one line.
class Line {
public:
    explicit Line(std::string tag) : text_(std::move(tag)) {}
    Line& operator<<(const std::string& s) {
        text_ += '\t' + escape(s);
        return *this;
    }
    template <class N>
    requires std::is_integral_v<N> Line& operator<<(N n) {
        text_ += '\t' + std::to_string(n);
        return *this;
    }
    std::string done() const { return text_ + '\n'; }

private:
    std::string text_;
};

// Takes one line apart.
class Fields {
public:
    explicit Fields(std::string_view line) : rest_(line) { tag = next(); }
    std::string tag;
    std::string next() {
        if (atEnd_) throw Error(ErrorCode::pluginFailure, "the library record is damaged");
        const std::size_t tab = rest_.find('\t');
        const std::string value = unescape(rest_.substr(0, tab));
        atEnd_ = tab == std::string_view::npos;
        rest_.remove_prefix(atEnd_ ? rest_.size() : tab + 1);
        return value;
    }
    template <class N>
    void operator>>(N& n) {
        const std::string s = next();
        const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), n);
        if (error != std::errc() || end != s.data() + s.size())
            throw Error(ErrorCode::pluginFailure, "the library record is damaged");
    }
    void operator>>(std::string& s) { s = next(); }
    void operator>>(bool& b) { b = next() == "1"; }

private:
    std::string_view rest_;
    bool atEnd_ = false;
};

CreatorRecord readCreator(Fields& f) {
    CreatorRecord c;
    for (std::string* s : {&c.domain, &c.name, &c.implementation, &c.version, &c.pluginNamespace, &c.device})
        f >> *s;
    for (int* n : {&c.sinceVersion, &c.lastVersion})
        f >> *n;
    for (std::uint64_t* n : {&c.shapeInputs, &c.dimsOnlyInputs})
        f >> *n;
    for (int* n : {&c.minInputs, &c.maxInputs, &c.minOutputs, &c.maxOutputs, &c.index})
        f >> *n;
    f >> c.flags;
    return c;
}

FieldRecord readField(Fields& f) {
    FieldRecord r;
    int type = 0;
    f >> r.id;
    f >> r.required;
    f >> r.name;
    f >> type;
    f >> r.isList;
    f >> r.defaultText;
    f >> r.help;
    r.type = static_cast<abi::FieldType>(type);
    return r;
}
}  // namespace

std::string toText(const LibraryRecord& r) {
    std::string s =
        (Line("library") << r.path << r.name << r.version << r.vendor << r.licence << r.buildFlags << r.refused).done();
    for (const std::string& d : r.devices)
        s += (Line("device") << d).done();
    for (const CreatorRecord& c : r.creators) {
        s += (Line("creator") << c.domain << c.name << c.implementation << c.version << c.pluginNamespace << c.device
                              << c.sinceVersion << c.lastVersion << c.shapeInputs << c.dimsOnlyInputs << c.minInputs
                              << c.maxInputs << c.minOutputs << c.maxOutputs << c.index << c.flags)
                 .done();
        for (const FieldRecord& f : c.fields)
            s +=
                (Line("field") << f.id << f.required << f.name << static_cast<int>(f.type) << f.isList << f.defaultText << f.help)
                    .done();
    }
    return s + "end\n";
}

LibraryRecord recordFromText(std::string_view text) {
    LibraryRecord r;
    bool ended = false;
    while (!text.empty() && !ended) {
        const std::size_t newline = text.find('\n');
        Fields f(text.substr(0, newline));
        text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
        if (f.tag == "library") {
            for (std::string* s : {&r.path, &r.name, &r.version, &r.vendor, &r.licence})
                f >> *s;
            f >> r.buildFlags;
            f >> r.refused;
        } else if (f.tag == "device") {
            r.devices.push_back(f.next());
        } else if (f.tag == "creator") {
            r.creators.push_back(readCreator(f));
        } else if (f.tag == "field" && !r.creators.empty()) {
            r.creators.back().fields.push_back(readField(f));
        } else if (f.tag == "end") {
            ended = true;
        } else {
            throw Error(ErrorCode::pluginFailure, "the library record is damaged");
        }
    }
    if (!ended || r.path.empty()) throw Error(ErrorCode::pluginFailure, "the library record is incomplete");
    return r;
}

}  // namespace tenon
