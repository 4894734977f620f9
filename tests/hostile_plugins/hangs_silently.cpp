// Closes the helper's output, so that it seems to have ended, and never returns.
#include <unistd.h>

#include "honest.h"

static const int kHang = [] {
    close(1);
    for (;;)
        sleep(1000);
    return 0;
}();

HOSTILE_PLUGIN(hostile::Plugin)
