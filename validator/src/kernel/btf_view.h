#pragma once

#include <linux/btf.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/btf.h"

namespace kovet {

inline constexpr std::uint32_t max_btf_name_offset = 0x00ffffff;
inline constexpr std::size_t longest_btf_name = 512;  // KSYM_NAME_LEN

/// btf_kind_str of kernel/bpf/btf.c.
inline constexpr std::array<std::string_view, 20> btf_kind_names{
    "UNKNOWN", "INT",     "PTR",      "ARRAY",    "STRUCT",   "UNION", "ENUM",
    "FWD",     "TYPEDEF", "VOLATILE", "CONST",    "RESTRICT", "FUNC",  "FUNC_PROTO",
    "VAR",     "DATASEC", "FLOAT",    "DECL_TAG", "TYPE_TAG", "ENUM64"};

/// The first twelve bytes of a type.
struct BtfType {
  std::uint32_t name = 0, info = 0, size = 0;  ///< size, or the type referred to
  std::uint32_t kind() const { return BTF_INFO_KIND(info); }
  std::uint32_t count() const { return BTF_INFO_VLEN(info); }
  bool flag() const { return BTF_INFO_KFLAG(info); }
};

/// Numbers and names of raw BTF that builds on a kernel's own. Views what it is given.
class BtfView {
 public:
  BtfView(std::span<const std::byte> btf, bool big_endian, const BtfBase* base)
      : btf_(btf), big_endian_(big_endian), base_(base) {}
  void set_names(std::span<const std::byte> names) { names_ = names; }

  /// At an offset that lies inside.
  std::uint32_t u32(std::uint64_t at) const;
  /// The string at an offset that counts on from the kernel's own strings.
  std::optional<std::string_view> name_at(std::uint32_t offset) const;
  /// Whether there is a string at all; unlike name_at() as fast for the longest.
  bool has_name(std::uint32_t offset) const { return rest_at(offset).has_value(); }
  bool is_empty_name(std::uint32_t offset) const;
  /// The same as name_at(); nothing where it is longer than longest_btf_name.
  std::optional<std::string_view> short_name_at(std::uint32_t offset) const;
  bool is_identifier(std::uint32_t offset) const;
  /// `any`: every printable character will do.
  bool is_section_name(std::uint32_t offset, bool any) const;
  /// As the kernel prints it: "(anon)", "(invalid-name-offset)".
  std::string shown_name(std::uint32_t offset) const;

 private:
  /// From an offset to the end of the strings that it lies in.
  std::optional<std::string_view> rest_at(std::uint32_t offset) const;

  std::span<const std::byte> btf_, names_;
  bool big_endian_;
  const BtfBase* base_;
};

/// What log_details() of its kind prints of a type at `at`, piece by piece.
std::vector<std::string> describe_btf_type(const BtfView& view, const BtfType& type,
                                           std::uint64_t at);

}  // namespace kovet
