#include <algorithm>
#include <array>
#include <memory>

#include "check/run_check.h"
#include "cli/assume.h"
#include "cli/command.h"
#include "cli/failure.h"
#include "report/matrix_report.h"

namespace kovet::cli {

namespace {

struct Options {
  CommonOptions common;
  CheckRequest request;
  std::vector<std::string> assume;
  std::string policy = "load";
  bool strict = false;
};

/// `--kernel A B m.ko` hands m.ko to --kernel; by its name it is a module all the same.
bool is_module_name(const std::string& word) {
  constexpr std::array<std::string_view, 4> endings{".ko", ".ko.gz", ".ko.xz", ".ko.zst"};
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return word.ends_with(ending); });
}

void move_modules(CheckRequest& request) {
  const auto first =
      std::stable_partition(request.kernels.begin(), request.kernels.end(),
                            [](const std::string& word) { return !is_module_name(word); });
  request.modules.insert(request.modules.end(), first, request.kernels.end());
  request.kernels.erase(first, request.kernels.end());
}

int exit_code(const CheckOutcome& outcome, bool strict) {
  if (!outcome.report.failures.empty()) return exit_input;
  bool undetermined = false;
  for (const CheckResult& result : outcome.report.results) {
    if (result.verdict.answer == Answer::reject ||
        count_findings(result.findings, outcome.report.threshold) != 0)
      return exit_findings;
    undetermined |= result.verdict.answer == Answer::unknown;
  }
  return strict && undetermined ? exit_undetermined : exit_clean;
}

/// What stands in the way of any verdict; in JSON a matrix that holds only that.
int fail(const Options& options, const Error& error) {
  complain(error);
  if (options.common.format != Format::json) return exit_input;
  CheckOutcome outcome;
  outcome.report.failures.push_back({error});
  outcome.report.assumptions = options.request.assumptions;
  outcome.report.policy = options.request.policy;
  return deliver(options.common, matrix_json(outcome), exit_input);
}

int run(Options& options) {
  if (!text_or_json(options.common, "matrix")) return exit_input;
  move_modules(options.request);
  if (options.request.modules.empty())
    return fail(options,
                {"kovet matrix", "no module was named", "kovet matrix M.ko --kernel K1 K2"});
  options.request.policy = options.policy == "build" ? Policy::build : Policy::load;
  options.request.threshold = options.common.threshold;
  options.request.jobs = options.common.jobs;
  if (const auto assumed = parse_assumptions(options.assume, options.request.assumptions); !assumed)
    return fail(options, assumed.error());
  const auto outcome = run_check(options.request);
  if (!outcome) return fail(options, outcome.error());
  for (const CheckFailure& failure : outcome->report.failures) complain(failure.error);
  return deliver(options.common,
                 options.common.format == Format::json
                     ? matrix_json(*outcome)
                     : matrix_text(*outcome, use_color(options.common), options.common.quiet),
                 exit_code(*outcome, options.strict));
}

}  // namespace

void add_matrix(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  auto* command =
      app.add_subcommand("matrix", "which of these kernels take which of these modules?");
  command->footer(
      "Each module and each kernel is read once. A cell is the kernel's answer: accept, the errno "
      "of\n"
      "a rejection, or unknown; below the grid stands why. 'kovet check' has the whole of one "
      "cell.\n"
      "\n"
      "  kovet matrix hello.ko --kernel 6.1.0-56-amd64 6.12.117+deb12-amd64\n"
      "\n"
      "Exit codes: 0 nothing is refused, 1 something is, 2 usage or input error, 3 something is "
      "not\n"
      "known (with --strict).");
  command->add_option("modules", options->request.modules, "modules, or folders of modules")
      ->type_name("M.ko");
  command
      ->add_option("--kernel,-k", options->request.kernels,
                   "releases, build directories, lib/modules/R folders or Module.symvers")
      ->required()
      ->type_name("K");
  command
      ->add_option("--symvers", options->request.symvers,
                   "Module.symvers of a further module that is loaded before; may repeat")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command
      ->add_option("--policy", options->policy,
                   "load (default): what the kernel asks; build: what a build for exactly that "
                   "kernel must guarantee")
      ->check(CLI::IsMember({"build", "load"}).description(""))
      ->type_name("WORD");
  command->add_option("--root", options->request.root, "look releases up below this folder")
      ->type_name("DIR");
  add_assume_option(*command, options->assume);
  command->add_flag("--strict", options->strict, "exit with 3 when something is not known");
  add_common_options(*command, options->common);
  command->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace kovet::cli
