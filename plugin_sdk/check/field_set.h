// Attributes made up for a creator, with the memory that they point to.
#pragma once

#include <tenon/abi/creator.h>
#include <tenon/abi/extensions.h>

#include <deque>
#include <string>
#include <vector>

#include "random_source.h"

namespace tenon::check {

// Gives the plugin the nested networks of its graph attributes: each maps one tensor to itself.
void giveNetworks(abi::IPlugin& plugin);

// Remembers the words of a refusal: a creator that says which strings it takes is given them later.
void learnWords(const std::string& refusal);

class FieldSet {
public:
    FieldSet() = default;
    FieldSet(const FieldSet&) = delete;
    FieldSet& operator=(const FieldSet&) = delete;

    // A plausible value for every required attribute.
    void addRequired(const abi::CreatorInfo& info, RandomSource& random);
    // Random values, sensible or not, for some of the others.
    void addSomeOptional(const abi::CreatorInfo& info, RandomSource& random);
    void addUnknown();
    void addOfWrongType(const abi::FieldDecl& decl);

    const abi::Field* data() const { return fields_.data(); }
    std::int32_t count() const { return static_cast<std::int32_t>(fields_.size()); }
    std::string text() const;  // for messages: "axis=1 keepdims=0"

private:
    void add(const abi::FieldDecl& decl, RandomSource& random);
    void addNumbers(const abi::FieldDecl& decl, RandomSource& random);

    std::vector<abi::Field> fields_;
    std::deque<std::vector<float>> floats_;
    std::deque<std::vector<std::int64_t>> integers_;
    std::deque<std::vector<abi::StringRef>> strings_;
    std::deque<abi::FieldTensor> tensors_;
    std::deque<abi::ISubgraph*> graphs_;
};

}  // namespace tenon::check
