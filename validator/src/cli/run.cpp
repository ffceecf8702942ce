#include "cli/run.h"

#include "cli/command.h"

namespace kovet::cli {

namespace {

/// CLI11 says only that a command is required; a misspelt one deserves its name in the message.
bool names_no_command(const CLI::App& app, int argc, const char* const* argv) {
  if (argc < 2 || argv[1][0] == '-') return false;
  for (const CLI::App* command : app.get_subcommands({}))
    if (command->get_name() == argv[1]) return false;
  return true;
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
    complain({argv[1], "there is no such command", "kovet --help lists them"});
    return exit_input;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (app.exit(error) == 0) return exit_clean;
    return app.got_subcommand("signature") ? int{exit_signature_error} : int{exit_input};
  }
  return action ? action() : exit_input;
}

}  // namespace kovet::cli
