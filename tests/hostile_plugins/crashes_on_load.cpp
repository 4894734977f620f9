// A static constructor that crashes.
#include <csignal>

#include "honest.h"

static const int kCrash = std::raise(SIGSEGV);

HOSTILE_PLUGIN(hostile::Plugin)
