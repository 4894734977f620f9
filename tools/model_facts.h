// What the tools need to know about a network before it is built: its inputs and its operators.
#pragma once

#include <tenon/engine.h>
#include <tenon/network.h>

#include <string>
#include <vector>

namespace tenon::cli {

// Name, type and dims; dims that are not fixed have a name ("?" where the model gives none).
std::vector<IoInfo> inputsOf(const Network& network);
std::vector<std::string> outputNamesOf(const Network& network);
// "[batch,3,224,224]".
std::string dimsText(const IoInfo& info);

struct OperatorUse {
    std::string domain, op;
    int count = 0;
    int opsetVersion = 0;  // of its first layer; 0: the newest form
    std::string qualifiedName() const { return domain.empty() ? op : domain + "::" + op; }
};

// Sorted by name.
std::vector<OperatorUse> operatorsOf(const Network& network);

}  // namespace tenon::cli
