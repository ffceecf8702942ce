#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace kovet {

/// A fast hash of short strings for boost::unordered_flat_map: eight bytes a step. Not meant to
/// withstand an attacker.
struct StringHash {
  using is_avalanching = void;  ///< every bit of the result depends on every byte
  using is_transparent = void;

  std::size_t operator()(std::string_view text) const {
    std::uint64_t hash = text.size() * prime;
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left >= 8; at += 8, left -= 8) hash = mix(hash, load(at, 8));
    if (left) hash = mix(hash, load(at, left));
    return static_cast<std::size_t>(hash ^ (hash >> 29));
  }

 private:
  static constexpr std::uint64_t prime = 0x9e3779b97f4a7c15;

  static std::uint64_t load(const char* at, std::size_t size) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, size);
    return word;
  }
  static std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * prime;
    return hash ^ (hash >> 32);
  }
};

}  // namespace kovet
