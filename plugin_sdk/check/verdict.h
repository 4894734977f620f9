// How a check ends early.
#pragma once

#include <string>

namespace tenon::check {

struct Failed {
    std::string reason;
};
struct Skipped {
    std::string reason;
};

inline void require(bool condition, const std::string& otherwise) {
    if (!condition) throw Failed{otherwise};
}

}  // namespace tenon::check
