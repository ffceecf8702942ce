#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/modprobe_config.h"

namespace kovet {

/// The lines of a configuration by kind and name: a plan of many modules asks for those of each,
/// and going through all lines every time would cost their product.
class ConfigIndex {
 public:
  ConfigIndex() = default;
  explicit ConfigIndex(std::span<const ConfigEntry> entries);

  /// Places in the entries, in their order, of the lines of a kind that libkmod applies to a module
  /// (for alias lines: of that very name). Names of install, remove and softdep lines are patterns.
  std::vector<std::uint32_t> find(ConfigKind kind, const std::string& module) const;

 private:
  struct Lines {
    std::unordered_map<std::string, std::vector<std::uint32_t>> plain;
    std::vector<std::pair<std::string, std::uint32_t>> patterns;
  };
  std::array<Lines, 7> kinds_;
};

}  // namespace kovet
