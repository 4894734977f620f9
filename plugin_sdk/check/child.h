// Running something in a child process that may crash, hang or end the process.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace tenon::check {

// What a child process says to its parent, line by line.
class ToParent {
public:
    explicit ToParent(int fd) : fd_(fd) {}
    void line(std::string_view tag, std::string_view text) const;  // text: without newlines
    int fd() const { return fd_; }

private:
    int fd_;
};

using OnLine = std::function<void(std::string_view tag, std::string_view text)>;

// Forks, runs `body` in the child and hands its lines to `onLine` as they come. Returns how the child failed: the signal's name,
// a time-out, its exit code, with what it could still say about it; empty when it came to its end. timeoutSeconds 0: no limit.
std::string runInChild(const std::function<void(const ToParent&)>& body, const OnLine& onLine, int timeoutSeconds);

// What this process is about, for the note that it leaves when it crashes or is stopped for taking too long. Cheap.
void sayDoing(const std::string& activity);

// Tag of a line that says what a crashing child was about; it becomes part of the failure.
inline constexpr std::string_view kNote = "note";

// Called by the handler of a segmentation fault with the address; writes notes to the descriptor.
using ExplainFault = void (*)(const void* address, int fd);
void setExplainFault(ExplainFault explain);

}  // namespace tenon::check
