#include "module/relocation_targets.h"

#include <elf.h>

#include "module/read_parts.h"

namespace kovet {

RelocationTargets::RelocationTargets(const Module& module, const ElfLayout& layout)
    : module_(module), layout_(layout) {
  for (const Section& section : module.sections) {
    if (section.type != SHT_SYMTAB) continue;
    symbols_ = section.bytes;
    if (section.link != SHN_UNDEF && section.link < module.sections.size())
      names_ = file_from(module, module.sections[section.link]);
    break;
  }
}

bool RelocationTargets::applies_to(const Section& section, std::uint32_t table) {
  return (section.type == SHT_RELA || section.type == SHT_REL) && section.info == table;
}

std::size_t RelocationTargets::entry_size(const Section& section) const {
  return layout_.word() * (section.type == SHT_RELA ? 3 : 2);
}

bool RelocationTargets::does_nothing(const std::byte* entry) const {
  const std::byte* info = entry + layout_.word();
  if (module_.arch == Arch::mips64) return info[7] == std::byte{0};
  const std::uint64_t value = layout_.unsigned_long(info);
  return (layout_.is_64_bit ? ELF64_R_TYPE(value) : ELF32_R_TYPE(value)) == 0;
}

std::uint32_t RelocationTargets::symbol_index(const std::byte* info) const {
  if (module_.arch == Arch::mips64) return layout_.u32(info);  // r_sym is a word of its own
  const std::uint64_t value = layout_.unsigned_long(info);
  return static_cast<std::uint32_t>(layout_.is_64_bit ? value >> 32 : value >> 8);
}

std::optional<std::uint64_t> RelocationTargets::word_at(std::uint32_t section,
                                                        std::uint64_t at) const {
  const auto bytes = module_.sections[section].bytes;
  if (at > bytes.size() || bytes.size() - at < layout_.word()) return std::nullopt;
  return layout_.unsigned_long(bytes.data() + at);
}

std::optional<RelocationTarget> RelocationTargets::target_of(const Section& section,
                                                             std::uint32_t table,
                                                             const std::byte* entry,
                                                             std::uint64_t place) const {
  const std::size_t word = layout_.word();
  std::uint64_t addend = 0;
  if (section.type == SHT_RELA)
    addend = layout_.unsigned_long(entry + 2 * word);
  else if (const auto held = word_at(table, place))
    addend = *held;
  const std::uint64_t index = symbol_index(entry + word);
  const std::size_t size = layout_.is_64_bit ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
  if (index >= symbols_.size() / size) return std::nullopt;
  const auto found = read_symbols(symbols_.subspan(index * size, size), layout_);
  if (found.empty()) return std::nullopt;
  return RelocationTarget{string_at(names_, found[0].st_name), found[0].st_shndx,
                          found[0].st_value + addend};
}

}  // namespace kovet
