#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "host/machine.h"

// From what was read to one sentence.

namespace kovet {

namespace {

using Role = HostStep::Role;

void decide(HostTarget& target, HostAnswer answer, std::string sentence,
            std::vector<Location> decided_by = {}) {
  target.answer = answer;
  target.sentence = std::move(sentence);
  target.decided_by = std::move(decided_by);
}

const HostOption* refused_option(const HostStep& step) {
  const auto bad = std::find_if(step.options.begin(), step.options.end(), [](const HostOption& o) {
    return o.fit.kind == ParameterFit::Kind::bad_value;
  });
  return bad == step.options.end() ? nullptr : &*bad;
}

/// "it" or "the dependency NAME".
std::string subject(const HostStep& step) {
  return step.role == Role::itself ? step.name : "the dependency " + step.name;
}

/// Whether this step keeps the target from loading; then the answer is decided.
bool blocks(const HostStep& step, HostTarget& target, const HostReport& report) {
  if (step.builtin) return false;
  if (!step.install.empty()) {
    const auto where = to_string(step.install_at);
    const auto line = fmt::format("install {} {}", step.name, step.install);
    switch (step.install_effect) {
      case CommandEffect::loads:
        break;
      case CommandEffect::fails:
        decide(target, HostAnswer::blocked,
               fmt::format("blocked by {}: '{}' makes modprobe fail{}", where, line,
                           step.role == Role::itself ? "" : ", and " + target.name + " needs it"),
               {step.install_at});
        return true;
      case CommandEffect::does_nothing:
        decide(target, HostAnswer::blocked,
               fmt::format("blocked by {}: '{}' loads nothing, although modprobe {}", where, line,
                           step.role == Role::itself
                               ? "reports success"
                               : "goes on: " + target.name + " then lacks its symbols"),
               {step.install_at});
        return true;
      case CommandEffect::repeats:
        decide(
            target, HostAnswer::blocked,
            fmt::format("blocked by {}: '{}' calls modprobe for the same module, which runs that "
                        "line again, without end",
                        where, line),
            {step.install_at});
        return true;
      case CommandEffect::unknown:
        if (target.answer != HostAnswer::command_decides)
          decide(
              target, HostAnswer::command_decides,
              fmt::format("decided by {}: modprobe runs '{}' instead of loading {}; what it does "
                          "was not tried",
                          where, step.install, subject(step)),
              {step.install_at});
        return false;
    }
  }
  if (step.kernel_blacklisted) {
    decide(target, HostAnswer::blocked,
           fmt::format("blocked by module_blacklist= in {}: the kernel refuses {} with EPERM, from "
                       "insmod too",
                       report.cmdline.origin, subject(step)),
           {{report.cmdline.origin, 0}});
    return true;
  }
  const bool inserts = step.install.empty() || step.install_effect == CommandEffect::loads;
  if (!step.exists && inserts && step.path.empty() && step.role == Role::itself &&
      target.alias_at.line > 0) {
    decide(target, HostAnswer::blocked,
           fmt::format("blocked by {}: 'alias {} {}' leads to {}, and there is no such module",
                       to_string(target.alias_at), target.via_alias, target.name, target.name),
           {target.alias_at});
    return true;
  }
  if (!step.exists && inserts) {
    decide(target, step.role == Role::itself ? HostAnswer::not_found : HostAnswer::blocked,
           step.path.empty() ? fmt::format("not found: {} has no file in the index", subject(step))
                             : fmt::format("{}: modules.dep names {} for {}, which is not there",
                                           step.role == Role::itself ? "not found" : "blocked",
                                           step.path, subject(step)),
           {{report.modules_dir + "/modules.dep.bin", 0}});
    return true;
  }
  if (const auto* option = inserts ? refused_option(step) : nullptr) {
    decide(target, HostAnswer::blocked,
           fmt::format("blocked by {}: the kernel refuses {} because of '{}{}{}' ({}, type {})",
                       to_string(option->at), subject(step), option->argument.name,
                       option->argument.has_value ? "=" : "", option->argument.value,
                       option->fit.note, option->fit.type),
           {option->at});
    return true;
  }
  return false;
}

std::string would_load(const HostTarget& target) {
  std::vector<std::string> before, after;
  std::set<std::string_view> named_before, named_after;
  std::string options;
  for (const auto& step : target.steps) {
    if (step.role == Role::itself)
      options = step.option_text;
    else if (const bool late = step.role == Role::softdep_after;
             !step.builtin && (late ? named_after : named_before).insert(step.name).second)
      (late ? after : before).push_back(step.name);
  }
  std::string text = "would load " + target.path;
  if (!before.empty()) text += fmt::format(", after {}", fmt::join(before, ", "));
  if (!after.empty()) text += fmt::format(", and then {}", fmt::join(after, ", "));
  if (!options.empty()) text += fmt::format(", with the options {}", options);
  return text;
}

void decide_target(HostTarget& target, const HostReport& report) {
  if (!target.loaded_state.empty())
    return decide(
        target, HostAnswer::already_loaded,
        fmt::format("already loaded ({}): modprobe {} does nothing{}", target.loaded_state,
                    target.name,
                    target.loaded_differs ? "; the file it would load is another build" : ""));
  if (target.builtin && !target.files.empty())
    return decide(target, HostAnswer::shadowed,
                  fmt::format("shadowed by the kernel itself: {} is built into {}, so modprobe "
                              "reports success and loads no file",
                              target.name, report.release),
                  {{report.modules_dir + "/modules.builtin.bin", 0}});
  if (target.builtin)
    return decide(target, HostAnswer::built_in,
                  fmt::format("built in: {} is part of kernel {}, modprobe has nothing to do",
                              target.name, report.release),
                  {{report.modules_dir + "/modules.builtin.bin", 0}});
  const auto blacklist =
      std::find_if(target.lines.begin(), target.lines.end(),
                   [](const ConfigEntry& entry) { return entry.kind == ConfigKind::blacklist; });
  if (!target.via_alias.empty() && blacklist != target.lines.end())
    return decide(
        target, HostAnswer::blocked,
        fmt::format("blocked by {}: asked for by an alias, {} is blacklisted (modprobe {} "
                    "by its name would not be)",
                    to_string(blacklist->at), target.name, target.name),
        {blacklist->at});
  if (report.cmdline.modules_disabled && !target.steps.empty())
    return decide(target, HostAnswer::blocked,
                  fmt::format("blocked by nomodule in {}: this kernel loads no modules at all",
                              report.cmdline.origin),
                  {{report.cmdline.origin, 0}});
  for (const auto& gap : target.gaps)
    if (gap.required)
      return decide(target, HostAnswer::blocked,
                    fmt::format("blocked: {} needs {}; {}", target.name, gap.name, gap.why),
                    {gap.named_at});
  if (target.steps.empty())
    return decide(target, HostAnswer::not_found,
                  fmt::format("not found: libkmod has no plan for {}", target.name));
  bool blocked = false;
  for (const auto& step : target.steps)
    if (step.required() && !blocked) blocked = blocks(step, target, report);
  if (blocked || target.answer == HostAnswer::command_decides) return;
  const auto itself = std::find_if(target.steps.begin(), target.steps.end(),
                                   [](const auto& step) { return step.role == Role::itself; });
  std::string sentence = would_load(target);
  if (itself != target.steps.end() && !itself->install.empty())
    sentence += fmt::format(", through the install command in {}", to_string(itself->install_at));
  decide(target, HostAnswer::would_load, std::move(sentence));
}

}  // namespace

std::string_view to_string(HostAnswer answer) {
  constexpr std::array<std::string_view, 7> names{
      "would-load", "already-loaded", "blocked", "shadowed", "built-in", "not-found", "unknown"};
  return names.at(static_cast<std::size_t>(answer));
}

std::string_view to_string(Role role) {
  constexpr std::array<std::string_view, 4> names{"itself", "dependency", "softdep-before",
                                                  "softdep-after"};
  return names.at(static_cast<std::size_t>(role));
}

void answer_target(HostTarget& target, HostReport& report) {
  decide_target(target, report);
  if (!target.repeated) return find_target_problems(target, report);
  const bool loaded =
      std::any_of(report.targets.begin(), report.targets.end(), [&](const HostTarget& earlier) {
        return earlier.name == target.name && earlier.answer == HostAnswer::would_load;
      });
  if (!loaded || target.answer == HostAnswer::built_in) return;
  decide(target, HostAnswer::already_loaded,
         fmt::format("named again by the alias {} ({}): modprobe finds it loaded by then, and does "
                     "nothing, whatever options that would have passed",
                     target.via_alias, to_string(target.alias_at)));
}

}  // namespace kovet
