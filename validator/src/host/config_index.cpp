#include "host/config_index.h"

#include <algorithm>

namespace kovet {

namespace {

bool takes_patterns(ConfigKind kind) {
  return kind == ConfigKind::install || kind == ConfigKind::remove || kind == ConfigKind::softdep;
}

}  // namespace

ConfigIndex::ConfigIndex(std::span<const ConfigEntry> entries) {
  for (std::uint32_t i = 0; i < entries.size(); ++i) {
    const ConfigEntry& entry = entries[i];
    Lines& lines = kinds_.at(static_cast<std::size_t>(entry.kind));
    if (takes_patterns(entry.kind) && entry.name.find_first_of("*?[\\") != std::string::npos)
      lines.patterns.emplace_back(entry.name, i);
    else
      lines.plain[entry.name].push_back(i);
  }
}

std::vector<std::uint32_t> ConfigIndex::find(ConfigKind kind, const std::string& module) const {
  const Lines& lines = kinds_.at(static_cast<std::size_t>(kind));
  std::vector<std::uint32_t> places;
  if (const auto found = lines.plain.find(module); found != lines.plain.end())
    places = found->second;
  const auto plain = static_cast<std::ptrdiff_t>(places.size());
  for (const auto& [pattern, place] : lines.patterns)
    if (matches(pattern, module)) places.push_back(place);
  std::inplace_merge(places.begin(), places.begin() + plain, places.end());
  return places;
}

}  // namespace kovet
