// Structure-aware mutation: a protobuf message stays one that parses, with one field changed.
#pragma once

#include <google/protobuf/message.h>

#include <random>
#include <string>
#include <vector>

namespace tenon::fuzz {

// Makes one to four random changes somewhere in the message: values, removals, repetitions, exchanged or copied parts, names
// taken from elsewhere in the message or from `words`.
void mutateMessage(google::protobuf::Message& message, unsigned seed, const std::vector<std::string>& words);

}  // namespace tenon::fuzz
