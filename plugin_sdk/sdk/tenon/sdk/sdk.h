// Everything an operator file needs.
#pragma once

#include <tenon/sdk/library.h>
