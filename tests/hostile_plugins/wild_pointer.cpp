// A list of creators that points to nowhere.
#include "honest.h"

HOSTILE_QUERY(version, services) {
    if (!hostile::isWelcome(version, services)) return nullptr;
    static const tenon::abi::Manifest manifest =
        hostile::manifestOf(reinterpret_cast<const tenon::abi::ICreator* const*>(uintptr_t{0x10}), 1);
    return &manifest;
}
