#include "module/elf_image.h"

#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace kovet {

namespace {

std::uint16_t machine_at(std::span<const std::byte> file, bool big_endian) {
  const auto first = std::to_integer<std::uint16_t>(file[18]);
  const auto second = std::to_integer<std::uint16_t>(file[19]);
  return static_cast<std::uint16_t>(big_endian ? first << 8 | second : second << 8 | first);
}

bool is_known(std::uint16_t machine) {
  return arch_from_elf(machine, true) != Arch::unknown ||
         arch_from_elf(machine, false) != Arch::unknown;
}

/// Runs libelf's translation of `count` whole entries of one type into `Native` structures.
template <class Native>
std::vector<Native> translate(std::span<const std::byte> bytes, std::size_t count, Elf_Type type,
                              const ElfLayout& layout) {
  // Left uninitialised cheaply: libelf writes every byte.
  std::vector<Native> out(count);
  Elf_Data source{};
  source.d_buf = const_cast<std::byte*>(bytes.data());
  source.d_size = count * sizeof(Native);
  source.d_type = type;
  source.d_version = EV_CURRENT;
  Elf_Data sink = source;
  sink.d_buf = out.data();
  const unsigned encoding = layout.big_endian ? ELFDATA2MSB : ELFDATA2LSB;
  const Elf_Data* done = layout.is_64_bit ? elf64_xlatetom(&sink, &source, encoding)
                                          : elf32_xlatetom(&sink, &source, encoding);
  if (!done) out.clear();
  return out;
}

[[maybe_unused]] const unsigned libelf_ready = elf_version(EV_CURRENT);

template <class Shdr>
Section to_section(const Shdr& header) {
  Section section;
  section.name_offset = header.sh_name;
  section.type = header.sh_type;
  section.flags = header.sh_flags;
  section.addr = header.sh_addr;
  section.offset = header.sh_offset;
  section.size = header.sh_size;
  section.link = header.sh_link;
  section.info = header.sh_info;
  section.addralign = header.sh_addralign;
  section.entsize = header.sh_entsize;
  return section;
}

template <class Ehdr>
ElfHeader to_header(const Ehdr& native) {
  ElfHeader header;
  header.magic_ok = std::memcmp(native.e_ident, ELFMAG, SELFMAG) == 0;
  header.elf_class = native.e_ident[EI_CLASS];
  header.elf_data = native.e_ident[EI_DATA];
  header.type = native.e_type;
  header.machine = native.e_machine;
  header.flags = native.e_flags;
  header.shoff = native.e_shoff;
  header.shentsize = native.e_shentsize;
  header.shnum = native.e_shnum;
  header.shstrndx = native.e_shstrndx;
  return header;
}

template <class Shdr>
void append_sections(std::span<const std::byte> table, std::size_t count, const ElfLayout& layout,
                     std::vector<Section>& sections) {
  for (const Shdr& header : translate<Shdr>(table, count, ELF_T_SHDR, layout))
    sections.push_back(to_section(header));
}

}  // namespace

std::uint16_t ElfLayout::u16(const std::byte* at) const {
  std::uint16_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return big_endian == (std::endian::native == std::endian::big) ? value : __builtin_bswap16(value);
}

std::uint32_t ElfLayout::u32(const std::byte* at) const {
  std::uint32_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return big_endian == (std::endian::native == std::endian::big) ? value : __builtin_bswap32(value);
}

std::uint64_t ElfLayout::unsigned_long(const std::byte* at) const {
  if (!is_64_bit) return u32(at);
  std::uint64_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return big_endian == (std::endian::native == std::endian::big) ? value : __builtin_bswap64(value);
}

ElfLayout detect_layout(std::span<const std::byte> file) {
  ElfLayout layout;
  layout.is_64_bit = std::to_integer<int>(file[EI_CLASS]) != ELFCLASS32;
  layout.big_endian = std::to_integer<int>(file[EI_DATA]) == ELFDATA2MSB;
  const std::uint16_t declared = machine_at(file, layout.big_endian);
  // The other byte order is taken only where the declared one makes no sense at all: kernels do
  // not look at EI_DATA, and a known machine number read in the wrong order is not a known one.
  if (!is_known(declared) && is_known(machine_at(file, !layout.big_endian)))
    layout.big_endian = !layout.big_endian;
  const std::uint16_t machine = machine_at(file, layout.big_endian);
  const bool can_be_64 = arch_from_elf(machine, true) != Arch::unknown;
  const bool can_be_32 = arch_from_elf(machine, false) != Arch::unknown;
  if (can_be_64 != can_be_32) layout.is_64_bit = can_be_64;
  return layout;
}

ElfHeader read_header(std::span<const std::byte> file, const ElfLayout& layout) {
  ElfHeader header;
  if (layout.is_64_bit) {
    const auto native = translate<Elf64_Ehdr>(file, 1, ELF_T_EHDR, layout);
    if (!native.empty()) header = to_header(native.front());
  } else {
    const auto native = translate<Elf32_Ehdr>(file, 1, ELF_T_EHDR, layout);
    if (!native.empty()) header = to_header(native.front());
  }
  header.ehdr_size = layout.is_64_bit ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
  header.shdr_size = layout.is_64_bit ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
  return header;
}

std::vector<Section> read_sections(std::span<const std::byte> file, const ElfHeader& header,
                                   const ElfLayout& layout) {
  std::vector<Section> sections;
  const std::uint64_t table_size = std::uint64_t{header.shnum} * header.shdr_size;
  if (header.shentsize != header.shdr_size || header.shoff >= file.size() ||
      table_size > file.size() - header.shoff)
    return sections;
  const auto table = file.subspan(header.shoff, table_size);
  sections.reserve(header.shnum);
  if (layout.is_64_bit)
    append_sections<Elf64_Shdr>(table, header.shnum, layout, sections);
  else
    append_sections<Elf32_Shdr>(table, header.shnum, layout, sections);

  for (Section& section : sections) {
    if (section.type == SHT_NOBITS || section.type == SHT_NULL) continue;
    if (section.offset > file.size() || section.size > file.size() - section.offset) continue;
    section.bytes = file.subspan(section.offset, section.size);
  }
  if (header.shstrndx < sections.size()) {
    // Whatever type the table claims to have: kernels did not look before 6.12.
    const Section& table_of_names = sections[header.shstrndx];
    const bool inside = table_of_names.offset <= file.size() &&
                        table_of_names.size <= file.size() - table_of_names.offset;
    const auto names = inside ? file.subspan(table_of_names.offset, table_of_names.size)
                              : std::span<const std::byte>{};
    for (Section& section : sections) section.name = string_at(names, section.name_offset);
  }
  return sections;
}

std::vector<Elf64_Sym> read_symbols(std::span<const std::byte> table, const ElfLayout& layout) {
  if (layout.is_64_bit)
    return translate<Elf64_Sym>(table, table.size() / sizeof(Elf64_Sym), ELF_T_SYM, layout);
  std::vector<Elf64_Sym> symbols;
  const auto narrow =
      translate<Elf32_Sym>(table, table.size() / sizeof(Elf32_Sym), ELF_T_SYM, layout);
  symbols.reserve(narrow.size());
  for (const Elf32_Sym& symbol : narrow) {
    symbols.push_back({symbol.st_name, symbol.st_info, symbol.st_other, symbol.st_shndx,
                       symbol.st_value, symbol.st_size});
  }
  return symbols;
}

std::string_view string_at(std::span<const std::byte> bytes, std::uint64_t offset,
                           std::size_t most) {
  if (offset >= bytes.size()) return {};
  const auto* first = reinterpret_cast<const char*>(bytes.data()) + offset;
  return {first, ::strnlen(first, std::min<std::uint64_t>(bytes.size() - offset, most))};
}

}  // namespace kovet
