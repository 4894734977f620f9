// Lower and upper case of UTF-8 text.
#pragma once

#include <tenon/sdk/sdk.h>

#include <clocale>
#include <cwctype>
#include <memory>

namespace tenon::text {

enum class LetterCase { none, lower, upper };

// The letters of a locale.
class Letters {
public:
    // Where the system does not know the locale, or none is named, Unicode's letters.
    explicit Letters(const std::string& locale)
        : locale_(find(locale), [](locale_t l) {
              if (l != nullptr) freelocale(l);
          }) {}

    // Bytes that are no UTF-8 stay as they are.
    std::string convert(std::string_view s, LetterCase to) const {
        if (to == LetterCase::none) return std::string(s);
        std::string text;
        text.reserve(s.size());
        while (!s.empty()) {
            const std::size_t length = sequenceLength(s);
            if (length == 0) {
                text += s.front();
                s.remove_prefix(1);
                continue;
            }
            append(text, letter(decode(s.substr(0, length)), to));
            s.remove_prefix(length);
        }
        return text;
    }

private:
    static locale_t find(const std::string& name) {
        locale_t found = name.empty() ? nullptr : newlocale(LC_CTYPE_MASK, name.c_str(), nullptr);
        return found != nullptr ? found : newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    }
    char32_t letter(char32_t c, LetterCase to) const {
        const auto wide = static_cast<std::wint_t>(c);
        locale_t l = locale_.get();
        if (l == nullptr) return c < 0x80 ? static_cast<char32_t>(to == LetterCase::lower ? towlower(wide) : towupper(wide)) : c;
        return static_cast<char32_t>(to == LetterCase::lower ? towlower_l(wide, l) : towupper_l(wide, l));
    }
    // Bytes of the code point that s starts with, or 0 when it starts with none (RFC 3629).
    static std::size_t sequenceLength(std::string_view s) {
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
        const unsigned char first = byte(0);
        const std::size_t length = first < 0x80   ? 1
                                   : first < 0xC2 ? 0
                                   : first < 0xE0 ? 2
                                   : first < 0xF0 ? 3
                                   : first < 0xF5 ? 4
                                                  : 0;
        if (length > s.size()) return 0;
        for (std::size_t i = 1; i < length; ++i)
            if ((byte(i) & 0xC0U) != 0x80) return 0;
        const char32_t c = length == 0 ? 0 : decode(s.substr(0, length));
        const bool isOverlong = (length == 3 && c < 0x800) || (length == 4 && c < 0x10000);
        const bool isCharacter = c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
        return isOverlong || !isCharacter ? 0 : length;
    }
    static char32_t decode(std::string_view sequence) {
        constexpr std::array<unsigned, 5> kFirstBits{0, 0x7F, 0x1F, 0x0F, 0x07};
        char32_t c = static_cast<unsigned char>(sequence[0]) & kFirstBits[sequence.size()];
        for (const char next : sequence.substr(1))
            c = c << 6U | (static_cast<unsigned char>(next) & 0x3FU);
        return c;
    }
    static void append(std::string& text, char32_t c) {
        const auto tail = [&](unsigned shift) { text += static_cast<char>(0x80U | (c >> shift & 0x3FU)); };
        if (c < 0x80) text += static_cast<char>(c);
        else if (c < 0x800) text += static_cast<char>(0xC0U | c >> 6U), tail(0);
        else if (c < 0x10000) text += static_cast<char>(0xE0U | c >> 12U), tail(6), tail(0);
        else text += static_cast<char>(0xF0U | c >> 18U), tail(12), tail(6), tail(0);
    }

    std::shared_ptr<std::remove_pointer_t<locale_t>> locale_;
};

}  // namespace tenon::text
