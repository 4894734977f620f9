// Memory whose surroundings are watched: a page that cannot be touched before and behind it, known bytes in between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tenon::check {

class GuardedBuffer {
public:
    // 64-byte aligned; `name` for messages ("output 0"). Filled with `fill`.
    GuardedBuffer(std::string name, std::size_t size, std::uint8_t fill);
    ~GuardedBuffer();
    GuardedBuffer(const GuardedBuffer&) = delete;
    GuardedBuffer& operator=(const GuardedBuffer&) = delete;

    std::byte* data() const { return data_; }
    std::size_t size() const { return size_; }
    // Throws Failed when bytes just before or behind were changed.
    void checkSurroundings() const;

private:
    std::string name_;
    std::size_t size_, mappedSize_;
    std::byte* mapped_;
    std::byte* data_;
};

// Lets a segmentation fault of a child process say which buffer was overrun.
void explainOverruns();

}  // namespace tenon::check
