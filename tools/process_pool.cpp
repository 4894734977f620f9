#include "process_pool.h"

#include <tenon/error.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <map>
#include <vector>

namespace tenon::cli {

namespace {
using Clock = std::chrono::steady_clock;

struct Child {
    pid_t pid = -1;
    int pipe = -1;
    std::size_t job = 0;
    Clock::time_point deadline;
    bool killed = false;
    std::string output{};
};

void writeAll(int pipe, const std::string& text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const ssize_t n = write(pipe, text.data() + at, text.size() - at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) _exit(3);
        at += static_cast<std::size_t>(n);
    }
}

class Pool {
public:
    Pool(std::size_t count, const PoolOptions& options, const std::function<void(std::size_t, const Emit&)>& job,
         const std::function<void(std::size_t, const JobOutcome&)>& done)
        : count_(count), options_(options), job_(job), done_(done) {}

    ~Pool() {
        for (const Child& c : children_) {
            kill(c.pid, SIGKILL);
            waitpid(c.pid, nullptr, 0);
            close(c.pipe);
        }
    }

    void run() {
        while (reported_ < count_) {
            while (children_.size() < std::max<std::size_t>(options_.jobs, 1) && next_ < count_)
                start();
            waitForOutput();
            report();
        }
    }

private:
    void start() {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0)
            throw Error(ErrorCode::internal, std::string("cannot make a pipe: ") + std::strerror(errno));
        const auto limit = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.timeoutSeconds));
        const pid_t parent = getpid();
        std::fflush(nullptr);
        const pid_t pid = fork();
        if (pid < 0) {
            close(ends[0]);
            close(ends[1]);
            throw Error(ErrorCode::internal, std::string("cannot start a process: ") + std::strerror(errno));
        }
        if (pid == 0) {
            close(ends[0]);
            runChild(ends[1], parent);
        }
        close(ends[1]);
        children_.push_back({pid, ends[0], next_++, Clock::now() + limit});
    }

    [[noreturn]] void runChild(int pipe, pid_t parent) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(3);
        const rlimit noCore{0, 0};
        setrlimit(RLIMIT_CORE, &noCore);
        int code = 0;
        try {
            job_(next_, [pipe](const std::string& text) { writeAll(pipe, text); });
        } catch (...) {
            code = 3;
        }
        _exit(code);
    }

    // Waits until a child says something, ends, or runs out of time.
    void waitForOutput() {
        std::vector<pollfd> polled;
        auto nearest = Clock::time_point::max();
        for (const Child& c : children_) {
            polled.push_back({c.pipe, POLLIN, 0});
            if (!c.killed) nearest = std::min(nearest, c.deadline);
        }
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(nearest - Clock::now()).count() + 1;
        if (poll(polled.data(), polled.size(), static_cast<int>(std::clamp<long>(left, 0, 1000))) < 0 && errno != EINTR)
            throw Error(ErrorCode::internal, std::string("poll: ") + std::strerror(errno));
        for (std::size_t i = polled.size(); i-- > 0;) {
            Child& c = children_[i];
            if (!c.killed && Clock::now() > c.deadline) {
                kill(c.pid, SIGKILL);
                c.killed = true;
            }
            if (polled[i].revents != 0 && isAtEnd(c)) finish(i);
        }
    }

    static bool isAtEnd(Child& c) {
        char buffer[4096];
        const ssize_t n = read(c.pipe, buffer, sizeof buffer);
        if (n > 0) c.output.append(buffer, static_cast<std::size_t>(n));
        return n == 0 || (n < 0 && errno != EINTR);
    }

    void finish(std::size_t i) {
        Child c = std::move(children_[i]);
        children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(i));
        close(c.pipe);
        int status = 0;
        while (waitpid(c.pid, &status, 0) < 0 && errno == EINTR) {
        }
        JobOutcome outcome{std::move(c.output), ""};
        if (c.killed) outcome.death = fmt::format("timed out after {:g} s", options_.timeoutSeconds);
        else if (WIFSIGNALED(status)) outcome.death = std::string("crashed with SIG") + sigabbrev_np(WTERMSIG(status));
        else if (WEXITSTATUS(status) != 0) outcome.death = fmt::format("ended with exit code {}", WEXITSTATUS(status));
        finished_.emplace(c.job, std::move(outcome));
    }

    void report() {
        for (auto it = finished_.find(reported_); it != finished_.end(); it = finished_.find(reported_)) {
            done_(reported_, it->second);
            finished_.erase(it);
            ++reported_;
        }
    }

    std::size_t count_;
    PoolOptions options_;
    const std::function<void(std::size_t, const Emit&)>& job_;
    const std::function<void(std::size_t, const JobOutcome&)>& done_;
    std::size_t next_ = 0, reported_ = 0;
    std::vector<Child> children_;
    std::map<std::size_t, JobOutcome> finished_;
};
}  // namespace

void runIsolated(std::size_t count, const PoolOptions& options, const std::function<void(std::size_t, const Emit&)>& job,
                 const std::function<void(std::size_t, const JobOutcome&)>& done) {
    Pool(count, options, job, done).run();
}

}  // namespace tenon::cli
