// Serialized plugins and clones.
#include <algorithm>
#include <cstring>

#include "host.h"
#include "subject.h"
#include "verdict.h"

namespace tenon::check {

namespace {
class Sink final : public abi::ISink {
public:
    abi::Status write(const void* data, std::uint64_t size) noexcept override {
        const auto* p = static_cast<const std::byte*>(data);
        bytes.insert(bytes.end(), p, p + size);
        return abi::Status::ok;
    }
    std::vector<std::byte> bytes;
};

class FullSink final : public abi::ISink {
public:
    abi::Status write(const void*, std::uint64_t) noexcept override { return abi::Status::outOfMemory; }
};

// A plugin whose attributes are random, when the creator takes some.
PluginPtr createRandom(const Subject& subject, RandomSource& random) {
    FieldSet fields;
    fields.addRequired(*subject.info, random);
    fields.addSomeOptional(*subject.info, random);
    return create(subject, smallestLayer(*subject.info), fields);
}
}  // namespace

std::vector<std::byte> serialize(const abi::IPlugin& plugin) {
    Sink sink;
    takeMessage();
    const abi::Status status = plugin.serialize(&sink);
    if (status != abi::Status::ok) throw Failed{"serialize fails: " + takeReason("serialize")};
    return std::move(sink.bytes);
}

PluginPtr deserialize(const Subject& subject, const std::vector<std::byte>& bytes, std::string* why) {
    takeMessage();
    const abi::LayerInfo layer = smallestLayer(*subject.info);
    // An exact copy on the heap: reading past its end is seen by AddressSanitizer.
    const std::unique_ptr<std::byte[]> exact(new std::byte[bytes.size()]);
    std::copy(bytes.begin(), bytes.end(), exact.get());
    PluginPtr plugin(subject.creator->deserialize(&layer, exact.get(), bytes.size()));
    if (plugin == nullptr) {
        const std::string reason = takeReason("deserialize");
        if (why != nullptr) *why = reason;
    } else {
        giveNetworks(*plugin);
    }
    return plugin;
}

std::string checkSerialize(const Subject& subject) {
    RandomSource random(subject.seed);
    int count = 0;
    constexpr int kDraws = 50;
    for (int i = 0; i < kDraws; ++i) {
        const PluginPtr plugin = i == 0 ? createAny(subject) : createRandom(subject, random);
        if (plugin == nullptr) continue;
        const std::vector<std::byte> bytes = serialize(*plugin);
        require(serialize(*plugin) == bytes, "serialize writes other bytes the second time");
        std::string why;
        const PluginPtr twin = deserialize(subject, bytes, &why);
        require(twin != nullptr, "deserialize refuses the bytes that serialize wrote: " + why);
        require(serialize(*twin) == bytes, "a deserialized plugin serializes to other bytes");
        ++count;
    }
    FullSink full;
    require(createAny(subject)->serialize(&full) != abi::Status::ok, "serialize ignores that the sink failed");
    return std::to_string(count) + " plugins";
}

std::string checkTruncated(const Subject& subject) {
    const std::vector<std::byte> bytes = serialize(*createAny(subject));
    if (bytes.empty()) throw Skipped{"it serializes to nothing"};
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const std::vector<std::byte> part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        require(deserialize(subject, part) == nullptr,
                "deserialize takes the first " + std::to_string(size) + " of " + std::to_string(bytes.size()) + " bytes");
    }
    std::vector<std::byte> longer = bytes;
    longer.resize(bytes.size() + 5);
    require(deserialize(subject, longer) == nullptr, "deserialize takes bytes with a foreign tail");
    return "every length below " + std::to_string(bytes.size());
}

// Foreign bytes of another size must be refused; of the same size, or with one byte changed, they may happen to be valid.
std::string checkRandomBytes(const Subject& subject) {
    const std::vector<std::byte> bytes = serialize(*createAny(subject));
    RandomSource random(subject.seed);
    constexpr int kDraws = 2000;
    int taken = 0;
    for (int i = 0; i < kDraws; ++i) {
        std::vector<std::byte> foreign = bytes;
        const bool isFlip = i % 2 == 0 && !bytes.empty();
        if (isFlip) {
            foreign[static_cast<std::size_t>(random.next() % bytes.size())] = static_cast<std::byte>(random.next());
        } else {
            foreign.resize(static_cast<std::size_t>(random.between(0, 200)));
            for (std::byte& b : foreign)
                b = static_cast<std::byte>(random.next());
        }
        const PluginPtr plugin = deserialize(subject, foreign);
        if (plugin == nullptr) continue;
        require(foreign.size() == bytes.size(), "deserialize takes " + std::to_string(foreign.size()) + " random bytes");
        serialize(*plugin);
        ++taken;
    }
    return std::to_string(kDraws) + " draws, " + std::to_string(taken) + " happened to be valid";
}

std::string checkClone(const Subject& subject) {
    PluginPtr plugin = createAny(subject);
    const std::vector<std::byte> bytes = serialize(*plugin);
    abi::IPlugin* copy = plugin->clone();
    require(copy != nullptr, "clone returns null");
    require(copy != plugin.get(), "clone returns the plugin itself");
    PluginPtr first(copy);
    const PluginPtr second(first->clone());
    require(second != nullptr, "clone of a clone returns null");
    plugin.reset();
    require(serialize(*first) == bytes, "once the original is destroyed, its clone serializes to other bytes");
    first.reset();
    require(serialize(*second) == bytes, "once its origin is destroyed, a clone serializes to other bytes");
    return "";
}

}  // namespace tenon::check
