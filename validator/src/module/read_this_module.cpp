#include "module/read_parts.h"

// struct module (include/linux/module.h) begins with `enum module_state state; struct list_head
// list; char name[MODULE_NAME_LEN];`, which every kernel since 2.6.0 keeps.

namespace kovet {

void read_this_module(Module& module, const ElfLayout& layout) {
  const Section* section = module.section(".gnu.linkonce.this_module");
  if (!section) return;
  ThisModule found;
  found.section = static_cast<std::uint32_t>(section - module.sections.data());
  found.size = section->size;
  found.stored = section->bytes.size();
  const std::size_t name_offset = 3 * layout.word();
  const std::size_t name_length = 64 - layout.word();
  if (section->bytes.size() >= name_offset + name_length)
    found.name = string_at(section->bytes.subspan(name_offset, name_length), 0);
  module.this_module = found;
}

}  // namespace kovet
