// Breaks nothing.
#include "honest.h"

HOSTILE_PLUGIN(hostile::Plugin)
