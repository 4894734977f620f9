// Where the bytes of string outputs live.
#pragma once

#include <tenon/sdk/sdk.h>

namespace tenon::text {

inline std::string_view textOf(const abi::StringRef& s) {
    return s.size == 0 ? std::string_view() : std::string_view(s.data, static_cast<std::size_t>(s.size));
}

// The output of an operator refers to the bytes kept here until its next run. A copy of the operator starts with none.
class StringStore {
public:
    StringStore() = default;
    StringStore(const StringStore& other) { *this = other; }
    StringStore& operator=(const StringStore&) { return *this; }

    // y[i] = what append(i, text) adds to text. Inputs may still refer to the bytes of the previous run, as in a loop.
    template <class F>
    void fill(const sdk::View<abi::StringRef>& y, F&& append) {
        std::string bytes;
        for (std::int64_t i = 0; i < y.size(); ++i) {
            const std::size_t begin = bytes.size();
            append(i, bytes);
            y[i].size = bytes.size() - begin;
        }
        bytes_.swap(bytes);
        const char* at = bytes_.data();
        for (abi::StringRef& s : y) {
            s.data = at;
            at += s.size;
        }
    }

private:
    std::string bytes_;
};

}  // namespace tenon::text
