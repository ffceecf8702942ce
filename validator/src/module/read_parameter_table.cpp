#include <elf.h>

#include <optional>

#include "module/read_parts.h"

// struct kernel_param (include/linux/moduleparam.h): name, mod and ops, each a pointer; u16 perm,
// s8 level, u8 flags; a pointer to the variable, or to struct kparam_array or kparam_string. In
// the file the pointers are relocations.

namespace kovet {

namespace {

constexpr std::size_t most_entries = 4096;  // no driver comes near; a hostile file might

/// What a pointer of the table will hold.
struct Target {
  std::string_view symbol;                 ///< empty for symbols without name
  std::uint16_t section = SHN_UNDEF;
  std::uint64_t offset = 0;                ///< into that section, bytes
};

class Reader {
 public:
  Reader(Module& module, const ElfLayout& layout) : module_(module), layout_(layout) {
    for (const Section& section : module.sections) {
      if (section.type != SHT_SYMTAB) continue;
      symbols_ = section.bytes;
      if (section.link < module.sections.size()) names_ = module.sections[section.link].bytes;
      break;
    }
  }

  /// False: something in the table is not as compilers write it.
  bool read(std::uint32_t table) {
    const std::size_t word = layout_.word();
    const std::size_t entry_size = word == 8 ? 40 : 20;
    const Section& section = module_.sections[table];
    const std::size_t count = section.bytes.size() / entry_size;
    if (count > most_entries || section.bytes.size() % entry_size != 0) return false;
    std::vector<std::optional<Target>> name(count), setter(count), argument(count);
    const std::size_t argument_at = word == 8 ? 32 : 16;
    if (!read_relocations(table, [&](std::uint64_t at, const Target& target) {
          const std::size_t entry = at / entry_size, field = at % entry_size;
          if (entry >= count) return;
          if (field == 0) name[entry] = target;
          if (field == 2 * word) setter[entry] = target;
          if (field == argument_at) argument[entry] = target;
        }))
      return false;
    for (std::size_t i = 0; i < count; ++i) {
      if (!name[i] || !setter[i] || name[i]->section >= module_.sections.size()) return false;
      ParameterEntry entry;
      entry.name = string_at(module_.sections[name[i]->section].bytes, name[i]->offset);
      entry.setter = setter[i]->symbol;
      entry.flags = std::to_integer<std::uint8_t>(section.bytes[i * entry_size + 3 * word + 3]);
      // Both structures begin with an unsigned int that limits them.
      if (argument[i] && (entry.setter == "param_array_ops" || entry.setter == "param_ops_string"))
        entry.limit = number_at(*argument[i]);
      module_.parameter_table.push_back(entry);
    }
    return true;
  }

 private:
  template <class Use>
  bool read_relocations(std::uint32_t table, const Use& use) {
    const std::size_t word = layout_.word();
    for (const Section& section : module_.sections) {
      const bool rela = section.type == SHT_RELA;
      if ((!rela && section.type != SHT_REL) || section.info != table) continue;
      const std::size_t size = word * (rela ? 3 : 2);
      for (std::size_t at = 0; at + size <= section.bytes.size(); at += size) {
        const std::byte* entry = section.bytes.data() + at;
        const std::uint64_t place = layout_.unsigned_long(entry);
        std::uint64_t addend = 0;
        if (rela)
          addend = layout_.unsigned_long(entry + 2 * word);
        else if (const auto held = word_at(table, place))
          addend = *held;
        const auto target = target_of(symbol_index(entry + word), addend);
        if (!target) return false;
        use(place, *target);
      }
    }
    return true;
  }

  std::uint32_t symbol_index(const std::byte* info) const {
    if (module_.arch == Arch::mips64) return layout_.u32(info);  // r_sym is a word of its own
    const std::uint64_t value = layout_.unsigned_long(info);
    return static_cast<std::uint32_t>(layout_.is_64_bit ? value >> 32 : value >> 8);
  }

  std::optional<std::uint64_t> word_at(std::uint32_t section, std::uint64_t at) const {
    const auto bytes = module_.sections[section].bytes;
    if (at > bytes.size() || bytes.size() - at < layout_.word()) return std::nullopt;
    return layout_.unsigned_long(bytes.data() + at);
  }

  std::optional<Target> target_of(std::uint32_t index, std::uint64_t addend) const {
    const std::size_t size = layout_.is_64_bit ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
    if (index >= symbols_.size() / size) return std::nullopt;
    const auto found = read_symbols(symbols_.subspan(index * size, size), layout_);
    if (found.empty()) return std::nullopt;
    return Target{string_at(names_, found[0].st_name), found[0].st_shndx,
                  found[0].st_value + addend};
  }

  std::uint32_t number_at(const Target& target) const {
    if (target.section >= module_.sections.size()) return 0;
    const auto bytes = module_.sections[target.section].bytes;
    if (target.offset > bytes.size() || bytes.size() - target.offset < 4) return 0;
    return layout_.u32(bytes.data() + target.offset);
  }

  Module& module_;
  const ElfLayout& layout_;
  std::span<const std::byte> symbols_, names_;
};

}  // namespace

void read_parameter_table(Module& module, const ElfLayout& layout) {
  const Section* table = module.section("__param", true);
  if (!table || table->size == 0) return;
  const auto index = static_cast<std::uint32_t>(table - module.sections.data());
  module.parameter_table_read =
      table->bytes.size() == table->size && Reader(module, layout).read(index);
  if (!module.parameter_table_read) module.parameter_table.clear();
}

}  // namespace kovet
