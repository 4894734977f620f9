// The host's services, and how a library's errors travel to it.
#pragma once

#include <tenon/abi/library.h>

#include <exception>
#include <new>
#include <string>
#include <utility>

namespace tenon::sdk {

using abi::DataType;
using abi::Layout;
using abi::Status;

// Set once by the query function; hidden, so every library has its own.
inline const abi::HostServices* host = nullptr;

inline void report(Status status, const std::string& message) {
    if (host != nullptr && host->report != nullptr) host->report(status, message.c_str());
}

// What author code throws; never crosses the boundary.
class Error : public std::exception {
public:
    explicit Error(std::string message, Status status = Status::invalidArgument)
        : message_(std::move(message)), status_(status) {}
    const char* what() const noexcept override { return message_.c_str(); }
    Status status() const noexcept { return status_; }

private:
    std::string message_;
    Status status_;
};

// "This implementation does not take this layer": a reason, not a failure.
inline Error declined(std::string reason) { return Error(std::move(reason), Status::declined); }

// A call through the host failed and its message was reported already.
struct Reported {
    Status status = Status::internal;
};

// A shape rule asked for a value that is not known yet; its outputs then stay unknown.
struct Unresolved {};

// Runs author code and turns exceptions into a status.
template <class F>
Status guard(const char* who, F&& body) noexcept {
    try {
        body();
        return Status::ok;
    } catch (const Error& e) {
        report(e.status(), std::string(who) + ": " + e.what());
        return e.status();
    } catch (const Reported& e) {
        return e.status;
    } catch (const std::bad_alloc&) {
        report(Status::outOfMemory, std::string(who) + ": out of memory");
        return Status::outOfMemory;
    } catch (const std::exception& e) {
        report(Status::internal, std::string(who) + ": " + e.what());
        return Status::internal;
    } catch (...) {
        report(Status::internal, std::string(who) + ": unknown exception");
        return Status::internal;
    }
}

}  // namespace tenon::sdk
