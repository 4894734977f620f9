// What constant folding may cost. A small file must neither grow without bound nor compute for hours: what goes beyond stays a
// layer.
#pragma once

#include <tenon/tensor.h>

#include <chrono>

namespace tenon {

constexpr std::size_t kFoldBytes = std::size_t{256} << 20;   // outputs and workspace of one layer
constexpr std::size_t kFoldGrowth = std::size_t{256} << 20;  // of all constants, beyond twice what they were
constexpr double kFoldOperations = 1e9;                      // of one layer, where its plugin knows (abi::ICost)
constexpr double kFoldSeconds = 3;                           // of all layers; a layer that has begun is not stopped

// Of one network and the networks nested in it.
class FoldBudget {
public:
    // Bytes of the network's own constants. Only the first call counts.
    void start(std::size_t constants) {
        if (!isStarted_) bytesLeft_ += constants;
        isStarted_ = true;
    }
    bool hasTime() const { return spent_.count() < kFoldSeconds; }
    void spend(std::chrono::duration<double> time) { spent_ += time; }
    // False when constants would grow too much.
    bool take(std::size_t bytes) {
        if (bytes > bytesLeft_) return false;
        bytesLeft_ -= bytes;
        return true;
    }
    void giveBack(std::size_t bytes) { bytesLeft_ += bytes; }

private:
    bool isStarted_ = false;
    std::size_t bytesLeft_ = kFoldGrowth;
    std::chrono::duration<double> spent_{};
};

}  // namespace tenon
