#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cerrno>
#include <optional>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"
#include "kernel/builtin_modules.h"

// kernel/module/sysfs.c: mod_sysfs_setup(); kernel/params.c: param_sysfs_builtin(),
// version_sysfs_builtin(); fs/sysfs/dir.c: sysfs_warn_dup().

namespace kovet::gate {

namespace {

GateResult name_taken(const std::string& name, std::string evidence) {
  GateResult result = GateResult::fail(
      EINVAL, {fmt::format("{}: module is already loaded", name)},
      fmt::format("a driver called {} is built into the kernel, and /sys/module/{} is its folder",
                  name, name),
      "give the module another name, or configure the kernel without the built-in driver");
  result.evidence = std::move(evidence);
  return result;
}

/// The symbol table, which the loader keeps together with its strings (CONFIG_KALLSYMS, which this
/// needs too).
const Section* symbol_table(const Module& module) {
  const auto table = std::find_if(module.sections.begin(), module.sections.end(),
                                  [](const Section& s) { return s.type == SHT_SYMTAB; });
  return table == module.sections.end() ? nullptr : &*table;
}

/// The first section in memory whose name one before it has. The loader takes SHF_ALLOC away from
/// what it does not keep.
const Section* repeated_section(const Module& module) {
  std::vector<std::pair<std::string_view, const Section*>> kept;
  kept.reserve(module.sections.size());
  bool versions = false, modinfo = false, percpu = false;
  const Section* const symbols = symbol_table(module);
  const Section* const strings =
      symbols && symbols->link < module.sections.size() ? &module.sections[symbols->link] : nullptr;
  for (const Section& section : module.sections) {
    const auto is_first = [&](std::string_view name, bool& seen) {
      if (seen || section.name != name) return false;
      return seen = true;
    };
    if (section.size == 0) continue;
    if (!(section.flags & SHF_ALLOC) && &section != symbols && &section != strings) continue;
    if (is_first("__versions", versions) || is_first(".modinfo", modinfo) ||
        is_first(".data..percpu", percpu))
      continue;
    kept.emplace_back(section.name, &section);
  }
  const auto by_name = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::stable_sort(kept.begin(), kept.end(), by_name);
  const Section* first = nullptr;
  for (std::size_t i = 1; i < kept.size(); ++i)
    if (kept[i].first == kept[i - 1].first && (!first || kept[i].second < first))
      first = kept[i].second;
  return first;
}

/// module_param_sysfs_setup(): a file for each parameter that has permissions. The first whose name
/// one before it has stops the load.
std::optional<GateResult> check_parameter_files(const Module& module, const std::string& name) {
  const auto& table = module.parameter_table;
  boost::unordered_flat_set<std::string_view> files;
  for (const ParameterEntry& entry : table) {
    if (entry.permissions == 0 || files.insert(entry.name).second) continue;
    return GateResult::fail(
        EEXIST,
        {fmt::format("sysfs: cannot create duplicate filename '/module/{}/parameters/{}'", name,
                     entry.name)},
        fmt::format("two parameters are called {}", entry.name),
        "two source files of the module say module_param() of one name: rename one of them");
  }
  const Section* section = module.section("__param", true);
  if (section && section->size != 0 && !module.parameter_table_read) {
    return GateResult::unknown(
        "its table of parameters is not as compilers write it, and the kernel makes a file of each",
        "build the module again; kovet info shows the parameters");
  }
  return std::nullopt;
}

/// fs/sysfs/group.c: create_files() prints a stack for permissions of the world to write, and makes
/// the file without them. module_param() has none such compiled.
std::vector<std::string> refused_permissions(const Module& module) {
  constexpr unsigned allowed = 010664;  // SYSFS_PREALLOC
  std::vector<std::string> lines;
  for (const ParameterEntry& entry : module.parameter_table)
    if (entry.permissions & ~allowed)
      lines.push_back(
          fmt::format("Attribute {}: Invalid permissions 0{:o}", entry.name, entry.permissions));
  return lines;
}

/// kobject_set_name_vargs() has '!' in a folder's name for each '/'.
std::string folder_of(std::string name) {
  std::ranges::replace(name, '/', '!');
  return name;
}

/// A module whose name is another one and whose folder is the same: kset_find_obj() finds it by the
/// folder's name, else sysfs does.
std::optional<GateResult> check_folders_of_others(const GateInput& input, const std::string& name) {
  for (const Module* peer : input.peers) {
    const std::string other = struct_name(*peer);
    if (other == name || folder_of(other) != folder_of(name)) continue;
    const std::string reason =
        fmt::format("/sys/module/{} is the folder of {}", folder_of(name), other);
    const std::string hint = "give the module another name, without '/' and '!'";
    if (folder_of(other) == name)
      return GateResult::fail(EINVAL, {fmt::format("{}: module is already loaded", name)}, reason,
                              hint);
    // Seen without its prefix in 6.1, and with it in 6.12.
    const auto& version = input.kernel.version;
    const bool prefixed = version && *version >= KernelVersion{6, 12, 0};
    GateResult result = GateResult::fail(
        EEXIST,
        {fmt::format("sysfs: cannot create duplicate filename '/module/{}'", folder_of(name)),
         fmt::format("{}kobject_add_internal failed for {} with -EEXIST, don't try to register "
                     "things with the same name in the same directory.",
                     prefixed ? "kobject: " : "", folder_of(name))},
        reason, hint);
    result.log_known = prefixed || (version && *version < KernelVersion{6, 2, 0});
    return result;
  }
  return std::nullopt;
}

/// Whether a failure of add_sect_attrs() stops the load: not in 6.1, in 6.12.115 and later.
Tri section_names_matter(const Kernel& kernel) {
  if (!kernel.version) return Tri::unknown;
  if (*kernel.version < KernelVersion{6, 2, 0}) return Tri::no;
  if (*kernel.version >= KernelVersion{6, 12, 115}) return Tri::yes;
  return Tri::unknown;
}

/// Names that struct module cannot hold, or sysfs cannot show.
std::optional<GateResult> check_odd_name(const GateInput& input) {
  const auto& found = input.module.this_module;
  if (!found) return std::nullopt;
  const std::size_t room = is_64_bit(input.module.arch) ? 56 : 60;  // MODULE_NAME_LEN
  // Without content in the file the kernel would not get this far.
  const bool located = found->stored > 2 * room;
  if (found->name.empty() && located) {
    return GateResult::fail(
        EINVAL, {"kobject: (<address>): attempted to be registered with empty name!"},
        "struct module has no name", "build the module again with Kbuild, which writes its name");
  }
  const bool endless = found->name.size() >= room;
  if (endless && (!input.kernel.version || *input.kernel.version < KernelVersion{6, 12, 0})) {
    return GateResult::unknown(
        "the name fills struct module.name without an end; kernels such as 6.1 crash on it",
        "do not load this file: give the module a shorter name");
  }
  return std::nullopt;
}

std::optional<GateResult> check_name(const GateInput& input, const std::string& name) {
  if (config(input.kernel, "SYSFS") == Tri::no) return GateResult::skip();
  if (input.image && input.image->sysfs_modules) {
    if (input.image->sysfs_modules->contains(name)) return name_taken(name, input.image->origin);
    return std::nullopt;
  }
  const auto& builtin = input.kernel.builtin;
  if (!builtin && is_always_builtin(name)) {
    return GateResult::unknown(
        fmt::format(
            "kernels have a part of their own called {}; whether /sys/module/{} exists, and "
            "refuses this module, is not known",
            name, name),
        builtin.supply.empty() ? "modules.builtin.modinfo of this kernel" : builtin.supply);
  }
  if (!builtin) {
    return GateResult::not_evaluated(
        "which drivers are built into the kernel is not known; none is taken to have this name",
        builtin.supply.empty() ? "modules.builtin.modinfo of this kernel" : builtin.supply);
  }
  const BuiltinModules::Traits* traits = builtin->find(name);
  if (!traits) return std::nullopt;
  if (traits->has_version) return name_taken(name, builtin.origin);
  if (!traits->has_parameters) return std::nullopt;
  return GateResult::unknown(
      fmt::format("a driver called {} is built into the kernel; /sys/module/{} exists, and refuses "
                  "this module, if one of its parameters is visible",
                  name, name),
      "the kernel's image, which lists the parameters: install it, or name a root that has it");
}

}  // namespace

GateResult sysfs(const GateInput& input) {
  if (config(input.kernel, "SYSFS") != Tri::no)
    if (auto odd = check_odd_name(input)) return *odd;
  const std::string name = struct_name(input.module);
  std::optional<GateResult> of_name = check_name(input, name);
  if (of_name &&
      (of_name->status == GateStatus::fail || of_name->status == GateStatus::not_applicable))
    return *of_name;
  if (auto refused = check_folders_of_others(input, name)) return *refused;
  if (auto refused = check_parameter_files(input.module, name)) return *refused;
  auto lines = refused_permissions(input.module);
  const bool shows_sections = config(input.kernel, "KALLSYMS") != Tri::no;
  const Section* repeated = shows_sections ? repeated_section(input.module) : nullptr;
  if (repeated) {
    const std::string reason = fmt::format("two allocated sections are called {}", repeated->name);
    const std::string line = fmt::format(
        "sysfs: cannot create duplicate filename '/module/{}/sections/{}'", name, repeated->name);
    switch (section_names_matter(input.kernel)) {
      case Tri::yes:
        return GateResult::fail(EEXIST, {line}, reason,
                                "link it through Kbuild, which merges sections of one name");
      case Tri::unknown:
        return GateResult::unknown(
            reason + "; kernels after 6.1 began to refuse that, and when is not known here",
            "kovet boot asks the kernel itself");
      case Tri::no: {
        if (of_name) return *of_name;
        GateResult result = GateResult::pass();
        lines.push_back(line);
        result.log = std::move(lines);
        result.reason = reason + "; this kernel prints a stack, and loads the module";
        return result;
      }
    }
  }
  if (of_name) return *of_name;
  GateResult result = GateResult::pass();
  result.log = std::move(lines);
  return result;
}

}  // namespace kovet::gate
