// Running a plugin on a problem, with an eye on every byte around its tensors.
#pragma once

#include <memory>

#include "guarded_buffer.h"
#include "problem.h"

namespace tenon::check {

// Descriptors of inputs, then outputs.
using Formats = std::vector<abi::TensorDesc>;

// The combinations that the plugin supports: each layout wherever possible, linear elsewhere.
std::vector<Formats> formatCombinations(const Problem& problem);
std::string describe(const Formats& formats);

// configurePlugin with exactly these shapes; false when it declines, with the reason in *why.
bool configure(abi::IPlugin& plugin, const Formats& formats, std::size_t inputCount, std::string* why);

// One set of tensors; run() may be called with several plugins.
class Trial {
public:
    Trial(const Problem& problem, const Formats& formats, std::uint64_t seed);
    // Outputs after enqueue, with `fill` in them before; absent when the plugin refuses at run time, which needs a message.
    // Throws Failed when it writes where it must not.
    using Outputs = std::vector<std::vector<std::byte>>;
    std::optional<Outputs> run(abi::IPlugin& plugin, std::uint8_t fill, std::string* why);
    // Packs the inputs that the plugin wants packed; false when there are none. Later runs must use this plugin.
    bool pack(abi::IPlugin& plugin);

private:
    abi::Status enqueue(abi::IPlugin& plugin, std::vector<std::unique_ptr<GuardedBuffer>>& out);
    std::vector<std::byte> take(abi::IPlugin& plugin, std::size_t output, const GuardedBuffer& buffer) const;

    Formats formats_;
    std::size_t inputCount_;
    std::vector<std::unique_ptr<GuardedBuffer>> inputs_;
    std::vector<std::vector<std::byte>> originals_;
};

}  // namespace tenon::check
