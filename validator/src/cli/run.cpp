#include "cli/run.h"

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/failure.h"
#include "report/errors_json.h"

namespace kovet::cli {

namespace {

/// CLI11 says only that a command is required; a misspelt one deserves its name in the message.
bool names_no_command(const CLI::App& app, int argc, const char* const* argv) {
  if (argc < 2 || argv[1][0] == '-') return false;
  for (const CLI::App* command : app.get_subcommands({}))
    if (command->get_name() == argv[1]) return false;
  return true;
}

std::string_view command_of(int argc, const char* const* argv) {
  return argc > 1 && argv[1][0] != '-' ? argv[1] : "";
}

std::string failure_report(const CommonOptions& options, std::string_view command,
                           const Error& error) {
  if (options.format == Format::text) return {};
  if (command == "check") return check_failure(options, error);
  return failures_for_programs(options, command, {&error, 1});
}

/// What is wrong with the command line is on standard error already; here for programs.
int usage_error(std::string_view command, const Error& error, int argc, const char* const* argv) {
  const int code = failure_code(command);
  const CommonOptions options = asked_for(command, {argv, static_cast<std::size_t>(argc)});
  const std::string report = failure_report(options, command, error);
  if (!report.empty()) deliver(options, report, code);
  return code;
}

}  // namespace

void add_commands(CLI::App& app, Action& action) {
  app.name("kovet");
  app.description("Says what a Linux kernel will answer to a module, and why.");
  app.set_version_flag("--version", "kovet " KOVET_VERSION);
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "help for all commands");
  add_host(app, action);
  add_signature(app, action);
  add_sign(app, action);
  add_check(app, action);
  add_info(app, action);
  add_matrix(app, action);
  add_diff(app, action);
  add_kernels(app, action);
  add_rules(app, action);
  add_explain(app, action);
  add_taint(app, action);
  add_boot(app, action);
}

int run(int argc, const char* const* argv) {
  CLI::App app;
  Action action;
  add_commands(app, action);
  if (names_no_command(app, argc, argv)) {
    const Error error{argv[1], "there is no such command", "kovet --help lists them"};
    complain(error);
    return usage_error("", error, argc, argv);
  }
  const std::string_view command = command_of(argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (app.exit(error) == 0) return deliver({}, "", exit_clean);  // help: can it be written?
    const std::string name = command.empty() ? "kovet" : fmt::format("kovet {}", command);
    return usage_error(command, {name, error.what(), name + " --help"}, argc, argv);
  }
  return action ? action() : exit_input;
}

Ending ending_after(const char* message, int argc, const char* const* argv) {
  const std::string_view command = command_of(argc, argv);
  CommonOptions options = asked_for(command, {argv, static_cast<std::size_t>(argc)});
  if (!options.output.empty() && options.output != "-") options.format = Format::text;
  return {failure_code(command), failure_report(options, command, {"kovet", message, ""})};
}

}  // namespace kovet::cli
