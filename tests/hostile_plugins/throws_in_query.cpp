// Its query throws across the boundary.
#include <stdexcept>

#include "honest.h"

HOSTILE_QUERY(, ) { throw std::runtime_error("I do as I please"); }
