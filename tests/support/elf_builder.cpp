#include "tests/support/elf_builder.h"

#include <elf.h>

#include <algorithm>
#include <stdexcept>

namespace kovet::testing {

namespace {

struct Machine {
  std::uint32_t flags, pointer, call, relative;
};

Machine machine_of(Arch arch) {
  switch (arch) {
    case Arch::x86:
      return {0, R_386_32, R_386_PLT32, R_386_PC32};
    case Arch::arm:
      return {EF_ARM_EABI_VER5, R_ARM_ABS32, R_ARM_CALL, R_ARM_REL32};
    case Arch::arm64:
      return {0, R_AARCH64_ABS64, R_AARCH64_CALL26, R_AARCH64_PREL32};
    case Arch::ppc64:
      return {2, R_PPC64_ADDR64, R_PPC64_REL24, R_PPC64_REL32};
    case Arch::s390x:
      return {0, R_390_64, R_390_PLT32DBL, R_390_PC32};
    case Arch::mips:
      return {0x70001000, R_MIPS_32, R_MIPS_26, R_MIPS_32};
    case Arch::mips64:
      return {0x80000000, R_MIPS_64, R_MIPS_26, R_MIPS_32};
    case Arch::riscv64:
      return {EF_RISCV_FLOAT_ABI_DOUBLE | EF_RISCV_RVC, R_RISCV_64, R_RISCV_CALL_PLT,
              R_RISCV_32_PCREL};
    default:
      return {0, R_X86_64_64, R_X86_64_PLT32, R_X86_64_PC32};
  }
}

std::uint8_t elf_binding(Binding binding) {
  switch (binding) {
    case Binding::local:
      return STB_LOCAL;
    case Binding::global:
      return STB_GLOBAL;
    case Binding::weak:
      return STB_WEAK;
    case Binding::other:
      break;
  }
  return STB_GNU_UNIQUE;
}

}  // namespace

const std::string_view signature_marker = "~Module signature appended~\n";

/// A string table under construction: every name once.
struct ElfBuilder::Names {
  std::string text = std::string(1, '\0');
  std::map<std::string, std::uint32_t, std::less<>> offsets{{"", 0}};

  std::uint32_t add(const std::string& name) {
    const auto [place, fresh] = offsets.try_emplace(name, static_cast<std::uint32_t>(text.size()));
    if (fresh) text.append(name).push_back('\0');
    return place->second;
  }
};

ElfBuilder::ElfBuilder(Arch arch)
    : arch_(arch == Arch::unknown ? Arch::x86_64 : arch), big_(arch == Arch::s390x) {
  if (arch == Arch::unknown) machine_ = std::uint16_t{EM_NONE};
}

ElfBuilder& ElfBuilder::big_endian(bool big) {
  return big_ = big, *this;
}
ElfBuilder& ElfBuilder::type(std::uint16_t e_type) {
  return type_ = e_type, *this;
}
ElfBuilder& ElfBuilder::machine(std::uint16_t e_machine) {
  return machine_ = e_machine, *this;
}
ElfBuilder& ElfBuilder::flags(std::uint32_t e_flags) {
  return flags_ = e_flags, *this;
}
ElfBuilder& ElfBuilder::shentsize(std::uint16_t size) {
  return shentsize_ = size, *this;
}
ElfBuilder& ElfBuilder::shnum(std::uint16_t count) {
  return shnum_ = count, *this;
}
ElfBuilder& ElfBuilder::shstrndx(std::uint16_t index) {
  return shstrndx_ = index, *this;
}
ElfBuilder& ElfBuilder::shoff(std::uint64_t offset) {
  return shoff_ = offset, *this;
}
ElfBuilder& ElfBuilder::ident(std::size_t index, std::uint8_t value) {
  return ident_[index] = value, *this;
}

SectionSpec& ElfBuilder::section(std::string_view name) {
  const auto found = std::find_if(sections_.begin(), sections_.end(),
                                  [&](const SectionSpec& s) { return s.name == name; });
  if (found != sections_.end()) return *found;
  return sections_.emplace_back(SectionSpec{.name = std::string(name)});
}

bool ElfBuilder::has_section(std::string_view name) const {
  return std::any_of(sections_.begin(), sections_.end(),
                     [&](const SectionSpec& s) { return s.name == name; });
}

ElfBuilder& ElfBuilder::add_section(SectionSpec spec) {
  sections_.push_back(std::move(spec));
  return *this;
}

ElfBuilder& ElfBuilder::remove_section(std::string_view name) {
  std::erase_if(sections_, [&](const SectionSpec& s) { return s.name == name; });
  std::erase_if(relocations_, [&](const Relocation& r) { return r.section == name; });
  std::vector<std::string> gone;
  for (const SymbolSpec& s : symbols_)
    if (s.section == name) gone.push_back(s.name);
  for (const std::string& each : gone) remove_symbol(each);
  return *this;
}

ElfBuilder& ElfBuilder::append(std::string_view section_name, std::string_view bytes) {
  section(section_name).content.append(bytes);
  return *this;
}

ElfBuilder& ElfBuilder::symbol(SymbolSpec spec) {
  symbols_.push_back(std::move(spec));
  return *this;
}

ElfBuilder& ElfBuilder::import(std::string_view name, Binding binding) {
  return symbol({.name = std::string(name), .binding = binding});
}

ElfBuilder& ElfBuilder::common(std::string_view name, std::uint64_t size) {
  return symbol({.name = std::string(name),
                 .shndx = SHN_COMMON,
                 .type = STT_OBJECT,
                 .value = word(),
                 .size = size});
}

ElfBuilder& ElfBuilder::remove_symbol(std::string_view name) {
  std::erase_if(symbols_, [&](const SymbolSpec& s) { return s.name == name; });
  std::erase_if(relocations_, [&](const Relocation& r) { return r.symbol == name; });
  return *this;
}

ElfBuilder& ElfBuilder::relocation(std::string_view section_name, std::uint64_t offset,
                                   std::uint32_t type, std::string_view symbol,
                                   std::int64_t addend) {
  relocations_.push_back({std::string(section_name), offset, type, std::string(symbol), addend});
  return *this;
}

std::uint32_t ElfBuilder::pointer_relocation() const {
  return machine_of(arch_).pointer;
}
std::uint32_t ElfBuilder::call_relocation() const {
  return machine_of(arch_).call;
}
std::uint32_t ElfBuilder::relative_relocation() const {
  return machine_of(arch_).relative;
}

ElfBuilder& ElfBuilder::tail(std::string_view bytes) {
  tail_.append(bytes);
  return *this;
}

std::string ElfBuilder::number(std::uint64_t value, std::size_t bytes) const {
  std::string out(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i)
    out[big_ ? bytes - 1 - i : i] = static_cast<char>(value >> (8 * i));
  return out;
}

bool ElfBuilder::uses_rela() const {
  return arch_ != Arch::x86 && arch_ != Arch::arm && arch_ != Arch::mips;
}

std::uint16_t ElfBuilder::index_of(std::string_view section_name) const {
  for (std::size_t i = 0; i < sections_.size(); ++i)
    if (sections_[i].name == section_name) return static_cast<std::uint16_t>(i + 1);
  throw std::logic_error("no section " + std::string(section_name) + " in the ELF file to be");
}

std::vector<SymbolSpec> ElfBuilder::ordered_symbols() const {
  std::vector<SymbolSpec> ordered = symbols_;
  std::stable_partition(ordered.begin(), ordered.end(),
                        [](const SymbolSpec& s) { return s.binding == Binding::local; });
  return ordered;
}

std::string ElfBuilder::symbol_table(const std::vector<SymbolSpec>& ordered, Names& names) const {
  std::string table(is_64_bit(arch_) ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym), '\0');
  for (const SymbolSpec& symbol : ordered) {
    const std::uint32_t name = names.add(symbol.name);
    const std::uint16_t place = symbol.section.empty() ? symbol.shndx : index_of(symbol.section);
    const auto info = static_cast<std::uint8_t>((elf_binding(symbol.binding) << 4) | symbol.type);
    const std::string kind = number(info, 1) + number(0, 1) + number(place, 2);
    table += number(symbol.name_offset.value_or(name), 4);
    if (is_64_bit(arch_))
      table += kind + number(symbol.value, 8) + number(symbol.size, 8);
    else
      table += number(symbol.value, 4) + number(symbol.size, 4) + kind;
  }
  return table;
}

std::string ElfBuilder::relocation_table(std::string_view section_name,
                                         const std::vector<SymbolSpec>& ordered) const {
  std::string table;
  for (const Relocation& relocation : relocations_) {
    if (relocation.section != section_name) continue;
    const auto found = std::find_if(ordered.begin(), ordered.end(), [&](const SymbolSpec& s) {
      return s.name == relocation.symbol;
    });
    if (found == ordered.end() && !relocation.symbol.empty())
      throw std::logic_error("no symbol " + relocation.symbol + " in the ELF file to be");
    const std::uint64_t symbol = relocation.symbol.empty() ? 0 : found - ordered.begin() + 1;
    table += number(relocation.offset, word());
    if (arch_ == Arch::mips64)  // three types and a special symbol of one byte each
      table += number(symbol, 4) + std::string(3, '\0') + number(relocation.type, 1);
    else if (is_64_bit(arch_))
      table += number(symbol << 32 | relocation.type, 8);
    else
      table += number(symbol << 8 | (relocation.type & 0xff), 4);
    if (uses_rela()) table += number(static_cast<std::uint64_t>(relocation.addend), word());
  }
  return table;
}

std::vector<SectionSpec> ElfBuilder::all_sections() const {
  std::vector<SectionSpec> all(sections_.begin(), sections_.end());
  const std::vector<SymbolSpec> ordered = ordered_symbols();
  std::vector<SectionSpec> tables;
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    std::string table = relocation_table(sections_[i].name, ordered);
    if (table.empty() || index_of(sections_[i].name) != i + 1) continue;
    tables.push_back({.name = (uses_rela() ? ".rela" : ".rel") + sections_[i].name,
                      .type = uses_rela() ? std::uint32_t{SHT_RELA} : std::uint32_t{SHT_REL},
                      .flags = SHF_INFO_LINK,
                      .content = std::move(table),
                      .addralign = word(),
                      .entsize = word() * (uses_rela() ? 3 : 2),
                      .info = static_cast<std::uint32_t>(i + 1)});
  }
  const auto symtab = static_cast<std::uint32_t>(all.size() + tables.size() + 1);
  for (SectionSpec& table : tables) {
    table.link = symtab;
    if (!has_section(table.name)) all.push_back(std::move(table));
  }
  Names names;
  const auto locals = std::count_if(ordered.begin(), ordered.end(), [](const SymbolSpec& s) {
    return s.binding == Binding::local;
  });
  if (!has_section(".symtab"))
    all.push_back({.name = ".symtab",
                   .type = SHT_SYMTAB,
                   .flags = 0,
                   .content = symbol_table(ordered, names),
                   .addralign = word(),
                   .entsize = is_64_bit(arch_) ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym),
                   .link = static_cast<std::uint32_t>(all.size() + 2),
                   .info = static_cast<std::uint32_t>(locals + 1)});
  if (!has_section(".strtab"))
    all.push_back({.name = ".strtab", .type = SHT_STRTAB, .flags = 0, .content = names.text});
  if (!has_section(".shstrtab"))
    all.push_back({.name = ".shstrtab", .type = SHT_STRTAB, .flags = 0});
  return all;
}

std::string ElfBuilder::section_header(const SectionSpec& spec, std::uint32_t name_offset,
                                       std::uint64_t offset, std::uint64_t size) const {
  return number(spec.name_offset.value_or(name_offset), 4) + number(spec.type, 4) +
         number(spec.flags, word()) + number(spec.addr, word()) +
         number(spec.offset.value_or(offset), word()) + number(spec.size.value_or(size), word()) +
         number(spec.link.value_or(0), 4) + number(spec.info.value_or(0), 4) +
         number(spec.addralign, word()) + number(spec.entsize, word());
}

std::string ElfBuilder::file_header(std::uint64_t section_table, std::size_t count) const {
  std::string ident(EI_NIDENT, '\0');
  ident.replace(0, SELFMAG, ELFMAG);
  ident[EI_CLASS] = is_64_bit(arch_) ? ELFCLASS64 : ELFCLASS32;
  ident[EI_DATA] = big_ ? ELFDATA2MSB : ELFDATA2LSB;
  ident[EI_VERSION] = EV_CURRENT;
  for (const auto& [index, value] : ident_) ident.at(index) = static_cast<char>(value);
  const std::size_t header = is_64_bit(arch_) ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
  const std::size_t entry = is_64_bit(arch_) ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
  return ident + number(type_.value_or(ET_REL), 2) +
         number(machine_.value_or(elf_machine(arch_)), 2) + number(EV_CURRENT, 4) +
         number(0, word()) + number(0, word()) + number(shoff_.value_or(section_table), word()) +
         number(flags_.value_or(machine_of(arch_).flags), 4) + number(header, 2) + number(0, 2) +
         number(0, 2) + number(shentsize_.value_or(entry), 2) + number(shnum_.value_or(count), 2) +
         number(shstrndx_.value_or(count - 1), 2);
}

std::string ElfBuilder::build() const {
  std::vector<SectionSpec> all = all_sections();
  Names names;
  std::vector<std::uint32_t> name_offsets;
  for (const SectionSpec& spec : all) name_offsets.push_back(names.add(spec.name));
  if (!has_section(".shstrtab")) all.back().content = names.text;

  std::string body(is_64_bit(arch_) ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr), '\0');
  std::string headers(is_64_bit(arch_) ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr), '\0');
  const auto align = [&](std::uint64_t to) {
    if (to > 1 && to <= 4096) body.resize((body.size() + to - 1) / to * to);
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    align(all[i].addralign);
    headers += section_header(all[i], name_offsets[i], body.size(), all[i].content.size());
    if (all[i].type != SHT_NOBITS) body += all[i].content;
  }
  align(word());
  const std::string header = file_header(body.size(), all.size() + 1);
  return patched(body, 0, header) + headers + tail_;
}

std::string patched(std::string content, std::size_t offset, std::string_view bytes) {
  if (offset > content.size() || bytes.size() > content.size() - offset)
    throw std::logic_error("a patch outside the file to be");
  return content.replace(offset, bytes.size(), bytes);
}

}  // namespace kovet::testing
