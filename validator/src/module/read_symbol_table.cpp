#include <elf.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <limits>

#include "module/read_parts.h"

// Imports are what simplify_symbols() of kernel/module/main.c walks. Exports are found by the
// symbols that EXPORT_SYMBOL and modpost leave beside each entry: __ksymtab_N, __crc_N and
// __kstrtabns_N (include/linux/export-internal.h and its predecessors).

namespace kovet {

namespace {

Binding to_binding(unsigned char info) {
  switch (ELF64_ST_BIND(info)) {
    case STB_LOCAL:
      return Binding::local;
    case STB_GLOBAL:
      return Binding::global;
    case STB_WEAK:
      return Binding::weak;
    default:
      return Binding::other;
  }
}

constexpr std::uint16_t shn_livepatch = 0xff20;  // include/uapi/linux/elf.h

class SymbolTable {
 public:
  SymbolTable(Module& module, const Section& table, const ElfLayout& layout)
      : module_(module), layout_(layout), table_(table.bytes) {
    if (table.link != SHN_UNDEF && table.link < module.sections.size()) {
      names_ = file_from(module, module.sections[table.link]);
      names_size_ = module.sections[table.link].size;
    }
    exports_something_ =
        std::any_of(module.sections.begin(), module.sections.end(),
                    [](const Section& section) { return section.name.starts_with("__ksymtab"); });
  }

  void read() {
    const std::size_t size = layout_.is_64_bit ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
    const std::size_t count = table_.size() / size;
    constexpr std::size_t at_once = 1024;  // large tables are not copied whole
    for (first_ = 0; first_ < count; first_ += at_once) {
      const std::size_t some = std::min(at_once, count - first_);
      entries_ = read_symbols(table_.subspan(first_ * size, some * size), layout_);
      sort_out(first_ == 0 ? 1 : 0);
    }
    finish_exports();
  }

 private:
  struct Place {
    Export what;
    std::uint64_t order;  // offset in __ksymtab*
  };

  void sort_out(std::size_t from) {
    for (std::size_t i = from; i < entries_.size(); ++i) {
      const Elf64_Sym& entry = entries_[i];
      if (entry.st_name >= names_size_) module_.symbol_name_outside = true;
      switch (entry.st_shndx) {
        case SHN_UNDEF:
          module_.imports.push_back(symbol(i));
          break;
        case SHN_COMMON:
          module_.commons.push_back(symbol(i));
          break;
        case SHN_ABS:
        case shn_livepatch:
          look_for_export(entry);
          break;
        default:
          if (entry.st_shndx >= module_.sections.size())
            module_.bad_section_symbols.push_back(symbol(i));
          else
            look_for_export(entry);
      }
    }
  }

  Symbol symbol(std::size_t index) const {
    const Elf64_Sym& entry = entries_[index];
    Symbol out;
    out.name = string_at(names_, entry.st_name);
    out.name_offset = entry.st_name;
    out.binding = to_binding(entry.st_info);
    out.type = ELF64_ST_TYPE(entry.st_info);
    out.section = entry.st_shndx;
    out.value = entry.st_value;
    out.size = entry.st_size;
    out.index = static_cast<std::uint32_t>(first_ + index);
    return out;
  }

  void look_for_export(const Elf64_Sym& entry) {
    const bool maybe_this_module = module_.this_module &&
                                   entry.st_shndx == module_.this_module->section &&
                                   entry.st_value == 0;
    if (!exports_something_ && !maybe_this_module) return;
    const std::string_view name = string_at(names_, entry.st_name);
    if (!name.starts_with("__")) return;
    constexpr std::string_view ksymtab = "__ksymtab_", crc = "__crc_", name_space = "__kstrtabns_",
                               string = "__kstrtab_";
    if (maybe_this_module && name == "__this_module")
      module_.this_module->symbol_size = entry.st_size;
    else if (name.starts_with(ksymtab))
      add_export(name.substr(ksymtab.size()), entry);
    else if (name.starts_with(crc))
      crcs_.insert_or_assign(name.substr(crc.size()), read_crc(entry));
    else if (name.starts_with(name_space))
      namespaces_.insert_or_assign(name.substr(name_space.size()), read_string(entry));
    else if (name.starts_with(string))
      names_in_table_.insert_or_assign(name.substr(string.size()), read_string(entry));
  }

  void add_export(std::string_view name, const Elf64_Sym& entry) {
    if (entry.st_shndx >= module_.sections.size()) return;
    const std::string_view section = module_.sections[entry.st_shndx].name;
    if (!section.starts_with("__ksymtab")) return;  // __ksymtab_strings starts alike
    if (section.starts_with("__ksymtab_strings")) return;
    // Objects before the final link have one section per symbol: ___ksymtab_gpl+NAME.
    places_.push_back({Export{name, {}, {}, section.starts_with("__ksymtab_gpl")}, entry.st_value});
  }

  std::optional<std::uint32_t> read_crc(const Elf64_Sym& entry) const {
    if (entry.st_shndx == SHN_ABS) return static_cast<std::uint32_t>(entry.st_value);
    if (entry.st_shndx >= module_.sections.size()) return {};
    const auto bytes = module_.sections[entry.st_shndx].bytes;
    if (bytes.size() < sizeof(std::uint32_t) ||
        entry.st_value > bytes.size() - sizeof(std::uint32_t))
      return {};
    return layout_.u32(bytes.data() + entry.st_value);
  }

  std::string_view read_string(const Elf64_Sym& entry) const {
    if (entry.st_shndx >= module_.sections.size()) return {};
    return string_at(module_.sections[entry.st_shndx].bytes, entry.st_value);
  }

  void finish_exports() {
    std::stable_sort(places_.begin(), places_.end(), [](const Place& a, const Place& b) {
      return std::pair(a.what.gpl_only, a.order) < std::pair(b.what.gpl_only, b.order);
    });
    module_.exports.reserve(places_.size());
    for (Place& place : places_) {
      if (const auto crc = crcs_.find(place.what.name); crc != crcs_.end())
        place.what.crc = crc->second;
      if (const auto found = namespaces_.find(place.what.name); found != namespaces_.end())
        place.what.symbol_namespace = found->second;
      // The kernel takes the name from the table of strings, not from the symbol table.
      if (const auto found = names_in_table_.find(place.what.name); found != names_in_table_.end())
        place.what.name = found->second;
      module_.exports.push_back(place.what);
    }
  }

  Module& module_;
  const ElfLayout& layout_;
  std::span<const std::byte> table_;
  std::size_t first_ = 0;           // index of the first of `entries_`
  std::vector<Elf64_Sym> entries_;  // some of the table
  bool exports_something_ = false;
  std::span<const std::byte> names_;
  std::uint64_t names_size_ = 0;
  std::vector<Place> places_;
  boost::unordered_flat_map<std::string_view, std::optional<std::uint32_t>> crcs_;
  boost::unordered_flat_map<std::string_view, std::string_view> namespaces_, names_in_table_;
};

}  // namespace

void read_symbol_table(Module& module, const ElfLayout& layout) {
  const Section* first = nullptr;
  for (const Section& section : module.sections) {
    if (section.type != SHT_SYMTAB) continue;
    ++module.symbol_tables;
    if (!first) first = &section;
  }
  if (first) SymbolTable(module, *first, layout).read();
}

}  // namespace kovet
