// Gives no manifest and no reason.
#include "honest.h"

HOSTILE_QUERY(, ) { return nullptr; }
