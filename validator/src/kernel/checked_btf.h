#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernel/btf_view.h"
#include "kernel/check_btf.h"

namespace kovet {

/// BTF whose types were checked one by one, without what they refer to. Views what it was read
/// from.
struct CheckedBtf {
  struct Type {
    std::uint64_t at = 0;  ///< offset of its first byte
    std::uint32_t kind = 0;
    std::uint32_t next = 0;  ///< the third word: a size, or the type referred to
  };
  BtfAnswer answer;
  BtfView view;
  std::span<const std::byte> names;  ///< its own strings
  std::uint32_t first = 0;           ///< id of its first type
  std::vector<Type> types;           ///< up to the first that is bad
};

/// btf_parse_base() of a .BTF.base.
CheckedBtf check_btf_alone(std::span<const std::byte> btf, bool big_endian, bool any_section_name);
/// .BTF that builds on one, whose types are `below`. `base` must outlive the result.
CheckedBtf check_btf_above(std::span<const std::byte> btf, bool big_endian, const BtfBase& base,
                           std::span<const CheckedBtf::Type> below, bool any_section_name);

}  // namespace kovet
