#include <algorithm>
#include <filesystem>
#include <memory>

#include "check/find_modules.h"
#include "cli/command.h"
#include "cli/failure.h"
#include "kernel/read_kernel.h"
#include "module/drop_bytes.h"
#include "module/read_module.h"
#include "report/diff_report.h"

namespace kovet::cli {

namespace {

struct Options {
  CommonOptions common;
  std::vector<std::string> modules;
  std::string from, to, root = "/";
  bool strict = false;
};

int exit_code(const KernelDiff& diff, bool unreadable, const Options& options) {
  if (unreadable) return exit_input;
  const bool found =
      std::any_of(diff.changes.begin(), diff.changes.end(), [&](const KernelChange& change) {
        return severity_of(change.effort) >= options.common.threshold;
      });
  if (found) return exit_findings;
  return options.strict && !diff.unknown.empty() ? exit_undetermined : exit_clean;
}

int compare(const Options& options) {
  if (!text_or_json(options.common, "diff")) return exit_input;
  const auto files = find_modules(options.modules);
  const auto from = read_kernel(options.from, options.root);
  const auto to = read_kernel(options.to, options.root);
  std::vector<Error> errors;
  if (!files) errors.push_back(files.error());
  if (!from) errors.push_back(from.error());
  if (!to) errors.push_back(to.error());
  if (!errors.empty()) return fail(options.common, "diff", errors);
  std::vector<Module> modules;
  for (const std::string& file : *files) {
    auto module = read_whole_module(file);
    if (module) {
      drop_bytes(*module);
      modules.push_back(std::move(*module));
    } else {
      errors.push_back(module.error());
    }
  }
  for (const Error& error : errors) complain(error);
  const KernelDiff diff = diff_kernels(modules, *from, *to);
  return deliver(options.common,
                 options.common.format == Format::json
                     ? diff_json(diff, modules, *from, *to, errors)
                     : diff_text(diff, *from, *to, use_color(options.common), options.common.quiet),
                 exit_code(diff, !errors.empty(), options));
}

}  // namespace

void add_diff(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  auto* command =
      app.add_subcommand("diff", "what changed between two kernels that these modules use?");
  command->footer(
      "Compares the symbols that the modules import (gone, CRC, namespace, GPL-only, owner), "
      "vermagic,\n"
      "struct module, compiler and the options that matter to modules. A change is an error where "
      "a\n"
      "rebuild fails unless the new headers hide it, a warning where a rebuild is enough, and a "
      "note\n"
      "where nothing is to be done.\n"
      "\n"
      "  kovet diff hello.ko --from 6.1.0-56-amd64 --to 6.12.117+deb12-amd64\n"
      "\n"
      "Exit codes: 0 nothing at or above --threshold, 1 changes, 2 usage or input error, 3 "
      "something\n"
      "is not known (with --strict).");
  command->add_option("modules", options->modules, "modules, or folders of modules")
      ->required()
      ->type_name("M.ko");
  command->add_option("--from", options->from, "the kernel that the modules are made for")
      ->required()
      ->type_name("K1");
  command->add_option("--to", options->to, "the kernel they are to be used with")
      ->required()
      ->type_name("K2");
  command->add_option("--root", options->root, "look releases up below this folder (default: /)")
      ->type_name("DIR");
  command->add_flag("--strict", options->strict, "exit with 3 when something is not known");
  add_common_options(*command, options->common);
  command->callback([&action, options] { action = [options] { return compare(*options); }; });
}

}  // namespace kovet::cli
