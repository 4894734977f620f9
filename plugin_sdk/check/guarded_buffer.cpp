#include "guarded_buffer.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <new>

#include "child.h"
#include "verdict.h"

namespace tenon::check {

namespace {
constexpr std::size_t kAlignment = 64, kPage = 4096, kGuardPages = 16;
constexpr std::byte kCanary{0xC7};

struct Watched {
    const std::byte *mapped, *end, *data;
    std::size_t size;
    char name[32];
};
// Read by a signal handler, so of fixed size.
constexpr std::size_t kMostWatched = 256;
Watched watched[kMostWatched];

void explainFault(const void* address, int fd) {
    const auto* at = static_cast<const std::byte*>(address);
    for (const Watched& w : watched) {
        if (w.mapped == nullptr || at < w.mapped || at >= w.end) continue;
        char line[160];
        const bool isBehind = at >= w.data;
        const auto distance = isBehind ? at - w.data - static_cast<std::ptrdiff_t>(w.size) : w.data - at;
        const int n = std::snprintf(line, sizeof line, "note\ttouches memory %td bytes %s %s (%zu bytes)\n", distance,
                                    isBehind ? "past the end of" : "before", w.name, w.size);
        if (n > 0 && write(fd, line, static_cast<std::size_t>(n)) < 0) break;
    }
}

void watch(const Watched& w) {
    for (Watched& slot : watched)
        if (slot.mapped == nullptr) {
            slot = w;
            return;
        }
}
}  // namespace

// [guard pages][canary up to the data][data][canary up to the page's end][guard pages]; the data ends as close to the guard as
// its alignment allows.
GuardedBuffer::GuardedBuffer(std::string name, std::size_t size, std::uint8_t fill) : name_(std::move(name)), size_(size) {
    const std::size_t rounded = (size + kAlignment - 1) / kAlignment * kAlignment;
    const std::size_t inner = (rounded + kAlignment + kPage - 1) / kPage * kPage;  // at least one line of canary before the data
    mappedSize_ = inner + 2 * kGuardPages * kPage;
    void* memory = mmap(nullptr, mappedSize_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    mapped_ = static_cast<std::byte*>(memory);
    std::byte* begin = mapped_ + kGuardPages * kPage;
    if (mprotect(begin, inner, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
    data_ = begin + inner - rounded;
    std::memset(begin, static_cast<int>(kCanary), inner);
    std::memset(data_, fill, size_);
    Watched w{mapped_, mapped_ + mappedSize_, data_, size_, {}};
    std::snprintf(w.name, sizeof w.name, "%s", name_.c_str());
    watch(w);
}

GuardedBuffer::~GuardedBuffer() {
    for (Watched& slot : watched)
        if (slot.mapped == mapped_) slot = {};
    munmap(mapped_, mappedSize_);
}

void GuardedBuffer::checkSurroundings() const {
    for (const std::byte* p = mapped_ + kGuardPages * kPage; p < data_; ++p)
        require(*p == kCanary, "writes " + std::to_string(data_ - p) + " bytes before " + name_);
    const std::byte* end = mapped_ + mappedSize_ - kGuardPages * kPage;
    for (const std::byte* p = data_ + size_; p < end; ++p)
        require(*p == kCanary, "writes past the end of " + name_ + " (" + std::to_string(size_) + " bytes)");
}

void explainOverruns() { setExplainFault(explainFault); }

}  // namespace tenon::check
