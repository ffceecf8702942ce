#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "module/read_module.h"
#include "report/info_report.h"

namespace kovet::cli {

namespace {

struct Options {
  CommonOptions common;
  std::vector<std::string> modules;
};

int run(const Options& options) {
  std::vector<Module> modules;
  std::vector<Error> errors;
  for (const std::string& path : options.modules) {
    auto module = read_module(std::filesystem::path(path));
    if (!module) {
      errors.push_back(module.error());
    } else if (!module->header || !module->header->magic_ok) {
      errors.push_back({path, "not an ELF file, so no kernel module",
                        "name a .ko, .ko.gz, .ko.xz or .ko.zst"});
    } else if (module->sections.empty()) {
      errors.push_back({path, "the section table does not lie in the file: it was cut short",
                        "build or copy the module again"});
    } else {
      modules.push_back(std::move(*module));
    }
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
