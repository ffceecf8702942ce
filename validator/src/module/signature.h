#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "module/module.h"

namespace kovet {

/// MODULE_SIG_STRING (include/linux/module_signature.h): the last bytes of a signed file.
inline constexpr std::string_view signature_marker = "~Module signature appended~\n";
/// sizeof(struct module_signature), bytes, before the marker.
inline constexpr std::size_t signature_trailer_size = 12;

/// The longest PKCS#7 message that kernels read, bytes; EMSGSIZE for more (lib/asn1_decoder.c:
/// asn1_ber_decoder()).
inline constexpr std::uint32_t largest_message = 65535;

/// How the kernel splits a file into module and signature.
struct TrailerScan {
  /// Present when the file ends in the marker. All zero when too short to hold a trailer.
  std::optional<SignatureTrailer> trailer;
  std::uint64_t elf_size = 0;     ///< bytes that are left to parse
  bool marker_misplaced = false;  ///< the marker stands near the end, but not at the very end
};

/// Looks at the end of a whole, decompressed file; the marker elsewhere is sought in its last
/// 64 KiB. Views point into `file`.
TrailerScan scan_signature(std::span<const std::byte> file);

}  // namespace kovet
