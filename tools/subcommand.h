// The subcommands of `tenon`: each is one file with one function, and one row of the table in main.cpp.
#pragma once

#include <span>
#include <stdexcept>
#include <string>

namespace tenon::cli {

// What a subcommand returns; also the exit codes of the command.
constexpr int kOk = 0, kFailed = 1, kUsage = 2, kInterrupted = 130;

// A wrong command line: the message and the way to --help are printed.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The user pressed Ctrl-C.
class Interrupted : public std::runtime_error {
public:
    Interrupted() : std::runtime_error("interrupted; nothing was written") {}
};

using Words = std::span<char* const>;  // the words after the subcommand's name

int buildCommand(Words words);
int runCommand(Words words);
int benchCommand(Words words);
int verifyCommand(Words words);
int inspectCommand(Words words);
int pluginsCommand(Words words);
int opCommand(Words words);

}  // namespace tenon::cli
