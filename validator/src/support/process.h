#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/error.h"

namespace kovet {

/// A program to run, without a shell. Standard input is /dev/null; no descriptor but the three
/// standard ones is inherited; the program leads a process group of its own.
struct ProcessRequest {
  std::string program;                 ///< a path, or a name that is looked up in PATH
  std::vector<std::string> arguments;  ///< without argv[0]
  std::filesystem::path directory;     ///< where it runs; empty: here
  /// Set over what is inherited; a value of "" sets an empty variable.
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<std::string> without;                            ///< variables that are not inherited
  std::chrono::milliseconds timeout{std::chrono::minutes{1}};  ///< then its group is killed
  /// The same after standard output was silent that long; asked at the start and whenever output
  /// came. Unset, or 0: silence is no reason.
  std::function<std::chrono::milliseconds()> idle_timeout;
  std::size_t capture_limit = std::size_t{16}
                              << 20;  ///< bytes kept per stream; the rest is dropped
  /// Sees each piece of standard output as it arrives (also what is no longer kept); returning
  /// false kills the group: ProcessOutcome::stopped.
  std::function<bool(std::string_view)> on_output;
  std::function<void(std::string_view)> on_error_output;  ///< sees standard error likewise
};

/// How a program ended. Exactly one of exit_code, signal is set, unless it was killed from here.
struct ProcessOutcome {
  int exit_code = -1;      ///< -1: it did not exit by itself
  int signal = 0;          ///< that ended it
  bool timed_out = false;  ///< killed by timeout or idle_timeout
  bool stopped = false;    ///< killed because on_output said so
  int interrupted = 0;     ///< killed because this signal came in while an InterruptScope lives
  bool truncated = false;  ///< more output than capture_limit
  std::string out, err;
  std::chrono::milliseconds elapsed{0};

  bool ok() const { return exit_code == 0 && !timed_out && !stopped && interrupted == 0; }
};

/// Runs a program to its end. Errors: not found, not executable, the folder is missing, no more
/// processes. An exit code other than 0 is an outcome, not an error. Safe to call from threads.
Result<ProcessOutcome> run_process(const ProcessRequest& request);

/// Looks a name up in PATH as execvp() does; a name with a slash stands for itself.
/// Errors: none there that can be run.
Result<std::string> find_program(const std::string& name);

}  // namespace kovet
