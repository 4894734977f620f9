// Claims two thousand million creators.
#include "honest.h"

HOSTILE_QUERY(version, services) {
    if (!hostile::isWelcome(version, services)) return nullptr;
    static const hostile::Creator<hostile::Plugin> creator;
    static const tenon::abi::ICreator* const list[] = {&creator};
    static const tenon::abi::Manifest manifest = hostile::manifestOf(list, 0x7fffffff);
    return &manifest;
}
