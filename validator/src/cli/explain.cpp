#include <fmt/format.h>

#include <memory>

#include "cli/assume.h"
#include "cli/command.h"
#include "cli/failure.h"
#include "explain/answer.h"

namespace kovet::cli {

namespace {

struct Options {
  CommonOptions common;
  explain::Request request;
  std::vector<std::string> assume;
};

int run(Options& options) {
  if (const auto assumed = parse_assumptions(options.assume, options.request.assumptions); !assumed)
    return fail(options.common, "explain", assumed.error());
  const auto report = explain::answer(options.request);
  if (!report) return fail(options.common, "explain", report.error());
  const Format format = options.common.format;
  const std::string text =
      format == Format::json ? explain::explain_json(*report)
      : format == Format::text
          ? explain::explain_text(*report, use_color(options.common), options.common.quiet)
          : annotated(options.common, explain::annotations_of(*report));
  return deliver(
      options.common, text,
      explain::has_findings(*report, options.common.threshold) ? exit_findings : exit_clean);
}

}  // namespace

void add_explain(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "explain", "what does this log, message or errno mean, and what is the cause here?");
  command->footer(
      "LOG is a kernel log as dmesg, journalctl, /dev/kmsg or a serial console give it, the output "
      "of\n"
      "insmod, modprobe or depmod, one such line in quotes, or an errno: ENOEXEC, -8, \"Invalid "
      "module\n"
      "format\". With --module and --kernel the check behind a message is run on them, and the "
      "answer\n"
      "is proven instead of guessed.\n\n"
      "In --format sarif, junit and github each explained line is a remark at its file and line; "
      "an\n"
      "errno alone has none.\n\n"
      "Exit codes: 0 nothing at or above the threshold, and every question about an errno alone;\n"
      "1 a module was refused or its init failed (--threshold warning: or there is a warning, or "
      "a\n"
      "line that leaves open whether it was refused), or the named kernel rejects the named "
      "module;\n"
      "2 an input cannot be read.");
  command
      ->add_option("log", options->request.input,
                   "a file, - for standard input, a message, or an errno. Default: standard input, "
                   "or on a terminal this machine's /dev/kmsg")
      ->type_name("LOG");
  // "-ENOEXEC", as sources write it, reads like an option -E with the value NOEXEC.
  command
      ->add_option_function<std::string>(
          "-E", [options](const std::string& rest) { options->request.input = "E" + rest; })
      ->group("");
  // "-bash: insmod: command not found", "-sh: insmod: not found", as login shells begin their
  // messages.
  for (const char* start : {"-b", "-s"})
    command
        ->add_option_function<std::string>(
            start,
            [options, start](const std::string& rest) { options->request.input = start + rest; })
        ->group("");
  command->add_option("--module,-m", options->request.module, "the module that does not load")
      ->type_name("M.ko");
  command
      ->add_option("--kernel,-k", options->request.kernel,
                   "the kernel it is for: a release, a build directory, a lib/modules/R, or a "
                   "Module.symvers")
      ->type_name("K");
  command
      ->add_option("--symbols", options->request.symbols,
                   "a modules.symbols, to name who exports a symbol, when only that is at hand")
      ->type_name("FILE");
  command->add_option("--root", options->request.root, "look releases up below this folder")
      ->type_name("DIR");
  add_assume_option(*command, options->assume);
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace kovet::cli
