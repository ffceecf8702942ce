#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "support/error.h"

namespace kovet {

/// One file of a cpio archive; views into the archive.
struct CpioEntry {
  std::string_view name;
  std::uint32_t mode = 0;  ///< st_mode
  std::span<const std::byte> content;
};

/// Walks "newc" archives (Documentation/driver-api/early-userspace/buffer-format.rst), several
/// behind each other with zeros between; returns how many bytes they took: what follows may be
/// compressed. Errors: a header that is none, or one that points behind the end.
Result<std::size_t> read_cpio(std::span<const std::byte> archive,
                              const std::function<void(const CpioEntry&)>& visit);

}  // namespace kovet
