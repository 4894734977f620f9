// A list of creators with a hole.
#include "honest.h"

HOSTILE_QUERY(version, services) {
    if (!hostile::isWelcome(version, services)) return nullptr;
    static const hostile::Creator<hostile::Plugin> creator;
    static const tenon::abi::ICreator* const list[] = {&creator, nullptr};
    static const tenon::abi::Manifest manifest = hostile::manifestOf(list, 2);
    return &manifest;
}
