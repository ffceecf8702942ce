#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

#include "support/error.h"

namespace kovet {

/// sizeof(struct NAME) from raw BTF (Documentation/bpf/btf.rst), bytes. Reads types in order and
/// stops at the first match. Nothing when there is no such struct or the BTF is damaged.
std::optional<std::uint64_t> btf_struct_size(std::span<const std::byte> btf, std::string_view name);

/// The same from an ELF file's .BTF section, or from a file of raw BTF such as
/// /sys/kernel/btf/vmlinux. Errors: unreadable, no .BTF, no such struct.
Result<std::uint64_t> btf_struct_size(const std::filesystem::path& file, std::string_view name);

}  // namespace kovet
