#pragma once

#include "module/elf_image.h"
#include "module/module.h"

// The steps of read_module(), one file each. Every step fills its own fields of the module and
// leaves them empty where the file does not hold what it needs.

namespace kovet {

/// What the file holds at the section's offset, whatever its type: where the loader reads a table
/// from the file itself, it does not look at that. Empty: not inside.
std::span<const std::byte> content_in_file(const Module& module, const Section& section);

/// The file from the section's offset on: strings run on behind their table, in the kernel too.
std::span<const std::byte> file_from(const Module& module, const Section& section);

/// `.modinfo`: modinfo, modinfo_allocated.
void read_modinfo(Module& module);

/// `.gnu.linkonce.this_module`: this_module. Needs sections.
void read_this_module(Module& module, const ElfLayout& layout);

/// `__versions`, `__version_ext_*`: versions, extended_versions, lone_extended_section.
void read_versions(Module& module, const ElfLayout& layout);

/// `.symtab`: imports, commons, bad_section_symbols, symbol_tables, exports.
void read_symbol_table(Module& module, const ElfLayout& layout);

/// `__ksymtab*` with their relocations: exports, where read_symbol_table() found others. Needs
/// sections; after read_symbol_table().
void read_export_tables(Module& module, const ElfLayout& layout);

/// parmtype=, parm=: parameters. Needs modinfo.
void read_parameters(Module& module);

/// `__param` with its relocations: parameter_table. Needs sections.
void read_parameter_table(Module& module, const ElfLayout& layout);

/// Relocations of allocated sections: relocation_issues. Needs sections.
void scan_relocations(Module& module, const ElfLayout& layout);

/// Tables by which the loader patches code, locks and calls: odd_tables. Needs sections.
void scan_followed_tables(Module& module, const ElfLayout& layout);

}  // namespace kovet
