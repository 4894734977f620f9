// Sequences of tokens (n-grams) that are looked up token by token.
#pragma once

#include <tenon/sdk/sdk.h>

#include <unordered_map>

namespace tenon::text {

class NgramPool {
public:
    static constexpr int kNone = -1;
    static constexpr int kRoot = 0;

    // Makes `grams` consecutive n-grams of `length` tokens known under the numbers from `first` on.
    void add(const std::int64_t* tokens, std::int64_t grams, std::int64_t length, std::int64_t first) {
        for (std::int64_t g = 0; g < grams; ++g) {
            int node = kRoot;
            for (std::int64_t i = 0; i < length; ++i)
                node = grow(node, *tokens++);
            std::int64_t& gram = gram_[static_cast<std::size_t>(node)];
            if (gram != kNone) throw sdk::Error("an n-gram occurs twice in the pool");
            gram = first + g;
        }
    }
    // The node behind `node` along this token, or kNone.
    int next(int node, std::int64_t token) const {
        const auto found = edges_.find({node, token});
        return found == edges_.end() ? kNone : found->second;
    }
    // Number of the n-gram that ends at this node, or kNone.
    std::int64_t gramAt(int node) const { return gram_[static_cast<std::size_t>(node)]; }

private:
    struct Edge {
        int node;
        std::int64_t token;
        bool operator==(const Edge&) const = default;
    };
    struct EdgeHash {
        std::size_t operator()(const Edge& e) const {
            return std::hash<std::uint64_t>()(static_cast<std::uint64_t>(e.token) * 0x9E3779B97F4A7C15U +
                                              static_cast<std::uint64_t>(e.node));
        }
    };
    int grow(int node, std::int64_t token) {
        const auto [at, isNew] = edges_.try_emplace({node, token}, static_cast<int>(gram_.size()));
        if (isNew) gram_.push_back(kNone);
        return at->second;
    }

    std::unordered_map<Edge, int, EdgeHash> edges_;
    std::vector<std::int64_t> gram_{kNone};
};

}  // namespace tenon::text
