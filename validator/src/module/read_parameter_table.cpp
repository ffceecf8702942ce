#include <elf.h>

#include <optional>
#include <vector>

#include "module/read_parts.h"
#include "module/relocation_targets.h"

// struct kernel_param (include/linux/moduleparam.h): name, mod and ops, each a pointer; u16 perm,
// s8 level, u8 flags; a pointer to the variable, or to struct kparam_array or kparam_string. In
// the file the pointers are relocations.

namespace kovet {

namespace {

constexpr std::size_t most_entries = 4096;  // no driver comes near; a hostile file might

class Reader {
 public:
  Reader(Module& module, const ElfLayout& layout)
      : module_(module), layout_(layout), targets_(module, layout) {}

  /// False: something in the table is not as compilers write it.
  bool read(std::uint32_t table) {
    const std::size_t word = layout_.word();
    const std::size_t entry_size = word == 8 ? 40 : 20;
    const Section& section = module_.sections[table];
    const std::size_t count = section.bytes.size() / entry_size;
    if (count > most_entries) return false;  // bytes behind the last whole entry are not looked at
    std::vector<std::optional<RelocationTarget>> name(count), setter(count), argument(count);
    const std::size_t argument_at = word == 8 ? 32 : 16;
    if (!targets_.of(table, [&](std::uint64_t at, const RelocationTarget& target) {
          const std::size_t entry = at / entry_size, field = at % entry_size;
          if (entry >= count) return;
          if (field == 0) name[entry] = target;
          if (field == 2 * word) setter[entry] = target;
          if (field == argument_at) argument[entry] = target;
        }))
      return false;
    for (std::size_t i = 0; i < count; ++i) {
      if (!name[i] || name[i]->section >= module_.sections.size()) return false;
      ParameterEntry entry;
      entry.name = string_at(module_.sections[name[i]->section].bytes, name[i]->offset);
      if (setter[i]) entry.setter = setter[i]->symbol;
      entry.permissions = layout_.u16(section.bytes.data() + i * entry_size + 3 * word);
      entry.flags = std::to_integer<std::uint8_t>(section.bytes[i * entry_size + 3 * word + 3]);
      // Both structures begin with an unsigned int that limits them.
      if (argument[i] && (entry.setter == "param_array_ops" || entry.setter == "param_ops_string"))
        entry.limit = number_at(*argument[i]);
      module_.parameter_table.push_back(entry);
    }
    return true;
  }

 private:
  std::uint32_t number_at(const RelocationTarget& target) const {
    if (target.section >= module_.sections.size()) return 0;
    const auto bytes = module_.sections[target.section].bytes;
    if (target.offset > bytes.size() || bytes.size() - target.offset < 4) return 0;
    return layout_.u32(bytes.data() + target.offset);
  }

  Module& module_;
  const ElfLayout& layout_;
  const RelocationTargets targets_;
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
