#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "module/module.h"
#include "support/arch.h"

// Makes relocatable ELF files in memory, shaped as Kbuild's are, honest or broken on purpose.

namespace kovet::testing {

/// One section of the file to be. What is optional overrides what the builder would write.
struct SectionSpec {
  std::string name;
  std::uint32_t type = 1;   ///< SHT_PROGBITS
  std::uint64_t flags = 2;  ///< SHF_ALLOC
  std::string content;
  std::uint64_t addralign = 1;
  std::uint64_t entsize = 0;
  std::uint64_t addr = 0;
  std::optional<std::uint32_t> link, info;
  std::optional<std::uint32_t> name_offset;   ///< sh_name as it is
  std::optional<std::uint64_t> offset, size;  ///< sh_offset, sh_size as they are
};

/// One symbol; locals are moved to the front of .symtab, otherwise the order stays.
struct SymbolSpec {
  std::string name;
  std::string section;      ///< name of a section; empty: `shndx`
  std::uint16_t shndx = 0;  ///< SHN_UNDEF
  Binding binding = Binding::global;
  std::uint8_t type = 0;  ///< STT_NOTYPE
  std::uint64_t value = 0, size = 0;
  std::optional<std::uint32_t> name_offset;  ///< st_name as it is
};

/// How an export is written down.
struct ExportSpec {
  std::optional<std::uint32_t> crc;
  std::string symbol_namespace;
  bool gpl_only = false;
};

/// The 12 bytes before the signature marker.
struct TrailerSpec {
  std::uint8_t algo = 0, hash = 0, id_type = 2, signer_len = 0, key_id_len = 0;
  std::string padding = std::string(3, '\0');
  std::optional<std::uint32_t> sig_len;  ///< the length of the signature when absent
};

/// "~Module signature appended~\n"
extern const std::string_view signature_marker;

class ElfBuilder {
 public:
  /// Byte order as Debian ships that machine (big endian for s390x alone).
  explicit ElfBuilder(Arch arch = Arch::x86_64);

  /// Before anything that holds numbers is added.
  ElfBuilder& big_endian(bool big);
  /// ET_REL, e_machine, EI_CLASS and so on, other than the builder would write them.
  ElfBuilder& type(std::uint16_t e_type);
  ElfBuilder& machine(std::uint16_t e_machine);
  ElfBuilder& flags(std::uint32_t e_flags);
  ElfBuilder& ident(std::size_t index, std::uint8_t value);
  ElfBuilder& shentsize(std::uint16_t size);
  ElfBuilder& shnum(std::uint16_t count);
  ElfBuilder& shstrndx(std::uint16_t index);
  ElfBuilder& shoff(std::uint64_t offset);

  /// The section of that name, made at the end when there is none. Stays valid while building.
  SectionSpec& section(std::string_view name);
  bool has_section(std::string_view name) const;
  ElfBuilder& add_section(SectionSpec spec);  ///< also when one of that name is there already
  ElfBuilder& remove_section(std::string_view name);
  ElfBuilder& append(std::string_view section_name, std::string_view bytes);

  ElfBuilder& symbol(SymbolSpec spec);
  ElfBuilder& import(std::string_view name, Binding binding = Binding::global);
  ElfBuilder& common(std::string_view name, std::uint64_t size);
  ElfBuilder& remove_symbol(std::string_view name);
  /// A relocation of `section_name` against a symbol; RELA or REL as the machine has it.
  ElfBuilder& relocation(std::string_view section_name, std::uint64_t offset, std::uint32_t type,
                         std::string_view symbol, std::int64_t addend = 0);
  /// The machine's own relocation for a pointer, a call, and a 32-bit place-relative value.
  std::uint32_t pointer_relocation() const;
  std::uint32_t call_relocation() const;
  std::uint32_t relative_relocation() const;

  /// Appends "key=value" to .modinfo.
  ElfBuilder& modinfo(std::string_view key, std::string_view value);
  /// Replaces the value of every entry of that key, or appends one.
  ElfBuilder& set_modinfo(std::string_view key, std::string_view value);
  ElfBuilder& remove_modinfo(std::string_view key);
  /// Appends an entry to `__versions`: an unsigned long, and a name filling up 64 bytes.
  ElfBuilder& version(std::string_view name, std::uint64_t crc);
  /// Appends to `__version_ext_crcs` and `__version_ext_names`.
  ElfBuilder& extended_version(std::string_view name, std::uint32_t crc);
  /// `.gnu.linkonce.this_module` of that size with the name where struct module has it, and the
  /// symbol __this_module.
  ElfBuilder& this_module(std::string_view name, std::uint64_t size);
  /// EXPORT_SYMBOL as kernels since 5.10 write it: `__ksymtab[_gpl]`, `__kcrctab[_gpl]`,
  /// `__ksymtab_strings`, and the symbols that name them. The symbol itself lies in .text.
  ElfBuilder& export_symbol(std::string_view name, const ExportSpec& spec = {});
  /// module_param(): `__param`, its name in .rodata, and parmtype=; parm= with a description. The
  /// setter is param_ops_TYPE unless named. After this_module().
  ElfBuilder& parameter(std::string_view name, std::string_view type_name,
                        std::string_view description = {}, std::string setter = {});
  /// Appends a signature, its trailer and the marker behind the ELF file.
  ElfBuilder& signature(std::string_view der, const TrailerSpec& trailer = {});
  /// Appends bytes behind everything.
  ElfBuilder& tail(std::string_view bytes);

  /// The file. Building is repeatable and changes nothing.
  std::string build() const;
  Arch arch() const { return arch_; }
  bool is_big_endian() const { return big_; }
  /// A number as the file has it.
  std::string number(std::uint64_t value, std::size_t bytes) const;

 private:
  struct Relocation {
    std::string section;
    std::uint64_t offset;
    std::uint32_t type;
    std::string symbol;
    std::int64_t addend;
  };
  struct Names;

  std::size_t word() const { return is_64_bit(arch_) ? 8 : 4; }
  bool uses_rela() const;
  std::vector<SymbolSpec> ordered_symbols() const;
  std::string symbol_table(const std::vector<SymbolSpec>& ordered, Names& names) const;
  std::string relocation_table(std::string_view section_name,
                               const std::vector<SymbolSpec>& ordered) const;
  std::uint16_t index_of(std::string_view section_name) const;
  std::string section_header(const SectionSpec& spec, std::uint32_t name_offset,
                             std::uint64_t offset, std::uint64_t size) const;
  std::string file_header(std::uint64_t section_table, std::size_t count) const;
  std::vector<SectionSpec> all_sections() const;

  Arch arch_;
  bool big_;
  std::deque<SectionSpec> sections_;
  std::vector<SymbolSpec> symbols_;
  std::vector<Relocation> relocations_;
  std::string tail_;
  std::optional<std::uint16_t> type_, machine_, shentsize_, shnum_, shstrndx_;
  std::optional<std::uint32_t> flags_;
  std::optional<std::uint64_t> shoff_;
  std::map<std::size_t, std::uint8_t> ident_;
};

/// `content` with the bytes at `offset` replaced.
std::string patched(std::string content, std::size_t offset, std::string_view bytes);

}  // namespace kovet::testing
