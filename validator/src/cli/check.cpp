#include <fmt/format.h>

#include <memory>

#include "check/parameters.h"
#include "check/provenance.h"
#include "check/run_check.h"
#include "cli/assume.h"
#include "cli/command.h"
#include "cli/failure.h"

namespace kovet::cli {

namespace {

struct Options {
  CommonOptions common;
  CheckRequest request;
  std::vector<std::string> assume, parameters, provenance;
  std::string policy = "build";
  bool strict = false;
};

std::string render(const CheckReport& report, const CommonOptions& options) {
  switch (options.format) {
    case Format::json:
      return check_json(report);
    case Format::sarif:
      return check_sarif(report);
    case Format::junit:
      return check_junit(report);
    case Format::github:
      return check_github(report);
    case Format::text:
      break;
  }
  return check_text(report, {use_color(options), options.quiet});
}

int exit_code(const CheckReport& report, bool strict) {
  if (!report.failures.empty()) return exit_input;
  bool undetermined = false;
  for (const CheckResult& result : report.results) {
    if (count_findings(result.findings, report.threshold) != 0) return exit_findings;
    if (result.verdict.answer == Answer::unknown) undetermined = true;
  }
  return strict && undetermined ? exit_undetermined : exit_clean;
}

/// What stands in the way of any verdict; in the formats for programs a report that holds only
/// that.
int fail(const Options& options, const Error& error) {
  complain(error);
  if (options.common.format == Format::text) return exit_input;
  CheckReport report;
  report.failures.push_back({error});
  report.assumptions = options.request.assumptions;
  report.policy = options.request.policy;
  report.threshold = options.request.threshold;
  return deliver(options.common, render(report, options.common), exit_input);
}

int run(Options& options) {
  options.request.policy = options.policy == "load" ? Policy::load : Policy::build;
  options.request.threshold = options.common.threshold;
  options.request.jobs = options.common.jobs;
  options.request.digests = !options.provenance.empty();
  if (const auto assumed = parse_assumptions(options.assume, options.request.assumptions); !assumed)
    return fail(options, assumed.error());
  auto outcome = run_check(options.request);
  if (!outcome) return fail(options, outcome.error());
  if (const auto held = apply_parameters(options.parameters, outcome->report); !held)
    return fail(options, held.error());
  for (const std::string& file : options.provenance) {
    const auto provenance = read_provenance(file);
    if (!provenance) return fail(options, provenance.error());
    apply_provenance(*provenance, outcome->report);
  }
  for (const CheckFailure& failure : outcome->report.failures) complain(failure.error);
  return deliver(options.common, render(outcome->report, options.common),
                 exit_code(outcome->report, options.strict));
}

}  // namespace

std::string check_failure(const CommonOptions& options, const Error& error) {
  CheckReport report;
  report.failures.push_back({error});
  return render(report, options);
}

void add_check(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "check", "would this kernel accept these modules, and are they what a build must guarantee?");
  command->add_option("modules", options->request.modules, "modules, or folders of modules")
      ->required()
      ->type_name("M.ko");
  command
      ->add_option(
          "--kernel,-k", options->request.kernels,
          "a release, a build directory, a lib/modules/R, or a Module.symvers; may repeat. "
          "Default: the running kernel if its headers are here, else the only one")
      ->type_name("K")
      ->allow_extra_args(false);
  command
      ->add_option("--symvers", options->request.symvers,
                   "Module.symvers of a further module that is loaded before; may repeat")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command
      ->add_option("--own-symvers", options->request.own_symvers,
                   "symvers file that these modules were published with, to agree with what they "
                   "export; default: the Module.symvers beside each")
      ->type_name("FILE");
  command
      ->add_option("--only", options->request.only,
                   "report findings of this rule alone (kovet rules lists them); may repeat")
      ->type_name("RULE")
      ->allow_extra_args(false);
  command
      ->add_option("--policy", options->policy,
                   "build (default): what a build for exactly this kernel must guarantee; load: "
                   "what the kernel asks")
      ->check(CLI::IsMember({"build", "load"}).description(""))
      ->type_name("WORD");
  command->add_option("--waivers", options->request.waivers, "file of findings that are tolerated")
      ->type_name("FILE");
  command
      ->add_option("--param", options->parameters,
                   "MODULE:PARAMETER=VALUE: must be a parameter that the module has, and a value "
                   "it takes; may repeat")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  command
      ->add_option("--provenance", options->provenance,
                   "report beside a package (.provenance.json): must be about these modules and "
                   "kernels; may repeat")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command->add_option("--root", options->request.root, "look releases up below this folder")
      ->type_name("DIR");
  add_assume_option(*command, options->assume);
  command->add_flag("--strict", options->strict,
                    "exit with 3 when nothing was found but a gate could not be evaluated");
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace kovet::cli
