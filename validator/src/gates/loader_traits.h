#pragma once

#include <optional>
#include <string_view>

#include "gates/gate.h"

namespace kovet {

/// Yes, no, or not known from the files at hand.
enum class Tri : std::uint8_t { no, yes, unknown };

/// How one kernel's module loader behaves where kernels differ, from its version, its
/// configuration and whoever patched it. Sources: kernel/module/ of 6.1 and 6.12, and the
/// history in torvalds/linux for the boundaries.
struct LoaderTraits {
  Tri modversions = Tri::unknown;  ///< CONFIG_MODVERSIONS
  Tri force_load = Tri::unknown;   ///< CONFIG_MODULE_FORCE_LOAD
  Tri module_sig = Tri::unknown;   ///< CONFIG_MODULE_SIG
  Tri strict_rwx = Tri::unknown;   ///< CONFIG_STRICT_MODULE_RWX
  Tri missing_version_rejects =
      Tri::unknown;                       ///< a version table without the entry: Debian rejects
  Tri strict_sections = Tri::unknown;     ///< 6.4: one .modinfo, one this_module of the right size
  Tri section_by_section = Tri::unknown;  ///< 6.13: the sections first, then their table of names
  Tri string_table_types = Tri::unknown;  ///< name and symbol tables must link to SHT_STRTAB
  Tri ppc_abi = Tri::unknown;             ///< after 6.1: powerpc compares the ABI in e_flags
  Tri section_index_bounds = Tri::unknown;  ///< st_shndx is compared with e_shnum
  Tri extended_versions = Tri::unknown;     ///< 6.14: __version_ext_* are read
  Tri signature_first = Tri::unknown;    ///< 5.12: the signature is looked at before the ELF header
  Tri module_namespaces = Tri::unknown;  ///< 6.16: namespaces "module:..."
};

LoaderTraits traits_of(const Kernel& kernel);

/// CONFIG_`option`, as far as the configuration is at hand.
Tri config(const Kernel& kernel, std::string_view option);

/// Since 6.12 names of data sections in BTF may hold every printable character.
bool any_btf_section_name(const Kernel& kernel);
/// Since 6.11 BTF of a module may build on a .BTF.base of its own.
bool relocates_btf(const Kernel& kernel);

/// The value the kernel's get_modinfo() finds; empty for a .modinfo this kernel does not see.
std::optional<std::string_view> visible_modinfo(const GateInput& input, std::string_view key);

/// struct module.name: what messages after the name is reserved begin with.
std::string struct_name(const Module& module);

/// modinfo name=, else struct module.name: what messages before that begin with.
std::string info_name(const Module& module);

/// The result for a gate that needs the kernel's configuration and has none.
GateResult unknown_config(const Kernel& kernel, std::string_view option);

}  // namespace kovet
