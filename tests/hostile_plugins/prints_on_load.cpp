// Breaks nothing, but talks while it is loaded, even in the language of the scan helper.
#include <cstdio>

#include "honest.h"

static const int kTalk = std::printf("hello\nlibrary\tfake\tfake\t1\t\t\t0\t\nend\nlibrary\t");

HOSTILE_PLUGIN(hostile::Plugin)
