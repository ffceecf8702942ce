#include <fmt/format.h>

#include <algorithm>

#include "host/machine.h"

namespace kovet {

namespace {

using Role = HostStep::Role;

void find_lines_without_effect(const HostTarget& target, HostReport& report) {
  const ConfigEntry *softdep = nullptr, *install = nullptr, *remove = nullptr;
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
    if (line.kind == ConfigKind::remove && !remove) {
      remove = &line;
      report.findings.push_back(
          {"remove-not-rmmod", Severity::note,
           fmt::format(
               "the remove line in {} makes 'modprobe -r {}' run '{}' instead of removing it; "
               "loading is not concerned, and rmmod takes no notice of it",
               to_string(line.at), target.name, line.value),
           fmt::format("rmmod {}, or modprobe -r --ignore-remove {}, removes it all the same",
                       target.name, target.name),
           line.at});
    } else if (line.kind == ConfigKind::remove) {
      report.findings.push_back(
          {"remove-line-ignored",
           Severity::warning,
           fmt::format("the remove line in {} has no effect: the first that fits {} is in {}",
                       to_string(line.at), target.name, to_string(remove->at)),
           {},
           line.at});
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
             fmt::format("{} holds another build of {}{}: at boot that one may load first",
                         image.path, target.name, copy.note.empty() ? "" : " (" + copy.note + ")"),
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

void find_target_problems(const HostTarget& target, HostReport& report) {
  find_lines_without_effect(target, report);
  find_option_problems(target, report);
  find_boot_problems(target, report);
  find_cmdline_problems(target, report);
}

}  // namespace kovet
