#include <elf.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "module/read_parts.h"
#include "module/relocation_targets.h"

// struct kernel_symbol (include/linux/export.h): value, name and, since 5.4, namespace; 32-bit
// offsets relative to their own place where the machine has HAVE_ARCH_PREL32_RELOCATIONS, else
// pointers. The kernel goes by these tables alone; the symbols that name their entries may be
// gone after strip --strip-unneeded.

namespace kovet {

namespace {

constexpr std::size_t most_entries = 1 << 16;  // no driver comes near; a hostile file might

struct Place {
  std::uint64_t at;  // bytes into the table
  RelocationTarget target;
};

struct EntryLayout {
  std::size_t field = 4;   // bytes
  std::size_t fields = 3;  // two before namespaces
  std::size_t size() const { return field * fields; }
};

class TableReader {
 public:
  TableReader(Module& module, const ElfLayout& layout)
      : module_(module), layout_(layout), targets_(module, layout) {}

  /// The exports of one table, as far as the kernel can have it; empty: it cannot be understood.
  std::optional<std::vector<Export>> read(const Section& table, const Section* crcs,
                                          bool gpl_only) {
    std::vector<Place> places;
    const bool whole = targets_.of(index_of(table), [&](std::uint64_t at, const auto& target) {
      places.push_back({at, target});
    });
    if (!whole) return std::nullopt;
    const EntryLayout entry = layout_of(table, places);
    const std::size_t count = table.size / entry.size();
    if (count > most_entries) return std::nullopt;
    std::vector<std::optional<RelocationTarget>> names(count), spaces(count);
    for (const Place& place : places) {
      const std::size_t i = place.at / entry.size(), field = place.at % entry.size();
      if (i >= count) continue;
      // Machines that subtract name the place itself in a second relocation.
      if (field == entry.field && !names[i]) names[i] = place.target;
      if (field == 2 * entry.field && !spaces[i]) spaces[i] = place.target;
    }
    std::vector<Export> found(count);
    for (std::size_t i = 0; i < count; ++i) {
      found[i].gpl_only = gpl_only;
      found[i].name = text(names[i], table, i * entry.size() + entry.field);
      if (entry.fields == 3)
        found[i].symbol_namespace = text(spaces[i], table, i * entry.size() + 2 * entry.field);
    }
    if (crcs) read_crcs(*crcs, found);
    mark_found(found);
    return found;
  }

 private:
  std::uint32_t index_of(const Section& section) const {
    return static_cast<std::uint32_t>(&section - module_.sections.data());
  }

  EntryLayout layout_of(const Section& table, const std::vector<Place>& places) const {
    EntryLayout entry;
    const bool halves = std::any_of(places.begin(), places.end(),
                                    [](const Place& place) { return place.at % 8 == 4; });
    if (layout_.is_64_bit && !halves && !places.empty()) entry.field = 8;
    // Values point elsewhere than names, the first of which is always the second field: whichever
    // number of fields fits more of them. The section of the names may have any name itself.
    const auto first_name = std::find_if(
        places.begin(), places.end(), [&](const Place& place) { return place.at == entry.field; });
    const auto holds_names = [&](const RelocationTarget& target) {
      return first_name != places.end() && target.section == first_name->target.section;
    };
    const auto fitting = [&](std::size_t fields) {
      return std::count_if(places.begin(), places.end(), [&](const Place& place) {
        return holds_names(place.target) == (place.at / entry.field % fields != 0);
      });
    };
    const bool too_small = !places.empty() && table.size < 3 * entry.field;
    if (too_small || fitting(2) > fitting(3)) entry.fields = 2;
    return entry;
  }

  /// What a field will point to. Without a relocation it points to itself, if it is zero.
  std::string_view text(const std::optional<RelocationTarget>& target, const Section& table,
                        std::size_t at) {
    if (target) {
      if (target->section != SHN_UNDEF && target->section < module_.sections.size()) {
        const Section& section = module_.sections[target->section];
        const bool stays = section.flags & SHF_ALLOC;
        const auto name = string_at(section.bytes, target->offset);
        if (stays && target->offset < section.bytes.size() &&
            name.size() < section.bytes.size() - target->offset)  // it ends
          return name;
      }
      module_.exports_unclear = true;
      return {};
    }
    const auto field = table.bytes.subspan(std::min(at, table.bytes.size()));
    const auto own = field.first(std::min<std::size_t>(field.size(), 4));
    if (std::any_of(own.begin(), own.end(), [](std::byte b) { return b != std::byte{0}; }))
      module_.exports_unclear = true;
    return {};
  }

  /// The kernel takes the one at the symbol's place. They are numbers since 5.19; before, they
  /// were relocations: against an absolute symbol, or relative to where the number lies.
  void read_crcs(const Section& crcs, std::vector<Export>& found) const {
    std::vector<Place> places;
    targets_.of(index_of(crcs), [&](std::uint64_t at, const RelocationTarget& target) {
      places.push_back({at, target});
    });
    const bool longs = layout_.is_64_bit && !places.empty() && crcs.size == found.size() * 8;
    const std::size_t width = longs ? 8 : 4;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if ((i + 1) * width > crcs.size)
        found[i].crc_outside = true;
      else if ((i + 1) * width > crcs.bytes.size())
        found[i].crc = 0;  // SHT_NOBITS
      else
        found[i].crc = number(crcs.bytes.subspan(i * width, width));
    }
    for (const Place& place : places) {
      const std::size_t i = place.at / width;
      if (place.at % width == 0 && i < found.size()) take_relocated_crc(place.target, found[i]);
    }
  }

  void take_relocated_crc(const RelocationTarget& target, Export& symbol) const {
    symbol.crc = std::nullopt;
    if (target.section == SHN_UNDEF) return;  // genksyms had none
    if (target.section == SHN_ABS) {
      symbol.crc = static_cast<std::uint32_t>(target.offset);
      return;
    }
    symbol.crc_outside = true;
    if (target.section >= module_.sections.size()) return;
    const auto bytes = module_.sections[target.section].bytes;
    if (target.offset > bytes.size() || bytes.size() - target.offset < 4) return;
    symbol.crc = layout_.u32(bytes.data() + target.offset);
    symbol.crc_outside = false;
  }

  std::uint32_t number(std::span<const std::byte> bytes) const {
    return bytes.size() == 8 ? static_cast<std::uint32_t>(layout_.unsigned_long(bytes.data()))
                             : layout_.u32(bytes.data());
  }

  /// lib/bsearch.c: bsearch(). Linkers sort the tables; what is not in order may not be found.
  static void mark_found(std::vector<Export>& found) {
    const auto before = [](const Export& a, const Export& b) { return a.name < b.name; };
    if (std::adjacent_find(found.begin(), found.end(), [&](const Export& a, const Export& b) {
          return !before(a, b);
        }) == found.end())
      return;
    for (std::size_t i = 0; i < found.size(); ++i) found[i].found = search(found, i);
  }

  static bool search(const std::vector<Export>& all, std::size_t wanted) {
    std::size_t base = 0;
    for (std::size_t number = all.size(); number > 0; number >>= 1) {
      const std::size_t pivot = base + (number >> 1);
      const int order = all[wanted].name.compare(all[pivot].name);
      if (order == 0) return pivot == wanted;
      if (order > 0) {
        base = pivot + 1;
        --number;
      }
    }
    return false;
  }

  Module& module_;
  const ElfLayout& layout_;
  const RelocationTargets targets_;
};

}  // namespace

void read_export_tables(Module& module, const ElfLayout& layout) {
  TableReader reader(module, layout);
  for (const bool gpl_only : {false, true}) {
    const std::string_view name = gpl_only ? "__ksymtab_gpl" : "__ksymtab";
    if (!module.section(name)) continue;  // an object that was not linked yet: one section each
    const Section* table = module.section(name, true);
    std::optional<std::vector<Export>> found = std::vector<Export>{};
    if (table)
      found = reader.read(*table, module.section(gpl_only ? "__kcrctab_gpl" : "__kcrctab", true),
                          gpl_only);
    std::erase_if(module.exports,
                  [&](const Export& symbol) { return symbol.gpl_only == gpl_only; });
    if (!found) {
      module.exports_unclear = true;
      continue;
    }
    module.exports.insert(gpl_only ? module.exports.end() : module.exports.begin(), found->begin(),
                          found->end());
  }
}

}  // namespace kovet
