#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "module/elf_image.h"
#include "module/module.h"

// Pointers in a module's tables are relocations in the file. This tells what they will point to.

namespace kovet {

/// What a pointer of a table will hold.
struct RelocationTarget {
  std::string_view symbol;    ///< empty for symbols without name
  std::uint16_t section = 0;  ///< st_shndx
  std::uint64_t offset = 0;   ///< into that section, bytes; the value where it is SHN_ABS
};

class RelocationTargets {
 public:
  /// `module` has its sections, and outlives this.
  RelocationTargets(const Module& module, const ElfLayout& layout);

  /// Calls `use(place, target)` for each relocation of section `table`, in the file's order, but
  /// those of type 0, which do nothing. False: one of them names no symbol.
  template <class Use>
  bool of(std::uint32_t table, const Use& use) const {
    for (const Section& section : module_.sections) {
      if (!applies_to(section, table)) continue;
      const std::size_t size = entry_size(section);
      for (std::size_t at = 0; at + size <= section.bytes.size(); at += size) {
        const std::byte* entry = section.bytes.data() + at;
        if (does_nothing(entry)) continue;
        const std::uint64_t place = layout_.unsigned_long(entry);
        const auto target = target_of(section, table, entry, place);
        if (!target) return false;
        use(place, *target);
      }
    }
    return true;
  }

 private:
  static bool applies_to(const Section& section, std::uint32_t table);
  std::size_t entry_size(const Section& section) const;
  bool does_nothing(const std::byte* entry) const;
  std::optional<RelocationTarget> target_of(const Section& section, std::uint32_t table,
                                            const std::byte* entry, std::uint64_t place) const;
  std::optional<std::uint64_t> word_at(std::uint32_t section, std::uint64_t at) const;
  std::uint32_t symbol_index(const std::byte* info) const;

  const Module& module_;
  const ElfLayout& layout_;
  std::span<const std::byte> symbols_, names_;
};

}  // namespace kovet
