#include <elf.h>

#include "module/read_parts.h"

// kernel/module/main.c: get_next_modinfo(), module_next_tag_pair().

namespace kovet {

std::span<const std::byte> content_in_file(const Module& module, const Section& section) {
  const auto file = module.bytes->span().first(module.elf_size);
  if (section.offset > file.size() || section.size > file.size() - section.offset) return {};
  return file.subspan(section.offset, section.size);
}

std::span<const std::byte> file_from(const Module& module, const Section& section) {
  const auto file = module.bytes->span().first(module.elf_size);
  return section.offset < file.size() ? file.subspan(section.offset) : std::span<const std::byte>{};
}

void read_modinfo(Module& module) {
  const Section* section = module.section(".modinfo");
  if (section) module.modinfo_allocated = (section->flags & SHF_ALLOC) != 0;
  if (section && section->size != 0 && content_in_file(module, *section).empty()) return;
  if (!section && module.sections.empty()) return;
  // Without the section its index is 0, and the kernel reads what the first one leads to.
  const Section& first = section ? *section : module.sections.front();
  // A string without NUL runs on into what follows the section, as it does in the kernel, which
  // also looks at the first one before it looks at the size.
  const auto behind = file_from(module, first);
  std::uint64_t at = 0;
  do {
    const std::string_view text = string_at(behind, at, behind.size());
    at += text.empty() ? 1 : text.size();
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    module.modinfo.push_back({text.substr(0, equals), text.substr(equals + 1)});
  } while (at < first.size && at < behind.size());
}

void read_parameters(Module& module) {
  const auto find_or_add = [&](std::string_view name) -> Parameter& {
    for (Parameter& parameter : module.parameters)
      if (parameter.name == name) return parameter;
    return module.parameters.emplace_back(Parameter{name, {}, {}});
  };
  constexpr std::size_t most = 4096;  // bounds the search above for hostile files
  for (const ModinfoEntry& entry : module.modinfo) {
    const bool is_type = entry.key == "parmtype";
    if (!is_type && entry.key != "parm") continue;
    if (module.parameters.size() >= most) return;
    const std::size_t colon = entry.value.find(':');
    if (colon == std::string_view::npos) continue;
    Parameter& parameter = find_or_add(entry.value.substr(0, colon));
    (is_type ? parameter.type : parameter.description) = entry.value.substr(colon + 1);
  }
}

}  // namespace kovet
