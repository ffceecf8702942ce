#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/failure.h"
#include "module/read_module.h"
#include "report/info_report.h"

namespace kovet::cli {

namespace {

struct Options {
  CommonOptions common;
  std::vector<std::string> modules;
};

int run(const Options& options) {
  if (!text_or_json(options.common, "info")) return exit_input;
  std::vector<Module> modules;
  std::vector<Error> errors;
  for (const std::string& path : options.modules) {
    auto module = read_whole_module(path);
    if (module)
      modules.push_back(std::move(*module));
    else
      errors.push_back(module.error());
  }
  for (const Error& error : errors) complain(error);
  std::string report;
  if (options.common.format == Format::json) {
    report = info_json(modules, errors);
  } else {
    for (const Module& module : modules) report += (report.empty() ? "" : "\n") + info_text(module);
  }
  return deliver(options.common, report, errors.empty() ? exit_clean : exit_input);
}

}  // namespace

void add_info(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("info", "what is in these modules, of all that the loader reads?");
  command->add_option("modules", options->modules, "modules")->required()->type_name("M.ko");
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace kovet::cli
