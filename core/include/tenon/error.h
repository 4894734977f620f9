// tenon::Error and its codes.
#pragma once

#include <tenon/registry/error.h>
