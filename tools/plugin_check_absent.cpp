#include <tenon/error.h>

#include "plugin_check.h"

namespace tenon::cli {

int checkLibraries(const std::vector<std::string>&, const CheckSettings&) {
    throw Error(ErrorCode::unsupported, "this tenon was built without the conformance harness");
}

}  // namespace tenon::cli
