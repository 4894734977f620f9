// Its query dereferences nothing.
#include "honest.h"

HOSTILE_QUERY(version, ) {
    const tenon::abi::Manifest* volatile nowhere = nullptr;
    return version == nowhere->abiVersion ? nullptr : nowhere;
}
