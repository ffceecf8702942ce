#pragma once

#include <linux/btf.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace kovet::testing {

/// Raw little-endian BTF, made by hand. Types are numbered in the order they are added.
class BtfMaker {
 public:
  /// BTF that stands alone, such as .BTF.base.
  BtfMaker() : names_(1, '\0') {}
  /// BTF that builds on another: numbers and names count on.
  static BtfMaker on(const BtfMaker& base) {
    BtfMaker made;
    made.first_ = base.next();
    made.names_before_ = base.names_before_ + static_cast<std::uint32_t>(base.names_.size());
    return made;
  }

  /// The number that the next type gets. A base without types has not even void.
  std::uint32_t next() const { return empty_base() ? 0 : first_ + count_; }

  /// Where a name lies that is added to the strings.
  std::uint32_t name(std::string_view text) {
    const auto at = names_before_ + static_cast<std::uint32_t>(names_.size());
    names_ += std::string(text) + '\0';
    return at;
  }

  /// A type with its first three words, and what follows them. Returns its number.
  std::uint32_t type(std::uint32_t kind, std::uint32_t name, std::uint32_t size,
                     const std::string& tail = "", std::uint32_t entries = 0, bool flag = false) {
    types_ += word(name) + word(kind << 24 | entries | (flag ? 1U << 31 : 0)) + word(size) + tail;
    return first_ + count_++;
  }
  std::uint32_t number(std::string_view text, std::uint32_t size, std::uint32_t encoding) {
    return type(BTF_KIND_INT, name(text), size, word(encoding << 24 | size * 8));
  }
  /// As a base has them: without members.
  std::uint32_t bare(std::uint32_t kind, std::string_view text, std::uint32_t size,
                     bool flag = false) {
    return type(kind, name(text), size, "", 0, flag);
  }
  std::uint32_t pointer(std::uint32_t to) { return type(BTF_KIND_PTR, 0, to); }
  std::uint32_t array(std::uint32_t of, std::uint32_t index, std::uint32_t count) {
    return type(BTF_KIND_ARRAY, 0, 0, word(of) + word(index) + word(count));
  }
  std::uint32_t alias(std::string_view text, std::uint32_t of) {
    return type(BTF_KIND_TYPEDEF, name(text), of);
  }
  /// A struct with one member.
  std::uint32_t holder(std::string_view text, std::uint32_t size, std::uint32_t member) {
    const std::uint32_t own = name(text), field = name("field");
    return type(BTF_KIND_STRUCT, own, size, word(field) + word(member) + word(0), 1);
  }

  std::string build() const {
    const auto types = static_cast<std::uint32_t>(types_.size());
    return std::string("\x9f\xeb\1\0", 4) + word(24) + word(0) + word(types) + word(types) +
           word(static_cast<std::uint32_t>(names_.size())) + types_ + names_;
  }

  static std::string word(std::uint32_t value) {
    std::string bytes(4, '\0');
    std::memcpy(bytes.data(), &value, 4);
    return bytes;
  }

 private:
  bool empty_base() const { return names_before_ == 0 && count_ == 0; }

  std::uint32_t first_ = 1, count_ = 0, names_before_ = 0;
  std::string types_, names_;
};

}  // namespace kovet::testing
