// What the tools need to know about a network before it is built: its inputs and its operators.
#pragma once

#include <tenon/network.h>

#include <string>
#include <vector>

namespace tenon::cli {

struct ModelInput {
    std::string name;
    DataType type;
    std::string shape;  // "[batch,3,224,224]", for messages
};

std::vector<ModelInput> inputsOf(const Network& network);

struct OperatorUse {
    std::string domain, op;
    int count = 0;
    int opsetVersion = 0;  // of its first layer; 0: the newest form
    std::string qualifiedName() const { return domain.empty() ? op : domain + "::" + op; }
};

// Sorted by name.
std::vector<OperatorUse> operatorsOf(const Network& network);

}  // namespace tenon::cli
