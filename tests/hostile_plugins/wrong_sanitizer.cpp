// Says that it was built with a sanitizer that no host has: both at once.
#include "honest.h"

HOSTILE_QUERY(version, services) {
    if (!hostile::isWelcome(version, services)) return nullptr;
    static const tenon::abi::Manifest manifest = [] {
        tenon::abi::Manifest m = hostile::manifestOf(nullptr, 0);
        m.buildFlags = tenon::abi::kAddressSanitizer | tenon::abi::kThreadSanitizer;
        return m;
    }();
    return &manifest;
}
