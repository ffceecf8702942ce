#include "vm/boot_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "gates/verdict.h"
#include "report/errors_json.h"

namespace kovet::vm {

namespace {

using Json = nlohmann::ordered_json;

std::string error_words(int error) {
  return fmt::format("{} ({})", errno_name(error), std::strerror(error));
}

std::string load_words(const LoadOutcome& outcome) {
  switch (outcome.state) {
    case LoadState::loaded:
      return fmt::format("loaded{}", outcome.taints.empty() ? "" : " (" + outcome.taints + ")");
    case LoadState::refused:
      return "refused by the loader: " + error_words(outcome.error);
    case LoadState::init_failed:
      return "its init failed: " + error_words(outcome.error);
    case LoadState::died:
      return outcome.init_called ? "the kernel died in its init"
                                 : "the kernel died while it was loaded";
    case LoadState::hung:
      return outcome.init_called ? "its init did not return" : "loading did not end";
  }
  return "";
}

std::string unload_words(const LoadOutcome& outcome) {
  switch (outcome.unload) {
    case UnloadState::none:
      return outcome.state == LoadState::loaded ? ", unloading was not tried" : "";
    case UnloadState::clean:
      return ", unloads";
    case UnloadState::failed:
      if (outcome.permanent) return ", does not unload: it has no exit function";
      return fmt::format(", does not unload: {}{}", error_words(outcome.unload_error),
                         outcome.unload_error == EAGAIN ? ", it is in use" : "");
    case UnloadState::died:
      return ", the kernel died when it was unloaded";
    case UnloadState::hung:
      return ", unloading did not end";
  }
  return "";
}

std::string predicted_words(const Prediction& prediction) {
  const Verdict& verdict = prediction.verdict;
  if (verdict.answer == Answer::reject)
    return fmt::format("reject, {}{}{}", errno_name(verdict.error),
                       !verdict.log_known    ? ", lines not known"
                       : verdict.log.empty() ? ", nothing logged"
                                             : ": ",
                       fmt::join(verdict.log, "; "));
  if (verdict.answer == Answer::accept)
    return fmt::format("no rejection found, taints ({})", prediction.taints.letters);
  return "unknown";
}

void add_lines(std::string& text, const std::vector<std::string>& lines) {
  for (const auto& line : lines) text += "    | " + line + "\n";
}

std::string summary(const VmReport& vm) {
  const auto count = [&](LoadState state) {
    return std::ranges::count(vm.outcomes, state, &LoadOutcome::state);
  };
  std::chrono::milliseconds elapsed{0};
  for (const auto& boot : vm.boots) elapsed += boot.elapsed;
  std::string text =
      fmt::format("{} modules: {} loaded", vm.outcomes.size(), count(LoadState::loaded));
  for (const auto state :
       {LoadState::refused, LoadState::init_failed, LoadState::died, LoadState::hung})
    if (const auto number = count(state); number > 0) {
      std::string word(to_string(state));
      std::ranges::replace(word, '_', ' ');
      text += fmt::format(", {} {}", number, word);
    }
  return text +
         fmt::format("; {} boot{} of {} ({}), {:.1f} s\n", vm.boots.size(),
                     vm.boots.size() == 1 ? "" : "s",
                     vm.boots.empty() ? "nothing" : vm.boots.back().release,
                     vm.boots.empty() ? "" : to_string(vm.boots.back().accelerator),
                     static_cast<double>(elapsed.count()) / 1000) +
         (vm.kvm_given_up
              ? "KVM is there, but no kernel came up under it: --accel tcg does not try it\n"
              : "");
}

Json prediction_json(const Prediction& prediction, const LoadOutcome& outcome) {
  const Verdict& verdict = prediction.verdict;
  const auto comparison = compare(prediction, outcome, false);
  return {{"verdict", to_string(verdict.answer)},
          {"errno", verdict.error ? Json(errno_name(verdict.error)) : Json()},
          {"log", verdict.log},
          {"log_known", verdict.log_known},
          {"taints", prediction.taints.letters},
          {"agreement", to_string(comparison.agreement)},
          {"detail", comparison.detail}};
}

Json outcome_json(const LoadOutcome& outcome) {
  return {{"module", outcome.file},
          {"name", outcome.name.empty() ? Json() : Json(outcome.name)},
          {"result", to_string(outcome.state)},
          {"errno", outcome.error ? Json(errno_name(outcome.error)) : Json()},
          {"log", outcome.log},
          {"lines_left_out", outcome.lines_left_out},
          {"init_called", outcome.init_called},
          {"taints", outcome.taints},
          {"warned", outcome.warned},
          {"oopsed", outcome.oopsed},
          {"permanent", outcome.permanent},
          {"unload",
           {{"result", to_string(outcome.unload)},
            {"errno", outcome.unload_error ? Json(errno_name(outcome.unload_error)) : Json()},
            {"log", outcome.unload_log}}},
          {"dependencies", outcome.dependencies},
          {"missing_dependencies", outcome.missing_dependencies},
          {"boot", outcome.boot}};
}

}  // namespace

bool is_fine(const LoadOutcome& outcome) {
  if (outcome.state != LoadState::loaded || outcome.warned || outcome.oopsed) return false;
  return outcome.unload == UnloadState::clean || outcome.unload == UnloadState::none ||
         (outcome.unload == UnloadState::failed && outcome.permanent);
}

std::string boot_text(const BootReport& report, bool quiet) {
  std::string text;
  for (std::size_t i = 0; i < report.vm.outcomes.size(); ++i) {
    const LoadOutcome& outcome = report.vm.outcomes[i];
    if (quiet && is_fine(outcome)) continue;
    text += outcome.file + "\n  " + load_words(outcome) + unload_words(outcome) + "\n";
    if (!outcome.dependencies.empty())
      text += fmt::format("  after {} of the kernel's own modules\n", outcome.dependencies.size());
    if (!outcome.missing_dependencies.empty())
      text += fmt::format("  without what it depends on: {}\n",
                          fmt::join(outcome.missing_dependencies, ", "));
    add_lines(text, outcome.log);
    if (!outcome.unload_log.empty()) text += "  while it was unloaded:\n";
    add_lines(text, outcome.unload_log);
    if (outcome.lines_left_out > 0)
      text += fmt::format("  {} more lines are left out\n", outcome.lines_left_out);
    if (outcome.oopsed)
      text += "  the kernel oopsed\n";
    else if (outcome.warned)
      text += "  the kernel warned\n";
    if (i < report.predictions.size() && report.predictions[i]) {
      const auto comparison = compare(*report.predictions[i], outcome, false);
      text += fmt::format("  predicted: {}\n  {}{}{}\n", predicted_words(*report.predictions[i]),
                          to_string(comparison.agreement), comparison.detail.empty() ? "" : ": ",
                          comparison.detail);
    }
  }
  for (const auto& boot : report.vm.boots) {
    if (boot.log.empty()) continue;
    text += fmt::format("log of {}:\n", boot.release);
    add_lines(text, boot.log);
  }
  if (!quiet) text += summary(report.vm);
  return text;
}

std::string boot_json(const BootReport& report) {
  Json results = Json::array(), boots = Json::array();
  for (std::size_t i = 0; i < report.vm.outcomes.size(); ++i) {
    results.push_back(outcome_json(report.vm.outcomes[i]));
    if (i < report.predictions.size() && report.predictions[i])
      results.back()["prediction"] = prediction_json(*report.predictions[i], report.vm.outcomes[i]);
  }
  for (const auto& boot : report.vm.boots) {
    boots.push_back({{"release", boot.release},
                     {"accelerator", to_string(boot.accelerator)},
                     {"milliseconds", boot.elapsed.count()},
                     {"end", boot.end.empty() ? Json() : Json(boot.end)}});
    if (!boot.log.empty()) boots.back()["log"] = boot.log;
  }
  const Json document{{"schema", "kovet.boot/1"},
                      {"kovet", KOVET_VERSION},
                      {"kernel", {{"spec", report.kernel}, {"image", report.image}}},
                      {"boots", std::move(boots)},
                      {"results", std::move(results)},
                      {"errors", errors_json(report.errors)}};
  // What a module prints need not be UTF-8.
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace kovet::vm
