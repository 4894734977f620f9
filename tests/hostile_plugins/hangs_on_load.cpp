// A static constructor that never returns.
#include <unistd.h>

#include "honest.h"

static const int kHang = [] {
    for (;;)
        sleep(1000);
    return 0;
}();

HOSTILE_PLUGIN(hostile::Plugin)
