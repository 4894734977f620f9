// Needs a function that nobody has.
#include "honest.h"

extern "C" int tenon_test_nobody_has_this();

HOSTILE_QUERY(, ) { return tenon_test_nobody_has_this() == 0 ? nullptr : nullptr; }
