// Bytes as a plan. It is loaded, described and given a context; nothing of it is executed. In this build checksums are not
// compared (plan_file.cpp), so that damage reaches what lies behind them.
#include <tenon/engine.h>
#include <tenon/error.h>
#include <tenon/logger.h>
#include <tenon/registry/registry.h>

#include <cstring>

#include "mutate_message.h"
#include "plan/plan_file.h"

namespace {
const tenon::Registry& registry() {
    static const tenon::Registry instance;
    return instance;
}

// Positions of plan_file.h.
constexpr std::size_t kHeader = 128, kDescription = 16, kWeights = 40, kFileSize = 56, kPage = 4096;

std::uint64_t numberAt(const std::uint8_t* data, std::size_t at) {
    std::uint64_t n = 0;
    std::memcpy(&n, data + at, sizeof n);
    return n;
}

// The libraries here, so that a corpus outlives a build of them.
void nameOwnLibraries(tenon::proto::Plan& plan) {
    const auto& own = registry().libraries();
    for (auto& wanted : *plan.mutable_libraries())
        for (std::size_t i = 0; i < own.size(); ++i)
            if (own[i].name == wanted.name() && own[i].refused.empty()) {
                wanted.set_version(own[i].version);
                wanted.set_digest(registry().digest(static_cast<int>(i)));
            }
}

// The file with another description.
std::string withDescription(const std::uint8_t* data, std::size_t size, const std::string& description) {
    const std::uint64_t weights = numberAt(data, kWeights);
    const std::string section = weights < size ? std::string(data + weights, data + size) : std::string();
    std::string file(data, data + kHeader);
    const auto put = [&](std::size_t at, std::uint64_t n) { std::memcpy(file.data() + at, &n, sizeof n); };
    file += description;
    file.resize((file.size() + kPage - 1) / kPage * kPage);
    put(kDescription, kHeader);
    put(kDescription + 8, description.size());
    put(kWeights, file.size());
    put(kWeights + 8, section.size());
    file += section;
    put(kFileSize, file.size());
    return file;
}
}  // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t maxSize);

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    tenon::setLogCallback([](tenon::LogLevel, tenon::LogTopic, std::string_view) {});
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const tenon::Engine engine = tenon::Engine::load(tenon::Blob::copyOf(data, size), registry());
        engine.toString();
        engine.createContext();
    } catch (const tenon::Error&) {
    }
    return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t maxSize, unsigned seed) {
    if (seed % 8 == 0 || size < kHeader) return LLVMFuzzerMutate(data, size, maxSize);
    const std::uint64_t offset = numberAt(data, kDescription), length = numberAt(data, kDescription + 8);
    tenon::proto::Plan plan;
    if (offset > size || length > size - offset || !plan.ParseFromArray(data + offset, static_cast<int>(length)))
        return LLVMFuzzerMutate(data, size, maxSize);
    tenon::fuzz::mutateMessage(plan, seed / 8, {});
    if (seed % 8 != 1) nameOwnLibraries(plan);
    const std::string file = withDescription(data, size, plan.SerializeAsString());
    if (file.size() > maxSize) return LLVMFuzzerMutate(data, size, maxSize);
    std::memcpy(data, file.data(), file.size());
    return file.size();
}
