#pragma once

#include <optional>
#include <string>
#include <utility>

namespace kovet {

/// A fact that may be absent, with its evidence: gates answer "unknown" from an absent one.
template <class T>
struct Fact {
  std::optional<T> value;
  std::string origin;  ///< present: the file it was read from. Absent: why it is not known
  std::string supply;  ///< absent: what would supply it (a package, a file, an option)

  explicit operator bool() const { return value.has_value(); }
  const T& operator*() const { return *value; }
  const T* operator->() const { return &*value; }

  static Fact known(T v, std::string from) { return Fact{std::move(v), std::move(from), {}}; }
  static Fact absent(std::string why, std::string supply) {
    return Fact{std::nullopt, std::move(why), std::move(supply)};
  }
};

}  // namespace kovet
