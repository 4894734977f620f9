// Claims three creators and gives no list.
#include "honest.h"

HOSTILE_QUERY(version, services) {
    if (!hostile::isWelcome(version, services)) return nullptr;
    static const tenon::abi::Manifest manifest = hostile::manifestOf(nullptr, 3);
    return &manifest;
}
