#include "module/module.h"

#include <elf.h>

#include <algorithm>
#include <filesystem>

namespace kovet {

std::optional<std::string_view> Module::first(std::string_view key) const {
  const auto found = std::find_if(modinfo.begin(), modinfo.end(),
                                  [&](const ModinfoEntry& entry) { return entry.key == key; });
  if (found == modinfo.end()) return std::nullopt;
  return found->value;
}

std::vector<std::string_view> Module::all(std::string_view key) const {
  std::vector<std::string_view> values;
  for (const ModinfoEntry& entry : modinfo)
    if (entry.key == key) values.push_back(entry.value);
  return values;
}

const Section* Module::section(std::string_view wanted, bool allocated) const {
  const auto found = std::find_if(sections.begin(), sections.end(), [&](const Section& section) {
    return section.name == wanted && (!allocated || (section.flags & SHF_ALLOC));
  });
  return found == sections.end() ? nullptr : &*found;
}

std::span<const std::byte> Module::section_of_type(std::uint32_t type) const {
  for (const Section& section : sections)
    if (section.type == type) return section.bytes;
  return {};
}

std::string Module::display_name() const {
  if (!name.empty()) return name;
  std::string file = std::filesystem::path(path).filename().string();
  if (const std::size_t ending = file.find(".ko"); ending != std::string::npos) file.resize(ending);
  std::replace(file.begin(), file.end(), '-', '_');
  return file;
}

}  // namespace kovet
