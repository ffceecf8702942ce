#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "check/image_evidence.h"
#include "cli/assume.h"
#include "cli/command.h"
#include "cli/failure.h"
#include "explain/taint_report.h"
#include "gates/verdict.h"
#include "kernel/read_kernel.h"
#include "module/read_module.h"

namespace kovet::cli {

namespace {

namespace fs = std::filesystem;

struct Options {
  CommonOptions common;
  std::vector<std::string> words;
  std::string module, kernel;
  std::string root = "/";
  std::vector<std::string> assume;
};

/// Files of /proc have no size, so they cannot be mapped.
Result<std::string> read_proc(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.good() && !in.eof()) text.clear();
  if (text.empty() && !fs::exists(file))
    return Error{
        file.string(), "is not here",
        "type the value, as cat /proc/sys/kernel/tainted prints it on the machine in question"};
  return text;
}

/// This machine's value, with the modules that have flags of their own.
Result<void> read_machine(const fs::path& root, explain::TaintReport& report) {
  const fs::path file = root / "proc/sys/kernel/tainted";
  const auto text = read_proc(file);
  if (!text) return text.error();
  auto reading = explain::read_taint(*text);
  if (!reading) return reading.error();
  if (const auto modules = read_proc(root / "proc/modules"))
    reading->modules = explain::tainted_modules(*modules);
  report.source = file.string();
  report.reading = std::move(*reading);
  return {};
}

Result<void> read_words(const std::vector<std::string>& words, explain::TaintReport& report) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  auto reading = explain::read_taint(text);
  if (!reading) return reading.error();
  report.source = text.substr(0, 120);
  report.reading = std::move(*reading);
  return {};
}

/// A file that the loader refuses before it reads .modinfo sets no flag, and what a damaged one
/// lacks says nothing of the module that it was.
Result<void> is_whole(const Module& module, const Verdict& verdict) {
  if (!module.header || !module.header->magic_ok)
    return Error{module.path, "not an ELF file, so no kernel module: its flags cannot be told",
                 "name a .ko, .ko.gz, .ko.xz or .ko.zst"};
  for (const auto& [gate, result] : verdict.rows)
    if ((gate->id == "elf" || gate->id == "elf-symbols") && result.status == GateStatus::fail)
      return Error{
          module.path,
          fmt::format("no kernel reads its flags, so they cannot be told: {}", result.reason),
          result.hint};
  return {};
}

/// Flags are of modules that load; one that the named kernel refuses would have to be mended first.
void note_refusal(const Verdict& verdict, TaintForecast& forecast) {
  if (verdict.answer != Answer::reject) return;
  for (const auto& [gate, result] : verdict.rows)
    if (result.status == GateStatus::fail) {
      forecast.unknown.push_back(fmt::format(
          "this kernel refuses the file as it is ({}: {}); the flags are those of a file "
          "that it takes",
          gate->id, result.reason));
      return;
    }
}

Result<void> forecast(const Options& options, explain::TaintReport& report) {
  Assumptions assumptions;
  if (const auto assumed = parse_assumptions(options.assume, assumptions); !assumed)
    return assumed.error();
  const auto module =
      read_module(fs::path(options.module), max_decompressed_size, assumptions.extent());
  if (!module) return module.error();
  Kernel kernel;
  if (!options.kernel.empty()) {
    auto read = read_kernel(options.kernel, options.root);
    if (!read) return read.error();
    kernel = std::move(*read);
    report.kernel = kernel.release ? *kernel.release : kernel.spec;
  }
  if (!kernel.arch) kernel.arch = Fact<Arch>::known(module->arch, module->path);
  const Module* const one = &*module;
  const ImageEvidence image(kernel, std::span(&one, 1));
  const auto signature = image.signature_of(*module);
  const Verdict verdict =
      judge(GateInput{*module, kernel, assumptions, {}, {}, signature, image.facts()});
  if (const auto whole = is_whole(*module, verdict); !whole) return whole.error();
  report.module = module->path;
  report.forecast = forecast_taint(*module, kernel, assumptions, signature);
  note_refusal(verdict, *report.forecast);
  return {};
}

int run(const Options& options) {
  if (!text_or_json(options.common, "taint")) return exit_input;
  explain::TaintReport report;
  Result<void> done;
  if (!options.words.empty())
    done = read_words(options.words, report);
  else if (options.module.empty())
    done = read_machine(options.root, report);
  if (done && !options.module.empty()) done = forecast(options, report);
  if (!done) return fail(options.common, "taint", done.error());
  const bool tainted = (report.reading &&
                        (report.reading->value != 0 || !report.reading->foreign_letters.empty())) ||
                       (report.forecast && !report.forecast->letters.empty());
  const bool counts = tainted && options.common.threshold <= Severity::warning;
  return deliver(options.common,
                 options.common.format == Format::json
                     ? explain::taint_json(report)
                     : explain::taint_text(report, use_color(options.common)),
                 counts ? exit_findings : exit_clean);
}

}  // namespace

void add_taint(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("taint", "what do these taint flags mean; what would this module set?");
  command->footer(
      "Without a value: this machine's flags, and the modules that have some of their own.\n\n"
      "Flags are facts and belong to no line of a file: there is no --format sarif, junit or "
      "github.\n\n"
      "Exit codes: 0; with --threshold warning 1 when a flag is set or would be; 2 an input cannot "
      "be\n"
      "read.");
  command
      ->add_option(
          "value", options->words,
          "a number (12288, 0x3000), letters (OE), or a quoted line: \"Tainted: G  OE\", of "
          "/proc/modules, or \"Modules linked in: ...\"")
      ->type_name("VALUE|LETTERS|LINE");
  command->add_option("--module,-m", options->module, "forecast the flags this module would set")
      ->type_name("M.ko");
  command
      ->add_option("--kernel,-k", options->kernel,
                   "with --module: on this kernel (a release, a build directory, ...)")
      ->type_name("K");
  command
      ->add_option("--root", options->root,
                   "read DIR/proc instead of /proc, and look releases up below DIR")
      ->type_name("DIR");
  add_assume_option(*command, options->assume);
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace kovet::cli
