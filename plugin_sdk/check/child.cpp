#include "child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace tenon::check {

namespace {
using Clock = std::chrono::steady_clock;

int fdForNotes = -1;
ExplainFault explainFault = nullptr;
char activity[512];  // read by a signal handler
constexpr int kNormalEnd = 0;

void noteTermination() {
    std::string what = "std::terminate";
    if (const std::exception_ptr thrown = std::current_exception()) {
        what = "an exception crosses a noexcept boundary";
        try {
            std::rethrow_exception(thrown);
        } catch (const std::exception& e) {
            what += std::string(": ") + e.what();
        } catch (...) {
            what += " (not a std::exception)";
        }
    }
    ToParent(fdForNotes).line(kNote, what);
    std::abort();
}

void onFatalSignal(int number, siginfo_t* info, void*) {
    if (activity[0] != '\0' && write(fdForNotes, "note\t", 5) == 5 && write(fdForNotes, activity, std::strlen(activity)) > 0 &&
        write(fdForNotes, "\n", 1) == 1)
        activity[0] = '\0';
    if ((number == SIGSEGV || number == SIGBUS) && explainFault != nullptr) explainFault(info->si_addr, fdForNotes);
    std::signal(number, SIG_DFL);
    std::raise(number);
}

void explainFatalSignals() {
    struct sigaction action {};
    action.sa_sigaction = onFatalSignal;
    action.sa_flags = SA_SIGINFO | static_cast<int>(SA_RESETHAND);
    for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
        sigaction(number, &action, nullptr);
}

[[noreturn]] void runBody(const std::function<void(const ToParent&)>& body, int fd) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // an interrupted harness leaves nothing behind
    setpgid(0, 0);
    explainFatalSignals();
    fdForNotes = fd;
    activity[0] = '\0';
    std::set_terminate(noteTermination);
    const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int standard : {0, 1, 2})
        dup2(nowhere, standard);
    body(ToParent(fd));
    _exit(kNormalEnd);
}

// Splits what arrives into lines.
class Lines {
public:
    explicit Lines(const OnLine& onLine) : onLine_(onLine) {}
    void add(std::string_view bytes) {
        pending_ += bytes;
        for (std::size_t end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n')) {
            const std::string line = pending_.substr(0, end);
            pending_.erase(0, end + 1);
            const std::size_t tab = std::min(line.find('\t'), line.size());
            const std::string_view tag = std::string_view(line).substr(0, tab),
                                   text = std::string_view(line).substr(std::min(tab + 1, line.size()));
            if (tag == kNote) notes += (notes.empty() ? "" : "; ") + std::string(text);
            else onLine_(tag, text);
        }
    }
    std::string notes;

private:
    const OnLine& onLine_;
    std::string pending_;
};

// Milliseconds to wait: -1 for ever, 0 when the deadline has passed.
int milliseconds(Clock::time_point deadline) {
    if (deadline == Clock::time_point::max()) return -1;
    return static_cast<int>(
        std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count()));
}

// Reads until the end of the pipe or the deadline.
void readLines(int fd, Clock::time_point deadline, Lines& lines) {
    char buffer[1 << 14];
    for (;;) {
        const int left = milliseconds(deadline);
        if (left == 0) return;
        pollfd p{fd, POLLIN, 0};
        if (poll(&p, 1, left) <= 0) continue;
        const ssize_t n = read(fd, buffer, sizeof buffer);
        if (n == 0 || (n < 0 && errno != EINTR)) return;
        if (n > 0) lines.add({buffer, static_cast<std::size_t>(n)});
    }
}

bool waitUntil(pid_t child, Clock::time_point deadline, int& status) {
    for (;;) {
        const pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child || (ended < 0 && errno != EINTR)) return true;
        if (milliseconds(deadline) == 0) return false;
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
}

// Lets the child say what it was about, then ends it and all that it started.
void stop(pid_t child, int fd, Lines& lines) {
    const auto deadline = Clock::now() + std::chrono::milliseconds(500);
    int status = 0;
    kill(child, SIGABRT);
    readLines(fd, deadline, lines);
    if (waitUntil(child, deadline, status)) return;
    kill(-child, SIGKILL);
    kill(child, SIGKILL);  // it may not have reached its own group
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
}

std::string describe(int status) {
    if (WIFSIGNALED(status))
        return "crashes: signal " + std::to_string(WTERMSIG(status)) + " (" + strsignal(WTERMSIG(status)) + ")";
    return WEXITSTATUS(status) == kNormalEnd ? "" : "ends the process: exit code " + std::to_string(WEXITSTATUS(status));
}
}  // namespace

void sayDoing(const std::string& what) {
    const std::size_t size = std::min(what.size(), sizeof activity - 1);
    std::memcpy(activity, what.data(), size);
    activity[size] = '\0';
}

void setExplainFault(ExplainFault explain) { explainFault = explain; }

void ToParent::line(std::string_view tag, std::string_view text) const {
    std::string line = std::string(tag) + '\t' + std::string(text);
    std::replace(line.begin(), line.end(), '\n', ' ');
    line += '\n';
    for (std::string_view rest = line; !rest.empty();) {
        const ssize_t n = write(fd_, rest.data(), rest.size());
        if (n < 0 && errno != EINTR) return;
        rest.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    }
}

std::string runInChild(const std::function<void(const ToParent&)>& body, const OnLine& onLine, int timeoutSeconds) {
    int pipes[2];
    if (pipe2(pipes, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    const pid_t child = fork();
    if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child == 0) {
        close(pipes[0]);
        runBody(body, pipes[1]);
    }
    close(pipes[1]);
    const auto deadline = timeoutSeconds == 0 ? Clock::time_point::max() : Clock::now() + std::chrono::seconds(timeoutSeconds);
    Lines lines(onLine);
    readLines(pipes[0], deadline, lines);
    int status = 0;
    std::string failure;
    if (waitUntil(child, deadline, status)) {
        failure = describe(status);
    } else {
        stop(child, pipes[0], lines);
        failure = "hangs: no end within " + std::to_string(timeoutSeconds) + " s";
    }
    close(pipes[0]);
    return failure.empty() || lines.notes.empty() ? failure : failure + "; " + lines.notes;
}

}  // namespace tenon::check
