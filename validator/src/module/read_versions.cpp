#include <elf.h>

#include "module/read_parts.h"

// struct modversion_info (include/linux/module.h): an unsigned long CRC and a name that fills the
// entry to 64 bytes. Extended tables (6.14): u32 CRCs, and NUL-separated names in the same order.

namespace kovet {

namespace {

constexpr std::size_t basic_entry_size = 64;

VersionTable read_basic(const Module& module, const Section& section, const ElfLayout& layout) {
  VersionTable table;
  table.size = section.size;
  table.trailing_bytes = section.size % basic_entry_size;
  const auto bytes = content_in_file(module, section);
  table.entries.reserve(bytes.size() / basic_entry_size);
  const auto whole = module.bytes->span();
  for (std::size_t at = 0; at + basic_entry_size <= bytes.size(); at += basic_entry_size) {
    SymbolVersion entry;
    entry.crc = layout.unsigned_long(bytes.data() + at);
    // strcmp() does not stop at the end of the field, so neither does the name.
    entry.name = string_at(whole, section.offset + at + layout.word());
    table.entries.push_back(entry);
  }
  return table;
}

VersionTable read_extended(const Section& crcs, const Section& names, const ElfLayout& layout) {
  VersionTable table;
  table.size = crcs.size;
  table.trailing_bytes = crcs.size % sizeof(std::uint32_t);
  std::size_t name_at = 0;
  for (std::size_t at = 0; at + sizeof(std::uint32_t) <= crcs.bytes.size();
       at += sizeof(std::uint32_t)) {
    if (name_at >= names.bytes.size()) {
      table.trailing_bytes += crcs.bytes.size() - at;
      table.more_than_names = true;
      break;
    }
    const std::string_view name = string_at(names.bytes, name_at);
    name_at += name.size() + 1;
    table.entries.push_back({name, layout.u32(crcs.bytes.data() + at)});
  }
  return table;
}

}  // namespace

void read_versions(Module& module, const ElfLayout& layout) {
  constexpr bool allocated = true;
  if (const Section* section = module.section("__versions", allocated))
    module.versions = read_basic(module, *section, layout);
  const Section* crcs = module.section("__version_ext_crcs", allocated);
  const Section* names = module.section("__version_ext_names", allocated);
  module.lone_extended_section = (crcs == nullptr) != (names == nullptr);
  if (crcs && names) module.extended_versions = read_extended(*crcs, *names, layout);
}

}  // namespace kovet
