// Its manifest is of another abi version.
#include "honest.h"

HOSTILE_QUERY(, services) {
    hostile::host = services;
    static const tenon::abi::Manifest manifest = [] {
        tenon::abi::Manifest m = hostile::manifestOf(nullptr, 0);
        m.abiVersion = 999;
        return m;
    }();
    return &manifest;
}
