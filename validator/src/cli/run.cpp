#include "cli/run.h"

#include <iostream>

#include "cli/command.h"

namespace kovet::cli {

int run(int argc, const char* const* argv) {
  CLI::App app{"Says what a Linux kernel will answer to a module, and why.", "kovet"};
  app.set_version_flag("--version", "kovet " KOVET_VERSION);
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "help for all commands");
  Action action;
  add_host(app, action);
  add_signature(app, action);
  add_sign(app, action);
  add_check(app, action);
  add_info(app, action);
  add_rules(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (app.exit(error) == 0) return exit_clean;
    return app.got_subcommand("signature") ? int{exit_signature_error} : int{exit_input};
  }
  return action ? action() : exit_input;
}

}  // namespace kovet::cli
