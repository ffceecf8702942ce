#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "module/module.h"

namespace kovet {

/// How the kernel splits a file into module and signature.
struct TrailerScan {
  std::optional<SignatureTrailer> trailer;
  std::uint64_t elf_size = 0;     ///< bytes that are left to parse
  bool marker_misplaced = false;  ///< the marker stands near the end, but not at the very end
};
TrailerScan scan_signature(std::span<const std::byte> file);

}  // namespace kovet
