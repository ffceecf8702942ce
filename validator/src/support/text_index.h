#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "support/string_hash.h"

namespace kovet {

/// Finds keys of a text by their place in it: four bytes a key instead of views and values, which
/// matters for files of 30,000 lines of which a module asks for ten. Every key must be followed by
/// the byte `end`. The text is not owned, must stay where it is, and be smaller than 4 GiB.
class TextIndex {
 public:
  TextIndex() : TextIndex({}, '\0') {}
  TextIndex(std::string_view text, char end)
      : text_(text), end_(end), places_(0, Hash{this->text_, end}, Equal{this->text_, end}) {}

  void reserve(std::size_t keys) { places_.reserve(keys); }
  std::size_t size() const { return places_.size(); }

  struct Added {
    std::uint32_t place;  ///< of the key, or of the equal one that was there before
    bool is_new;
  };
  Added add(std::uint32_t place) {
    const auto [at, is_new] = places_.insert(place);
    return {*at, is_new};
  }

  /// The place of the key that was added first.
  std::optional<std::uint32_t> find(std::string_view key) const {
    const auto found = places_.find(key);
    if (found == places_.end()) return std::nullopt;
    return *found;
  }

  auto begin() const { return places_.begin(); }
  auto end() const { return places_.end(); }

 private:
  static std::string_view key_at(std::string_view text, std::uint32_t place, char end) {
    const char* const first = text.data() + place;
    const auto* last = static_cast<const char*>(std::memchr(first, end, text.size() - place));
    return {first, last ? static_cast<std::size_t>(last - first) : text.size() - place};
  }
  struct Hash {
    using is_avalanching = void;
    using is_transparent = void;
    std::string_view text;
    char end;
    std::size_t operator()(std::uint32_t place) const {
      return StringHash{}(key_at(text, place, end));
    }
    std::size_t operator()(std::string_view key) const { return StringHash{}(key); }
  };
  struct Equal {
    using is_transparent = void;
    std::string_view text;
    char end;
    bool operator()(std::uint32_t a, std::uint32_t b) const {
      return key_at(text, a, end) == key_at(text, b, end);
    }
    bool operator()(std::string_view key, std::uint32_t place) const {
      return key_at(text, place, end) == key;
    }
    bool operator()(std::uint32_t place, std::string_view key) const {
      return key_at(text, place, end) == key;
    }
  };

  std::string_view text_;
  char end_;
  boost::unordered_flat_set<std::uint32_t, Hash, Equal> places_;
};

}  // namespace kovet
