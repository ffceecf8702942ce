#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <iosfwd>
#include <string>

#include "rules/finding.h"

// Commands parse, call the library, and hand the outcome to report/. One file per command.

namespace kovet::cli {

/// Exit codes, the same in every format.
enum ExitCode : int { exit_clean = 0, exit_findings = 1, exit_input = 2, exit_undetermined = 3 };
/// `kovet signature` alone: 0 good, 1 bad, 2 no certificate matches, 3 unsigned, and this.
enum SignatureExitCode : int { exit_signature_error = 4 };

enum class Format : std::uint8_t { text, json, sarif, junit, github };
enum class Color : std::uint8_t { automatic, always, never };

/// Options every command takes.
struct CommonOptions {
  Format format = Format::text;
  std::string output;                    ///< --output; empty: standard output
  Severity threshold = Severity::error;  ///< --threshold
  Color color = Color::automatic;
  bool quiet = false;
  unsigned jobs = 0;  ///< 0: as many as there are processors
};

/// Adds --format, --output, --threshold, --color, --quiet and --jobs to a command.
void add_common_options(CLI::App& command, CommonOptions& options);
/// All of these but --output, for `kovet sign`: what it writes there is a module.
void add_common_options_but_output(CLI::App& command, CommonOptions& options);

/// What main runs after parsing; returns the exit code.
using Action = std::function<int()>;

/// Writes a finished report to --output (whole or not at all) or to standard output.
/// Returns `code`, or exit_input when the output cannot be written.
int deliver(const CommonOptions& options, const std::string& report, int code);

/// Whether text output may use colour: --color, else a terminal and no NO_COLOR.
bool use_color(const CommonOptions& options);

/// Prints "kovet: ..." to standard error.
void complain(const Error& error);

/// Names the program and adds all commands and their options.
void add_commands(CLI::App& app, Action& action);

// Each adds its subcommand to `app`; `action` is set when the user chose it.
void add_check(CLI::App& app, Action& action);
void add_info(CLI::App& app, Action& action);
void add_kernels(CLI::App& app, Action& action);
void add_rules(CLI::App& app, Action& action);
void add_matrix(CLI::App& app, Action& action);
void add_diff(CLI::App& app, Action& action);
void add_boot(CLI::App& app, Action& action);
void add_explain(CLI::App& app, Action& action);
void add_host(CLI::App& app, Action& action);
void add_taint(CLI::App& app, Action& action);
void add_signature(CLI::App& app, Action& action);
void add_sign(CLI::App& app, Action& action);

}  // namespace kovet::cli
