#include <sys/utsname.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "cli/command.h"
#include "cli/failure.h"
#include "report/kernels_report.h"

namespace kovet::cli {

namespace {

struct Options {
  CommonOptions common;
  std::string root = "/";
};

/// No kernel at all counts as an error, incomplete headers as a warning, no headers as a note.
int exit_code(const KernelsReport& report, Severity threshold) {
  if (report.kernels.empty()) return exit_findings;
  const bool found = std::any_of(
      report.kernels.begin(), report.kernels.end(), [threshold](const KernelListing& kernel) {
        if (is_complete(kernel)) return false;
        return (kernel.build_directory.empty() ? Severity::note : Severity::warning) >= threshold;
      });
  return found ? exit_findings : exit_clean;
}

int list(const Options& options) {
  if (!text_or_json(options.common, "kernels")) return exit_input;
  std::error_code ignored;
  if (!std::filesystem::is_directory(options.root, ignored))
    return fail(options.common, "kernels",
                {options.root, "is no folder",
                 "kovet kernels --root DIR, where DIR has lib/modules or usr/src in it"});
  KernelsReport report{options.root, {}, list_kernels(options.root)};
  utsname machine{};
  if (std::filesystem::equivalent(options.root, "/", ignored) && ::uname(&machine) == 0)
    report.running = machine.release;
  return deliver(options.common,
                 options.common.format == Format::json
                     ? kernels_json(report)
                     : kernels_text(report, use_color(options.common), options.common.quiet),
                 exit_code(report, options.common.threshold));
}

}  // namespace

void add_kernels(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  auto* command =
      app.add_subcommand("kernels", "which kernels are here, and what do their headers lack?");
  command->footer(
      "A kernel leaves a trace in lib/modules, usr/src or boot; each is listed with its headers,\n"
      "modules and image. Headers that cannot build modules come with the command that completes\n"
      "them.\n"
      "\n"
      "Exit codes: 0 kernels are listed, 1 there is none (or, with --threshold warning, headers "
      "are\n"
      "incomplete; with --threshold note, headers are missing), 2 usage or input error.");
  command
      ->add_option("--root", options->root,
                   "look below DIR, such as an unpacked image (default: /)")
      ->type_name("DIR");
  add_common_options(*command, options->common);
  command->callback([&action, options] { action = [options] { return list(*options); }; });
}

}  // namespace kovet::cli
