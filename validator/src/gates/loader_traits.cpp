#include "gates/loader_traits.h"

#include <fmt/format.h>

#include <string>

namespace kovet {

namespace {

Tri tri(bool value) {
  return value ? Tri::yes : Tri::no;
}

Tri since(const Kernel& kernel, KernelVersion first) {
  if (!kernel.version) return Tri::unknown;
  return tri(*kernel.version >= first);
}

/// CONFIG_MODVERSIONS leaves its mark in Module.symvers: without it every CRC is zero.
Tri modversions_of(const Kernel& kernel) {
  if (kernel.config) return tri(kernel.config->enabled("MODVERSIONS"));
  if (!kernel.symvers) return Tri::unknown;
  const auto layout = kernel.symvers->find("module_layout");
  if (!layout) return Tri::unknown;
  return tri(layout->crc != 0);
}

/// A check that came with a stable update: certain where it was seen, else not known.
Tri backported(const Kernel& kernel, KernelVersion first_in_6_1, KernelVersion first_in_6_12) {
  if (!kernel.version) return Tri::unknown;
  const KernelVersion version = *kernel.version;
  if (version >= KernelVersion{6, 12, 0}) return version >= first_in_6_12 ? Tri::yes : Tri::unknown;
  if (version >= KernelVersion{6, 1, 0} && version < KernelVersion{6, 2, 0})
    return version >= first_in_6_1 ? Tri::yes : Tri::unknown;
  return Tri::unknown;
}

}  // namespace

Tri config(const Kernel& kernel, std::string_view option) {
  return kernel.config ? tri(kernel.config->enabled(option)) : Tri::unknown;
}

LoaderTraits traits_of(const Kernel& kernel) {
  LoaderTraits traits;
  traits.modversions = modversions_of(kernel);
  traits.force_load = config(kernel, "MODULE_FORCE_LOAD");
  traits.module_sig = config(kernel, "MODULE_SIG");
  traits.strict_rwx = config(kernel, "STRICT_MODULE_RWX");
  if (since(kernel, {5, 8, 0}) == Tri::no) traits.strict_rwx = Tri::no;
  // Debian carries a patch that makes a missing entry an error; 4.9 and later only warn.
  if (kernel.distribution == Distribution::debian)
    traits.missing_version_rejects = Tri::yes;
  else if (kernel.distribution != Distribution::unknown)
    traits.missing_version_rejects = since(kernel, {4, 9, 0}) == Tri::yes ? Tri::no : Tri::unknown;
  traits.strict_sections = since(kernel, {6, 4, 0});
  // Seen absent in 6.12.115 and present in 6.12.117; longterm series may have it too.
  if (traits.strict_sections == Tri::no) traits.section_by_section = Tri::no;
  if (kernel.version && *kernel.version >= KernelVersion{6, 12, 0}) {
    if (*kernel.version <= KernelVersion{6, 12, 115}) traits.section_by_section = Tri::no;
    if (*kernel.version >= KernelVersion{6, 12, 117}) traits.section_by_section = Tri::yes;
  }
  traits.string_table_types =
      since(kernel, {6, 4, 0}) == Tri::no ? Tri::no : backported(kernel, {6, 4, 0}, {6, 12, 107});
  traits.section_index_bounds = backported(kernel, {6, 1, 170}, {6, 12, 100});
  // 6.1 has no such check, 6.12 has.
  if (kernel.version && *kernel.version < KernelVersion{6, 2, 0}) traits.ppc_abi = Tri::no;
  if (kernel.version && *kernel.version >= KernelVersion{6, 12, 0}) traits.ppc_abi = Tri::yes;
  traits.extended_versions = since(kernel, {6, 14, 0});
  traits.signature_first = since(kernel, {5, 12, 0});
  traits.module_namespaces = since(kernel, {6, 16, 0});
  return traits;
}

bool any_btf_section_name(const Kernel& kernel) {
  return !kernel.version || *kernel.version >= KernelVersion{6, 12, 0};
}

bool relocates_btf(const Kernel& kernel) {
  return !kernel.version || *kernel.version >= KernelVersion{6, 11, 0};
}

std::optional<std::string_view> visible_modinfo(const GateInput& input, std::string_view key) {
  if (!input.module.modinfo_allocated && since(input.kernel, {6, 4, 0}) == Tri::no)
    return std::nullopt;
  return input.module.first(key);
}

std::string struct_name(const Module& module) {
  if (module.this_module && !module.this_module->name.empty())
    return std::string(module.this_module->name);
  return module.name;
}

std::string info_name(const Module& module) {
  return module.name;
}

GateResult unknown_config(const Kernel& kernel, std::string_view option) {
  return GateResult::unknown(
      fmt::format("the kernel's configuration is not known, so neither is CONFIG_{}", option),
      kernel.config.supply.empty() ? "a build directory with include/config/auto.conf"
                                   : kernel.config.supply);
}

}  // namespace kovet
