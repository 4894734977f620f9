// Offers the same implementation of the same operator twice.
#include "honest.h"

HOSTILE_QUERY(version, services) {
    if (!hostile::isWelcome(version, services)) return nullptr;
    static const hostile::Creator<hostile::Plugin> first, second;
    static const tenon::abi::ICreator* const list[] = {&first, &second};
    static const tenon::abi::Manifest manifest = hostile::manifestOf(list, 2);
    return &manifest;
}
