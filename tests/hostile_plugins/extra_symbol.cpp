// Exports more than its query.
#include "honest.h"

HOSTILE_EXPORT int tenon_test_extra();
int tenon_test_extra() { return 1; }

HOSTILE_PLUGIN(hostile::Plugin)
