#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "host/machine.h"

// From what was read to one sentence, and to what is worth a finding.

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
  std::string options;
  for (const auto& step : target.steps) {
    if (step.role == Role::itself)
      options = step.option_text;
    else if (!step.builtin)
      (step.role == Role::softdep_after ? after : before).push_back(step.name);
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

void find_lines_without_effect(const HostTarget& target, HostReport& report) {
  const ConfigEntry *softdep = nullptr, *install = nullptr;
  for (const auto& line : target.lines) {
    if (line.kind == ConfigKind::softdep) {
      if (softdep)
        report.findings.push_back(
            {"softdep-ignored", Severity::warning,
             fmt::format("the softdep line in {} has no effect: libkmod takes only the first that "
                         "fits {}, which is in {}",
                         to_string(line.at), target.name, to_string(softdep->at)),
             "write all soft dependencies in one line", line.at});
      else
        softdep = &line;
    }
    if (line.kind == ConfigKind::install) {
      if (install)
        report.findings.push_back(
            {"install-line-ignored",
             Severity::warning,
             fmt::format("the install line in {} has no effect: the first that fits {} is in {}",
                         to_string(line.at), target.name, to_string(install->at)),
             {},
             line.at});
      else
        install = &line;
    }
    if (line.kind == ConfigKind::blacklist)
      report.findings.push_back(
          {"blacklist-only-aliases", Severity::note,
           fmt::format("the blacklist line in {} keeps devices and modules-load.d from loading {}; "
                       "it does not stop 'modprobe {}'{}",
                       to_string(line.at), target.name, target.name,
                       target.needed_by.empty()
                           ? std::string()
                           : fmt::format(", nor the {} modules that depend on it (for example {})",
                                         target.needed_by.size(), target.needed_by.front())),
           fmt::format("to stop modprobe too: install {} /bin/false; to stop insmod as well: "
                       "module_blacklist={} on the kernel command line",
                       target.name, target.name),
           line.at});
  }
  const auto itself = std::find_if(target.steps.begin(), target.steps.end(),
                                   [](const auto& step) { return step.role == Role::itself; });
  const bool runs = itself != target.steps.end() && !itself->install.empty();
  if (install && softdep && !runs && !target.steps.empty() && !target.builtin)
    report.findings.push_back(
        {"install-ignored", Severity::warning,
         fmt::format("the install line in {} has no effect: libkmod ignores it for modules that "
                     "have a soft dependency, and {} gives {} one",
                     to_string(install->at), to_string(softdep->at), target.name),
         fmt::format("remove the softdep line, or block it with module_blacklist={} on the kernel "
                     "command line",
                     target.name),
         install->at});
  if (install && runs)
    report.findings.push_back(
        {"install-not-insmod",
         Severity::note,
         fmt::format("the install line in {} only concerns modprobe: insmod and 'modprobe -i' load "
                     "{} all the same",
                     to_string(install->at), target.name),
         {},
         install->at});
}

void find_option_problems(const HostTarget& target, HostReport& report) {
  for (const auto& step : target.steps)
    for (const auto& option : step.options) {
      if (option.fit.kind == ParameterFit::Kind::unknown_parameter)
        report.findings.push_back({"unknown-parameter", Severity::warning, option.fit.note,
                                   fmt::format("modinfo -p {} lists those it has", step.name),
                                   option.at});
      if (option.fit.kind == ParameterFit::Kind::bad_value)
        report.findings.push_back(
            {"bad-parameter-value", Severity::error,
             fmt::format("{}={}: {} (type {}); the kernel refuses to load {}", option.argument.name,
                         option.argument.value, option.fit.note, option.fit.type, step.name),
             "mend the value", option.at});
      if (option.overridden)
        report.findings.push_back({"option-overridden",
                                   Severity::note,
                                   fmt::format("{} of {} is set again later; the last one counts",
                                               option.argument.name, step.name),
                                   {},
                                   option.at});
    }
  for (const auto& line : target.lines)
    if (line.kind == ConfigKind::options && target.builtin && line.at.file != report.cmdline.origin)
      report.findings.push_back(
          {"option-of-builtin", Severity::warning,
           fmt::format("the options line in {} has no effect: {} is built in, and takes parameters "
                       "only from the kernel command line",
                       to_string(line.at), target.name),
           fmt::format("put {}.PARAMETER=VALUE on the kernel command line", target.name), line.at});
}

void find_boot_problems(const HostTarget& target, HostReport& report) {
  for (const auto& image : target.initramfs) {
    for (const auto& copy : image.copies)
      if (copy.relation == "another build")
        report.findings.push_back(
            {"initramfs-other-build",
             Severity::warning,
             fmt::format("{} holds another build of {} ({}): at boot that one may load first",
                         image.path, target.name, copy.note),
             fmt::format("update-initramfs -u -k {0}, or dracut --force --kver {0}",
                         report.release),
             {image.path, 0}});
  }
}

void find_cmdline_problems(const HostTarget& target, HostReport& report) {
  const auto dashed = [&](const std::string& name) {
    return name != target.name && with_underscores(name) == target.name;
  };
  const auto say = [&](const char* option, const std::string& name) {
    report.findings.push_back(
        {"cmdline-name-dashed",
         Severity::warning,
         fmt::format(
             "{}={} in {} has no effect: it is compared letter by letter, and the module is "
             "called {}",
             option, name, report.cmdline.origin, target.name),
         fmt::format("write {}={}", option, target.name),
         {report.cmdline.origin, 0}});
  };
  for (const auto& name : report.cmdline.module_blacklist)
    if (dashed(name)) say("module_blacklist", name);
  for (const auto& entry : report.cmdline.entries)
    if (entry.kind == ConfigKind::blacklist && dashed(entry.name))
      say("modprobe.blacklist", entry.name);
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
  find_lines_without_effect(target, report);
  find_option_problems(target, report);
  find_boot_problems(target, report);
  find_cmdline_problems(target, report);
}

}  // namespace kovet
