// Its query follows a pointer to nowhere.
#include "honest.h"

HOSTILE_QUERY(version, ) {
    const auto* volatile nowhere = reinterpret_cast<const tenon::abi::Manifest*>(uintptr_t{0x40});
    return version == nowhere->abiVersion ? nullptr : nowhere;
}
