#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/error.h"

namespace kovet {

/// A type of the kernel's own that a module's .BTF.base may mean: an int, float, enum, struct,
/// union or forward declaration with a name.
struct BtfNamedType {
  std::uint32_t id = 0;
  std::uint32_t name = 0, size = 0;  ///< bytes; name: where it begins among the strings
  std::uint16_t name_length = 0;
  std::uint8_t kind = 0;      ///< BTF_KIND_...
  std::uint8_t encoding = 0;  ///< of an int
  bool flag = false;          ///< kind_flag; of a forward declaration: of a union
  bool ambiguous = false;     ///< a struct or union whose name another one has too
};

/// What BTF that builds on a kernel's own needs of it.
struct BtfBase {
  std::string origin;            ///< the file
  std::vector<std::byte> names;  ///< its string section
  std::uint32_t types = 0;       ///< how many there are, void included
  /// In the order of their ids. Not set: not read, as only modules with .BTF.base need them.
  std::optional<std::vector<BtfNamedType>> named = std::nullopt;
};

enum class BtfReading : std::uint8_t {
  frame,        ///< strings and the number of types
  named_types,  ///< BtfBase::named too
};

/// From raw BTF. Nothing when it is damaged.
std::optional<BtfBase> read_btf_base(std::span<const std::byte> btf, std::string origin,
                                     BtfReading reading = BtfReading::frame);
/// The same from an ELF file's .BTF section, or from a file of raw BTF. Errors: unreadable, no BTF.
Result<BtfBase> read_btf_base(const std::filesystem::path& file,
                              BtfReading reading = BtfReading::frame);

/// sizeof(struct NAME) from raw BTF (Documentation/bpf/btf.rst), bytes. Reads types in order and
/// stops at the first match. Nothing when there is no such struct or the BTF is damaged.
std::optional<std::uint64_t> btf_struct_size(std::span<const std::byte> btf, std::string_view name);

/// The same from an ELF file's .BTF section, or from a file of raw BTF such as
/// /sys/kernel/btf/vmlinux. Errors: unreadable, no .BTF, no such struct.
Result<std::uint64_t> btf_struct_size(const std::filesystem::path& file, std::string_view name);

}  // namespace kovet
