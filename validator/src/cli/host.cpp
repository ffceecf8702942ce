#include "host/host.h"

#include <algorithm>
#include <memory>

#include "cli/command.h"
#include "cli/failure.h"

namespace kovet::cli {

namespace {

struct Options {
  CommonOptions common;
  HostQuestion question;
  bool strict = false;
};

int exit_code(const HostReport& report, const Options& options) {
  const bool objection = std::any_of(
      report.findings.begin(), report.findings.end(),
      [&](const HostFinding& finding) { return finding.severity >= options.common.threshold; });
  if (objection) return exit_findings;
  return options.strict && report.answer == HostAnswer::command_decides ? exit_undetermined
                                                                        : exit_clean;
}

int ask(const Options& options) {
  const auto report = ask_host(options.question);
  if (!report) return fail(options.common, "host", report.error());
  const Format format = options.common.format;
  const std::string text = format == Format::json ? host_json(*report)
                           : format == Format::text
                               ? host_text(*report, use_color(options.common), options.common.quiet)
                               : annotated(options.common, host_annotations(*report));
  return deliver(options.common, text, exit_code(*report, options));
}

}  // namespace

void add_host(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "host", "what would modprobe do with a module on a machine, and which line decides it?");
  command->footer(
      "Reads the module folder, its indexes, modprobe.d, depmod.d, modules-load.d, the kernel\n"
      "command line and the initramfs; changes nothing, runs nothing, needs no root. The answer "
      "is\n"
      "libkmod's, as modprobe would act: would load, blocked by FILE:LINE, shadowed by FILE, or "
      "not\n"
      "found.\n"
      "\n"
      "  kovet host e1000e\n"
      "  kovet host build/hello.ko --release 6.12.117+deb12-amd64\n"
      "  kovet host hello --root /mnt/image --cmdline 'modprobe.blacklist=hello quiet'\n"
      "\n"
      "In --format sarif, junit and github each finding is a remark at its file and line.\n"
      "\n"
      "A blacklist line does not stop 'modprobe NAME' nor a dependency: it stops aliases, devices\n"
      "and modules-load.d. 'install NAME /bin/false' stops modprobe, not insmod. "
      "module_blacklist=\n"
      "on the kernel command line stops both.\n"
      "\n"
      "Exit codes: 0 it would load (or is there already), 1 findings at or above --threshold, 2\n"
      "usage or input error, 3 only running an install command would tell, or what\n"
      "cannot be read (with --strict).");
  command
      ->add_option("module", options->question.subject, "a module's name, an alias, or a .ko file")
      ->required()
      ->type_name("NAME|M.ko");
  command
      ->add_option("--root", options->question.root,
                   "look at the machine whose files lie below DIR (default: /)")
      ->type_name("DIR");
  command
      ->add_option("--release", options->question.release,
                   "the kernel (default: the running one, else the only one there)")
      ->type_name("R");
  command
      ->add_option_function<std::string>(
          "--cmdline", [options](const std::string& text) { options->question.cmdline = text; },
          "the kernel command line it boots with (default: DIR/proc/cmdline, if there)")
      ->type_name("TEXT");
  command->add_flag("--strict", options->strict, "exit with 3 when the answer is unknown");
  add_common_options(*command, options->common);
  command->callback([&action, options] { action = [options] { return ask(*options); }; });
}

}  // namespace kovet::cli
