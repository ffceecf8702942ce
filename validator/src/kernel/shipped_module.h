#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "support/arch.h"

namespace kovet {

/// What one module that came with a kernel tells of the kernel.
struct ShippedModule {
  std::string path;
  std::string vermagic;                             ///< trailing space included
  std::optional<std::uint64_t> struct_module_size;  ///< bytes
  Arch arch = Arch::unknown;
  bool big_endian = false;
};

/// Opens one module below lib/modules/R/kernel, a second and third only when the first does not
/// fit: it must be in-tree and its vermagic must begin with `release`. Nothing when there is none.
std::optional<ShippedModule> read_shipped_module(const std::filesystem::path& modules_dir,
                                                 const std::string& release);

}  // namespace kovet
