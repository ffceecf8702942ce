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

/// What BTF that builds on a kernel's own needs of it.
struct BtfBase {
  std::string origin;             ///< the file
  std::vector<std::byte> names;   ///< its string section
  std::uint32_t types = 0;        ///< how many there are, void included
};

/// From raw BTF. Nothing when it is damaged.
std::optional<BtfBase> read_btf_base(std::span<const std::byte> btf, std::string origin);
/// The same from an ELF file's .BTF section, or from a file of raw BTF. Errors: unreadable, no BTF.
Result<BtfBase> read_btf_base(const std::filesystem::path& file);

/// sizeof(struct NAME) from raw BTF (Documentation/bpf/btf.rst), bytes. Reads types in order and
/// stops at the first match. Nothing when there is no such struct or the BTF is damaged.
std::optional<std::uint64_t> btf_struct_size(std::span<const std::byte> btf, std::string_view name);

/// The same from an ELF file's .BTF section, or from a file of raw BTF such as
/// /sys/kernel/btf/vmlinux. Errors: unreadable, no .BTF, no such struct.
Result<std::uint64_t> btf_struct_size(const std::filesystem::path& file, std::string_view name);

}  // namespace kovet
