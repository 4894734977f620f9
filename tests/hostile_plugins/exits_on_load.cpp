// Ends the process, as if all were well.
#include <unistd.h>

#include "honest.h"

static const int kEnd = [] {
    _exit(0);
    return 0;
}();

HOSTILE_PLUGIN(hostile::Plugin)
