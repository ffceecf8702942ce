#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "gates/elf_of_any_kernel.h"
#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// kernel/module/main.c: elf_validity_*() (6.4 and later), elf_validity_check() (5.12 and later),
// elf_header_check() and rewrite_section_headers() before. The messages are the same from 5.17 on.

namespace kovet::gate {

namespace {

using Refusal = std::optional<GateResult>;

GateResult refuse(std::string line, std::string why) {
  return GateResult::fail(ENOEXEC, {std::move(line)}, std::move(why),
                          "the file is damaged or no module of this kernel: build it again");
}

const std::string& nameless() {
  static const std::string text = "(missing .modinfo section or name field)";
  return text;
}

/// The name in messages of this stage: modinfo name=, and nothing else yet.
std::string early_name(const GateInput& input) {
  const auto name = visible_modinfo(input, "name");
  return name ? std::string(*name) : nameless();
}

Refusal check_header(const GateInput& input) {
  const Module& module = input.module;
  const Kernel& kernel = input.kernel;
  const std::size_t header_size = is_64_bit(*kernel.arch) ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
  if (module.elf_size < header_size || !module.header) {
    GateResult result =
        refuse(fmt::format("Invalid ELF header len {}", module.elf_size),
               fmt::format("{} bytes are too few for an ELF header", module.elf_size));
    if (module.elf_size >= header_size) {
      // Of 32 bits it would be whole, and the next check's line depends on what is in it.
      result.log.clear();
      result.log_known = false;
    }
    return result;
  }
  const ElfHeader& header = *module.header;
  if (!header.magic_ok)
    return refuse(
        "Invalid ELF header magic: != \x7f"
        "ELF",
        "this is not an ELF file");
  if (header.type != ET_REL) {
    return refuse(fmt::format("Invalid ELF header type: {} != {}", header.type, ET_REL),
                  "this is ELF, but no relocatable object, as a module must be");
  }
  if (header.machine != elf_machine(*kernel.arch)) {
    GateResult result =
        refuse(fmt::format("Invalid architecture in ELF header: {}", header.machine),
               fmt::format("built for {}, the kernel is {}", to_string(module.arch),
                           to_string(*kernel.arch)));
    result.hint =
        fmt::format("build it for {}: ARCH and CROSS_COMPILE, or the right kernel's headers",
                    to_string(*kernel.arch));
    return result;
  }
  return {};
}

/// arch/powerpc/kernel/module_64.c: module_elf_check_arch().
Refusal check_ppc_abi(const GateInput& input, const LoaderTraits& traits) {
  if (*input.kernel.arch != Arch::ppc64 || traits.ppc_abi == Tri::no) return {};
  const std::uint32_t abi = input.module.header->flags & 3;
  const Tri second = config(input.kernel, "PPC64_ELF_ABI_V2");
  if (second == Tri::unknown) return unknown_config(input.kernel, "PPC64_ELF_ABI_V2");
  if (second == Tri::yes ? abi == 2 : abi < 2) return {};
  if (traits.ppc_abi == Tri::unknown) {
    return GateResult::unknown(
        "the module has another ELF ABI than the kernel; whether this kernel "
        "looks depends on its version",
        "compile it with the kernel's own -mabi");
  }
  GateResult result = refuse(
      fmt::format("Invalid module architecture in ELF header: {}", input.module.header->machine),
      fmt::format("built for ELF ABI version {}, the kernel is of version {}", abi,
                  second == Tri::yes ? 2 : 1));
  result.hint = "compile it with the kernel's own -mabi: build through Kbuild";
  return result;
}

Refusal check_table(const Module& module) {
  const ElfHeader& header = *module.header;
  if (header.shentsize != header.shdr_size)
    return refuse("Invalid ELF section header size", "section headers have a wrong size");
  const std::uint64_t table = std::uint64_t{header.shnum} * header.shdr_size;
  if (header.shoff >= module.elf_size || table > module.elf_size - header.shoff) {
    return refuse("Invalid ELF section header overflow",
                  "the section headers lie outside the file: it was cut short");
  }
  return {};
}

Refusal check_first_section(const Module& module) {
  if (module.sections.empty() && !module.lone_section) {
    return GateResult::unknown(
        "it has no sections, and the kernel looks at the first one all the "
        "same: it would read what follows the file",
        "do not load this file: build the module again");
  }
  const Section& first = module.lone_section ? *module.lone_section : module.sections.front();
  if (first.type == SHT_NULL && first.size == 0 && first.addr == 0) return {};
  return refuse(
      fmt::format("ELF Spec violation: section 0 type({})!=SH_NULL or non-zero len or addr",
                  static_cast<std::int32_t>(first.type)),
      "section 0 is not empty");
}

bool inside(const Section& section, std::uint64_t length) {
  const std::uint64_t end = section.offset + section.size;
  return end >= section.offset && end <= length;
}

GateResult section_outside(const Section& section, std::size_t index) {
  return refuse(
      fmt::format("Invalid ELF section in module (section {} type {})", index, section.type),
      "a section lies outside the file: it was cut short");
}

GateResult bad_name(const Section& section, std::size_t index) {
  return refuse(
      fmt::format("Invalid ELF section name in module (section {} type {})", index, section.type),
      "a section's name lies outside the table of names");
}

Refusal check_name_index(const Module& module) {
  const ElfHeader& header = *module.header;
  if (header.shstrndx != SHN_UNDEF && header.shstrndx < header.shnum) return {};
  return refuse(fmt::format("Invalid ELF section name index: {} || e_shstrndx ({}) >= e_shnum ({})",
                            header.shstrndx, header.shstrndx, header.shnum),
                "no section holds the names of the sections");
}

/// Empty, or without NUL at its end. The table was found to lie in the file.
Refusal check_name_table(const Module& module, const Section& names) {
  if (names.size == 0) return refuse("empty section name table", "sections have no names");
  if (!module.section_names_end) {
    return refuse("ELF Spec violation: section name table isn't null terminated",
                  "the table of section names does not end");
  }
  return {};
}

/// 6.13 and later, and 6.12 since a stable update.
Refusal check_sections(const GateInput& input, const LoaderTraits& traits) {
  const Module& module = input.module;
  if (auto refused = check_first_section(module)) return refused;
  for (std::size_t i = 1; i < module.sections.size(); ++i) {
    const Section& section = module.sections[i];
    if (section.type == SHT_NULL || section.type == SHT_NOBITS) continue;
    if (!inside(section, module.elf_size)) return section_outside(section, i);
  }
  if (auto refused = check_name_index(module)) return refused;
  const Section& names = module.sections[module.header->shstrndx];
  if (names.type != SHT_STRTAB && traits.string_table_types != Tri::no) {
    if (traits.string_table_types == Tri::unknown) {
      return GateResult::unknown(
          "the table of section names has an odd type; whether this kernel "
          "looks depends on its stable updates",
          "kovet boot asks the kernel itself");
    }
    return refuse(fmt::format("Invalid ELF section name table type: {}", names.type),
                  "the table of section names is no string table");
  }
  if (names.type == SHT_NOBITS || names.type == SHT_NULL) {
    if (!inside(names, module.elf_size))
      return GateResult::unknown(
          "the table of section names lies outside the file, and the "
          "kernel would read what follows it",
          "build the module again");
  }
  if (auto refused = check_name_table(module, names)) return refused;
  for (std::size_t i = 0; i < module.sections.size(); ++i) {
    const Section& section = module.sections[i];
    if (section.type != SHT_NULL && section.name_offset >= names.size) return bad_name(section, i);
  }
  return {};
}

GateResult bad_link(const Section& symtab, const ElfHeader& header) {
  return refuse(
      fmt::format("Invalid ELF sh_link!=SHN_UNDEF({}) or (sh_link({}) >= hdr->e_shnum({})",
                  static_cast<std::int32_t>(symtab.link), static_cast<std::int32_t>(symtab.link),
                  header.shnum),
      "the symbol table does not name its string table");
}

bool bad_symbol_strings(const Section& symtab, const ElfHeader& header) {
  return symtab.link == SHN_UNDEF || symtab.link >= header.shnum;
}

GateResult name_outside_file() {
  return GateResult::unknown(
      "a section's name lies outside the file, and this kernel does not look: "
      "it would read wild memory, and may crash",
      "do not load this file: build the module again");
}

bool name_inside_file(const Module& module, const Section& names, const Section& section) {
  return names.offset + section.name_offset < module.elf_size;
}

/// Before that: the name table first, then each section once; since 6.4 (strict) its name is
/// compared before its offset is looked at.
Refusal check_sections_by_names(const Module& module, bool strict) {
  if (auto refused = check_name_index(module)) return refused;
  const Section& names = module.sections[module.header->shstrndx];
  if (!inside(names, module.elf_size)) {
    return refuse(fmt::format("Invalid ELF section hdr(type {})", names.type),
                  "the table of section names lies outside the file");
  }
  if (auto refused = check_name_table(module, names)) return refused;
  if (auto refused = check_first_section(module)) return refused;
  for (std::size_t i = 1; i < module.sections.size(); ++i) {
    const Section& section = module.sections[i];
    if (section.type == SHT_NULL || section.type == SHT_NOBITS) continue;
    if (section.type == SHT_SYMTAB && bad_symbol_strings(section, *module.header))
      return bad_link(section, *module.header);
    if (!inside(section, module.elf_size)) return section_outside(section, i);
    if ((section.flags & SHF_ALLOC) && section.name_offset >= names.size) {
      if (strict && !name_inside_file(module, names, section)) return name_outside_file();
      return bad_name(section, i);
    }
  }
  return {};
}

std::size_t count_named(const Module& module, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(module.sections.begin(), module.sections.end(),
                    [&](const Section& section) { return section.name == name; }));
}

GateResult without_this_module(const GateInput& input, std::string_view word) {
  GateResult result =
      refuse(fmt::format("module {}: {} one .gnu.linkonce.this_module section must exist.",
                         early_name(input), word),
             "the object was not finished by modpost: it is no module yet");
  result.hint =
      "build it with Kbuild (make -C <build directory> M=...), not with the compiler alone";
  return result;
}

Refusal check_this_module(const GateInput& input, const LoaderTraits& traits) {
  constexpr std::string_view name = ".gnu.linkonce.this_module";
  const Module& module = input.module;
  const bool unseen =
      traits.section_by_section != Tri::yes &&
      std::any_of(module.sections.begin(), module.sections.end(), [](const Section& section) {
        return section.name == ".modinfo" &&
               (section.type == SHT_NOBITS || section.type == SHT_NULL);
      });
  if (unseen) {
    return GateResult::unknown(
        "its .modinfo is marked as one without content, and kernels from 6.4 to 6.12.115 "
        "go on without vermagic, licence and name",
        "do not load this file: build the module again");
  }
  if (count_named(module, ".modinfo") > 1)
    return refuse("Only one .modinfo section must exist.", "there are several .modinfo sections");
  if (traits.section_by_section == Tri::no) {
    // Counted along with the check of each section, which those without content are spared.
    const auto counted =
        std::count_if(module.sections.begin(), module.sections.end(), [&](const Section& section) {
          return section.name == name && section.type != SHT_NOBITS && section.type != SHT_NULL;
        });
    if (counted != 1) return without_this_module(input, "Only");
  }
  if (count_named(module, name) != 1) return without_this_module(input, "Exactly");
  const Section& section = module.sections[module.this_module->section];
  if (section.type == SHT_NOBITS) {
    return refuse(fmt::format("module {}: .gnu.linkonce.this_module section must have a size set",
                              early_name(input)),
                  "struct module has no content in the file");
  }
  if (!(section.flags & SHF_ALLOC)) {
    return refuse(fmt::format("module {}: .gnu.linkonce.this_module must occupy memory during "
                              "process execution",
                              early_name(input)),
                  "struct module's section is not allocated");
  }
  return {};
}

/// 6.14 and later: both tables of extended versions or none, and a name for every CRC.
Refusal check_extended_versions(const GateInput& input, const LoaderTraits& traits) {
  const Module& module = input.module;
  if (traits.extended_versions != Tri::yes) return {};
  if (module.lone_extended_section)
    return refuse("extended version crc+name presence does not match",
                  "only one of __version_ext_crcs and __version_ext_names is there");
  if (module.extended_versions && module.extended_versions->more_than_names)
    return refuse("more extended version crcs than names",
                  "the extended version table has CRCs without names");
  return {};
}

/// elf_validity_cache_strtab(), 6.13 and later.
Refusal check_symbol_strings(const GateInput& input, const Section& strings) {
  const Module& module = input.module;
  if (strings.size == 0) return refuse("empty symbol string table", "symbols have no names");
  if (!module.symbol_strings) return {};
  if (!module.symbol_strings->begins_with_nul)
    return refuse("symbol string table missing leading NUL",
                  "the strings of the symbol table do not begin with NUL");
  if (!module.symbol_strings->ends_with_nul)
    return refuse("symbol string table isn't NUL terminated",
                  "the strings of the symbol table do not end");
  if (module.symbol_name_outside)
    return refuse("symbol name out of bounds in string table",
                  "a symbol's name lies behind the string table");
  return {};
}

/// Up to 5.11 the sections' bounds are all that is looked at, of those without a type too.
Refusal check_bounds_alone(const Module& module) {
  for (std::size_t i = 1; i < module.sections.size(); ++i) {
    const Section& section = module.sections[i];
    if (section.type != SHT_NOBITS && section.offset + section.size > module.elf_size)
      return section_outside(section, i);
  }
  if (!check_sections_by_names(module, false)) return {};
  return GateResult::unknown(
      "its sections are damaged, and kernels before 5.12 do not look: they "
      "would read wild memory, and may crash",
      "do not load this file: build the module again");
}

/// As that kernel does; where it is not known which way, what both ways come to.
Refusal check_sections_of(const GateInput& input, const LoaderTraits& traits) {
  if (traits.signature_first == Tri::no) return check_bounds_alone(input.module);
  const bool strict = traits.strict_sections == Tri::yes;
  if (traits.section_by_section == Tri::no) return check_sections_by_names(input.module, strict);
  Refusal refused = check_sections(input, traits);
  if (traits.section_by_section == Tri::yes) return refused;
  const Refusal other = check_sections_by_names(input.module, strict);
  if (!refused && !other) return {};
  if (refused && other && refused->status == other->status) {
    if (refused->log != other->log) {
      refused->log.clear();
      refused->log_known = false;
    }
    return refused;
  }
  return GateResult::unknown(
      "its sections are damaged; what this kernel says of that depends on "
      "its stable updates",
      "kovet boot asks the kernel itself");
}

/// What kernels do not look at, and die of.
Refusal fatal_to_the_kernel(const GateInput& input) {
  const Module& module = input.module;
  if (module.header->shstrndx >= module.sections.size()) return name_outside_file();
  const Section* own = module.section(".gnu.linkonce.this_module", true);
  if (own && !(own->flags & SHF_WRITE)) {
    return GateResult::unknown(
        "struct module's section is not writable, and the kernel does not "
        "look: it would write to it, and crash",
        "do not load this file: build the module again");
  }
  const Section* const modinfo = module.section(".modinfo");
  const Section* const versions = module.section("__versions", true);
  for (const Section& section : module.sections) {
    if (section.size == 0 || inside(section, module.elf_size)) continue;
    const bool copied = section.type == SHT_NULL && (section.flags & SHF_ALLOC);
    const bool read = &section == modinfo || &section == versions;
    if (copied || read)
      return GateResult::unknown(
          fmt::format(
              "section {} lies outside the file, and for its type the kernel does not look: "
              "it would read what follows the file, and may crash",
              section.name),
          "do not load this file: build the module again");
  }
  // Checked are the names of allocated sections, since 6.4 of all but SHT_NULL; read are all.
  const Section& names = module.sections[module.header->shstrndx];
  for (const Section& section : module.sections)
    if (!name_inside_file(module, names, section)) return name_outside_file();
  const bool looks = input.kernel.version && *input.kernel.version >= KernelVersion{6, 13, 0};
  if (!looks && module.symbol_name_outside) {
    return GateResult::unknown(
        "a symbol's name lies behind the string table, and this kernel does "
        "not look: it would read what follows, and may crash",
        "do not load this file: build the module again");
  }
  return {};
}

GateResult check_file(const GateInput& input) {
  if (auto refused = check_header(input)) return *refused;
  const LoaderTraits traits = traits_of(input.kernel);
  if (auto refused = check_ppc_abi(input, traits)) return *refused;
  if (auto refused = check_table(input.module)) return *refused;
  if (auto refused = check_sections_of(input, traits)) return *refused;
  if (traits.strict_sections == Tri::yes)
    if (auto refused = check_this_module(input, traits)) return *refused;
  return GateResult::pass();
}

}  // namespace

GateResult elf(const GateInput& input) {
  const auto& version = input.kernel.version;
  if (!input.kernel.arch || !version) return elf_of_any_kernel(input);
  GateResult result = check_file(input);
  // Those say nothing of most of this, and 5.12 to 5.16 "Module has invalid ELF structures"; stable
  // updates may have brought the newer lines.
  if (result.status == GateStatus::fail && *version < KernelVersion{5, 17, 0}) {
    result.log.clear();
    result.log_known = false;
  }
  return result;
}

GateResult elf_symbols(const GateInput& input) {
  const Module& module = input.module;
  if (!input.kernel.version) return elf_symbols_of_any_kernel(input);
  const LoaderTraits traits = traits_of(input.kernel);
  const bool strict = traits.strict_sections == Tri::yes;
  const bool stripped = strict ? module.symbol_tables != 1 : module.symbol_tables == 0;
  if (stripped) {
    GateResult result = refuse(
        fmt::format("{}: module has no symbols (stripped?)", early_name(input)),
        module.symbol_tables ? "there are several symbol tables" : "the symbol table is gone");
    result.hint = "strip modules with --strip-debug (-g) at most, never whole";
    return result;
  }
  if (!strict) {
    const Section* found = module.section(".gnu.linkonce.this_module", true);
    if (found && found->type == SHT_NOBITS) {
      return GateResult::unknown(
          "struct module has no content in the file, and this kernel does "
          "not look: it would use what it cleared, and crash",
          "do not load this file: build the module again");
    }
    if (found) return fatal_to_the_kernel(input).value_or(GateResult::pass());
    return refuse(fmt::format("{}: No module found in object", early_name(input)),
                  "the object was not finished by modpost: it is no module yet");
  }
  const auto symtab = std::find_if(module.sections.begin(), module.sections.end(),
                                   [](const Section& s) { return s.type == SHT_SYMTAB; });
  if (bad_symbol_strings(*symtab, *module.header)) return bad_link(*symtab, *module.header);
  const Section& strings = module.sections[symtab->link];
  if (strings.type == SHT_STRTAB || traits.string_table_types == Tri::no) {
    if (auto refused = check_extended_versions(input, traits)) return *refused;
    if (input.kernel.version && *input.kernel.version >= KernelVersion{6, 13, 0})
      if (auto refused = check_symbol_strings(input, strings)) return *refused;
    return fatal_to_the_kernel(input).value_or(GateResult::pass());
  }
  if (traits.string_table_types == Tri::unknown) {
    return GateResult::unknown(
        "the symbol table's strings have an odd type; whether this kernel "
        "looks depends on its stable updates",
        "kovet boot asks the kernel itself");
  }
  return refuse(fmt::format("Invalid ELF symbol string table type: {}", strings.type),
                "the symbol table does not link to a string table");
}

}  // namespace kovet::gate
