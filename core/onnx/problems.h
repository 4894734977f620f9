// Everything that stands in the way of an import, for one message.
#pragma once

#include <string>
#include <vector>

namespace tenon {

class Problems {
public:
    static constexpr std::size_t kShown = 50;
    void add(std::string text) {
        if (!isFull()) texts_.push_back(std::move(text));
        ++count_;
    }
    // More are only counted: their texts need not be made.
    bool isFull() const { return texts_.size() >= kShown; }
    bool empty() const { return count_ == 0; }
    std::size_t count() const { return count_; }
    const std::vector<std::string>& texts() const { return texts_; }

private:
    std::vector<std::string> texts_;
    std::size_t count_ = 0;
};

}  // namespace tenon
