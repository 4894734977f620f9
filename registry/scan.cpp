#include "scan.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "record_text.h"

extern char** environ;

namespace tenon {

namespace {
using Clock = std::chrono::steady_clock;
constexpr std::size_t kMostOutput = 64 << 20;

struct Outcome {
    std::string output;
    std::string failure;  // empty: exited with 0
    bool hangs = false;
};

// Reads until the end of the pipe, the deadline or too much.
void readAll(int fd, Clock::time_point deadline, std::string& output) {
    char buffer[1 << 14];
    while (output.size() < kMostOutput) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) return;
        pollfd p{fd, POLLIN, 0};
        if (poll(&p, 1, static_cast<int>(left)) <= 0) continue;
        const ssize_t n = read(fd, buffer, sizeof buffer);
        if (n == 0 || (n < 0 && errno != EINTR)) return;
        output.append(buffer, static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    }
}

// Waits for the child, which has closed its output or run out of time; false when it had to be killed.
bool waitUntil(pid_t child, Clock::time_point deadline, int& status) {
    for (;;) {
        const pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child || (ended < 0 && errno != EINTR)) return true;
        if (Clock::now() >= deadline) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    kill(-child, SIGKILL);  // its group: a library may have started processes of its own
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return false;
}

// Starts the helper in a process group of its own with its output going to `output`; 0 or an errno.
int start(const std::string& helper, const std::string& path, int output, pid_t& child) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    char* arguments[] = {const_cast<char*>(helper.c_str()), const_cast<char*>(path.c_str()), nullptr};
    const int error = posix_spawn(&child, helper.c_str(), &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

std::string describe(int status) {
    if (WIFSIGNALED(status)) {
        const int number = WTERMSIG(status);
        return "crashes while it is loaded: signal " + std::to_string(number) + " (" + strsignal(number) + ")";
    }
    if (WEXITSTATUS(status) != 0) return "ends the process while it is loaded: exit code " + std::to_string(WEXITSTATUS(status));
    return "";
}

Outcome run(const std::string& helper, const std::string& path, int timeoutSeconds) {
    Outcome outcome;
    int pipes[2];
    if (pipe2(pipes, O_CLOEXEC) != 0) {
        outcome.failure = std::string("the scan helper cannot be started: pipe: ") + std::strerror(errno);
        return outcome;
    }
    pid_t child = 0;
    const int error = start(helper, path, pipes[1], child);
    close(pipes[1]);
    if (error == 0) {
        const auto deadline = Clock::now() + std::chrono::seconds(timeoutSeconds);
        int status = 0;
        readAll(pipes[0], deadline, outcome.output);
        outcome.hangs = !waitUntil(child, deadline, status);
        outcome.failure = outcome.hangs ? "hangs: no answer within " + std::to_string(timeoutSeconds) + " s while it was loaded"
                                        : describe(status);
    } else {
        outcome.failure = "the scan helper " + helper + " cannot be started: " + std::strerror(error);
    }
    close(pipes[0]);
    return outcome;
}
}  // namespace

Scan scanLibrary(const std::string& path, const std::string& helper, int timeoutSeconds) {
    Scan scan;
    const Outcome outcome = run(helper, path, timeoutSeconds);
    if (outcome.failure.empty()) {
        try {
            // What a library prints while it is loaded comes before the record.
            const std::size_t begin = std::min(outcome.output.rfind("library\t"), outcome.output.size());
            scan.record = recordFromText(std::string_view(outcome.output).substr(begin));
            scan.isLasting = scan.record.refused.empty();
        } catch (const Error&) {
            scan.record = {};
            scan.record.refused = "ends the process while it is loaded: no record came from the scan helper";
        }
    } else {
        scan.record.refused = outcome.failure;
        scan.isLasting = outcome.hangs;
    }
    scan.record.path = path;
    return scan;
}

}  // namespace tenon
