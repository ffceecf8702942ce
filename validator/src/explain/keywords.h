#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace kovet::explain {

/// Finds which of many keywords occur in a line, in one pass (Aho-Corasick as a dense automaton).
/// Its size depends on the keywords alone.
class Keywords {
 public:
  explicit Keywords(std::span<const std::string_view> keywords);

  /// Puts the indices of the keywords that occur into `found`, ascending, each once. Usually none.
  void find(std::string_view line, std::vector<std::uint16_t>& found) const;

 private:
  using State = std::uint16_t;
  std::vector<State> next_;            ///< state * 256 + byte
  std::vector<std::uint8_t> accepts_;  ///< whether a state ends a keyword, itself or by a suffix
  std::vector<std::vector<std::uint16_t>> outputs_;
};

}  // namespace kovet::explain
