#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "host/machine.h"
#include "module/read_module.h"

namespace kovet {

namespace {

/// Config lines about a module: names are patterns for install, remove and softdep lines.
bool concerns(const ConfigEntry& entry, const std::string& name, const std::string& alias) {
  switch (entry.kind) {
    case ConfigKind::install:
    case ConfigKind::remove:
    case ConfigKind::softdep:
      return matches(entry.name, name);
    case ConfigKind::options:
      return entry.name == name || (!alias.empty() && entry.name == alias);
    case ConfigKind::blacklist:
    case ConfigKind::weakdep:
      return entry.name == name;
    case ConfigKind::alias:
      return false;
  }
  return false;
}

/// The options lines that reach a module by its name or by the alias it was asked for, in
/// libkmod's order.
std::vector<const ConfigEntry*> options_lines(const Machine& machine, const std::string& name,
                                              const std::string& alias) {
  auto places = machine.config_index.find(ConfigKind::options, name);
  if (!alias.empty() && alias != name) {
    const auto more = machine.config_index.find(ConfigKind::options, alias);
    const auto own = static_cast<std::ptrdiff_t>(places.size());
    places.insert(places.end(), more.begin(), more.end());
    std::inplace_merge(places.begin(), places.begin() + own, places.end());
  }
  std::vector<const ConfigEntry*> lines;
  for (const auto place : places) lines.push_back(&machine.config.entries[place]);
  return lines;
}

/// Those, and after them the command line's.
std::vector<const ConfigEntry*> all_options(const Machine& machine, const std::string& name,
                                            const std::string& alias) {
  auto lines = options_lines(machine, name, alias);
  for (const auto& entry : machine.cmdline.entries)
    if (entry.kind == ConfigKind::options && concerns(entry, name, alias)) lines.push_back(&entry);
  return lines;
}

std::vector<HostOption> options_of(const Machine& machine, const std::string& name,
                                   const std::string& alias, const Module* module) {
  std::vector<HostOption> options;
  for (const auto* entry : all_options(machine, name, alias))
    for (auto& argument : split_arguments(entry->value)) {
      ParameterFit fit{ParameterFit::Kind::not_judged, {}, "the module's file could not be read"};
      if (module) fit = fit_parameter(*module, argument);
      options.push_back({std::move(argument), entry->at, std::move(fit)});
    }
  std::set<std::string_view> later;
  for (auto option = options.rbegin(); option != options.rend(); ++option)
    option->overridden = !later.insert(option->argument.name).second;
  return options;
}

/// The same as libkmod hands it to the kernel, quotes and all, without the blanks at its ends.
std::string option_text(const Machine& machine, const std::string& name, const std::string& alias) {
  std::string text;
  for (const auto* entry : all_options(machine, name, alias)) {
    std::string_view value = entry->value;
    const auto first = value.find_first_not_of(" \t");
    if (first == std::string_view::npos) continue;
    value = value.substr(first, value.find_last_not_of(" \t") + 1 - first);
    if (!text.empty()) text += ' ';
    text += value;
  }
  return text;
}

/// The words of modprobe.d's options that concern a module, as libkmod has them before those of the
/// command line.
std::vector<std::string> config_options(const Machine& machine, const std::string& name,
                                        const std::string& alias) {
  std::string text;
  for (const auto* entry : options_lines(machine, name, alias)) text += entry->value + ' ';
  return split_words(text);
}

bool begins_with(const std::vector<std::string>& list, const std::vector<std::string>& start) {
  return list.size() >= start.size() && std::equal(start.begin(), start.end(), list.begin());
}

/// The alias by which this step of the plan was reached; empty: by its name. Soft dependencies may
/// name aliases, and libkmod adds the alias' options then; it does not tell which it was, but the
/// options do.
std::string reached_by(const Machine& machine, const KmodStep& planned, const HostTarget& target) {
  const auto found = split_words(planned.options);
  std::string best;
  std::size_t most = config_options(machine, planned.name, {}).size();
  if (planned.asked && !target.via_alias.empty()) {
    const auto words = config_options(machine, planned.name, target.via_alias);
    if (begins_with(found, words)) {
      best = target.via_alias;
      most = words.size();
    }
  }
  if (found.size() <= most) return best;  // nothing is left that an alias could have added
  std::set<std::string, std::less<>> aliases;
  for (const auto& entry : machine.config.entries) {
    if (entry.kind == ConfigKind::alias && entry.value == planned.name) aliases.insert(entry.name);
    if (entry.kind != ConfigKind::softdep) continue;
    const auto softdep = parse_softdep(entry.value);
    for (const auto* names : {&softdep.pre, &softdep.post})
      for (const auto& name : *names) aliases.insert(with_underscores(name).value_or(name));
  }
  std::set<std::string, std::less<>> tried;
  for (const auto& entry : machine.config.entries) {
    if (entry.kind != ConfigKind::options || !aliases.contains(entry.name) ||
        !tried.insert(entry.name).second)
      continue;
    const auto words = config_options(machine, planned.name, entry.name);
    if (words.size() <= most || !begins_with(found, words)) continue;
    most = words.size();
    best = entry.name;
  }
  return best;
}

const ConfigEntry* first_line(const Machine& machine, ConfigKind kind, const std::string& name) {
  if (const auto places = machine.config_index.find(kind, name); !places.empty())
    return &machine.config.entries[places.front()];
  if (kind == ConfigKind::blacklist)
    for (const auto& entry : machine.cmdline.entries)
      if (entry.kind == kind && entry.name == name) return &entry;
  return nullptr;
}

HostStep describe_step(const Machine& machine, const KmodStep& planned, const HostTarget& target) {
  HostStep step{.name = planned.name, .path = machine.path_of(planned.path)};
  step.install = planned.install;
  step.builtin = planned.builtin;
  if (step.builtin) {
    // What is built in counts as loaded: neither a file of that name nor an install line is used.
    step.path.clear();
    step.install.clear();
  }
  const auto here = step.path.empty() ? std::nullopt : machine.root.resolve(step.path);
  step.exists = here.has_value();
  if (machine.running) step.loaded = !machine.kmod.loaded_state(step.name).empty();
  if (const auto* line = first_line(machine, ConfigKind::blacklist, step.name))
    step.blacklist = line->at;
  if (!step.install.empty()) {
    if (const auto* line = first_line(machine, ConfigKind::install, step.name))
      step.install_at = line->at;
    step.install_effect = judge_command(step.install, step.name);
  }
  std::optional<Module> module;
  if (here)
    if (auto read = read_module(*here); read) module = std::move(*read);
  // The kernel goes by the name in the file, whatever the file is called.
  const auto& names = machine.cmdline.module_blacklist;
  const std::string& own_name = module && !module->name.empty() ? module->name : step.name;
  step.kernel_blacklisted = std::find(names.begin(), names.end(), own_name) != names.end();
  const std::string alias = reached_by(machine, planned, target);
  step.options = options_of(machine, step.name, alias, module ? &*module : nullptr);
  step.option_text = option_text(machine, step.name, alias);
  return step;
}

void set_roles(HostTarget& target) {
  bool seen_itself = false;
  for (auto& step : target.steps) {
    if (step.name == target.name) {
      step.role = HostStep::Role::itself;
      seen_itself = true;
    } else if (step.role != HostStep::Role::dependency) {
      step.role = seen_itself ? HostStep::Role::softdep_after : HostStep::Role::softdep_before;
    }
  }
}

/// What modules.dep and softdep lines name, but nobody has.
void find_gaps(const Machine& machine, HostTarget& target) {
  if (const auto line = machine.index.find(target.name); line != machine.index.end())
    for (const auto& path : line->second.dependencies)
      if (!machine.root.resolve(path))
        target.gaps.push_back({module_name_of(path),
                               fmt::format("modules.dep names {}, which is not there", path),
                               {machine.modules_dir + "/modules.dep.bin", 0},
                               true});
  const auto* line = first_line(machine, ConfigKind::softdep, target.name);
  if (!line) return;
  const auto softdep = parse_softdep(line->value);
  for (const auto* names : {&softdep.pre, &softdep.post})
    for (const auto& name : *names)
      if (machine.kmod.lookup(name).empty())
        target.gaps.push_back({name, "no module or alias of that name; modprobe goes on without it",
                               line->at, false});
}

/// The alias by which `asked` leads to the module; the next one for each time that it did
/// `earlier`.
void find_alias(const Machine& machine, const std::string& asked, std::size_t earlier,
                HostTarget& target) {
  const auto normalised = with_underscores(asked).value_or(asked);
  for (const auto& entry : machine.config.entries) {
    if (entry.kind != ConfigKind::alias || entry.value != target.name) continue;
    if (entry.name != target.name) target.aliases.push_back(entry);
    if (target.via_alias.empty() && matches(entry.name, normalised) && earlier-- == 0) {
      target.via_alias = entry.name;
      target.alias_at = entry.at;
    }
  }
  if (target.via_alias.empty() && normalised != target.name) {
    target.via_alias = normalised;
    target.alias_at = {machine.modules_dir +
                           (target.builtin ? "/modules.builtin.alias.bin" : "/modules.alias.bin"),
                       0};
  }
}

/// The plan's options must be those of the scan, or one of the two is wrong.
void compare_options(const Machine& machine, const KmodStep& planned, const HostTarget& target,
                     HostReport& report) {
  // What libkmod adds from this machine's own command line comes last.
  const auto wanted = config_options(machine, planned.name, reached_by(machine, planned, target));
  if (!begins_with(split_words(planned.options), wanted))
    report.disagreements.push_back(fmt::format("options of {}: the scan has '{}', libkmod '{}'",
                                               planned.name, fmt::join(wanted, " "),
                                               planned.options));
}

}  // namespace

HostTarget describe_target(const Machine& machine, const std::string& asked,
                           const KmodModule& found, const KmodPlan& plan, std::size_t earlier,
                           HostReport& report) {
  HostTarget target{.name = found.name};
  target.repeated = earlier > 0;
  target.builtin = found.builtin;
  target.path = machine.path_of(found.path);
  if (machine.running) target.loaded_state = machine.kmod.loaded_state(found.name);
  find_alias(machine, asked, earlier, target);
  for (const auto& entry : machine.config.entries)
    if (concerns(entry, target.name, target.via_alias)) {
      target.lines.push_back(entry);
      if (entry.kind == ConfigKind::weakdep)
        for (auto& word : split_words(entry.value)) target.weakdeps.push_back(std::move(word));
    }
  for (const auto& entry : machine.cmdline.entries)
    if (concerns(entry, target.name, target.via_alias)) target.lines.push_back(entry);
  for (const auto& [name, line] : machine.index)
    if (!target.repeated &&
        std::any_of(line.dependencies.begin(), line.dependencies.end(),
                    [&](const std::string& path) { return module_name_of(path) == target.name; }))
      target.needed_by.push_back(name);

  // modprobe has nothing to do for what is built in, not even for its soft dependencies.
  if (target.builtin && target.repeated) return target;
  if (target.builtin) {
    describe_files(machine, target, report);
    describe_boot(machine, target, report);
    return target;
  }
  for (const auto& planned : plan.steps) {
    compare_options(machine, planned, target, report);
    auto step = describe_step(machine, planned, target);
    const bool depends = std::find(found.dependencies.begin(), found.dependencies.end(),
                                   step.name) != found.dependencies.end();
    step.role = depends ? HostStep::Role::dependency : HostStep::Role::softdep_before;
    target.steps.push_back(std::move(step));
  }
  if (plan.error)
    report.disagreements.push_back(
        fmt::format("{}: libkmod: {}", target.name, std::strerror(plan.error)));
  set_roles(target);
  if (target.repeated) return target;
  find_gaps(machine, target);
  describe_files(machine, target, report);
  describe_boot(machine, target, report);
  return target;
}

}  // namespace kovet
