#pragma once

#include <string>

namespace kovet::cli {

/// Parses the command line and runs the chosen command; returns the exit code.
int run(int argc, const char* const* argv);

/// How to end where a command can do nothing more, for the last catch and the handlers of signals.
struct Ending {
  int code = 2;  ///< exit code: no command may leave with one that means an answer
  std::string
      report;  ///< for standard output; empty unless a format for programs was asked for there
};
Ending ending_after(const char* message, int argc, const char* const* argv);

}  // namespace kovet::cli
