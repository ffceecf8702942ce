#pragma once

#include <cstdint>
#include <string_view>

#include "module/module.h"

namespace kovet {

/// What is left of a signature in a file that the kernel takes for unsigned. strip and objcopy
/// leave nothing: without remains it cannot be told whether a module was ever signed.
enum class SignatureRemains : std::uint8_t {
  none,
  marker_not_at_end,       ///< the marker, with other bytes behind it
  message_without_marker,  ///< a PKCS#7 message behind the ELF file, whose end was cut off
};
std::string_view to_string(SignatureRemains remains);

struct RemainsScan {
  SignatureRemains kind = SignatureRemains::none;
  std::uint64_t bytes_behind = 0;  ///< of marker_not_at_end: how many follow the marker
  bool is_whole = false;           ///< without these the file would end in a whole signature
};

/// Looks behind the ELF file of an unsigned module; `none` for a signed one. Never fails. After
/// drop_bytes() only the marker is known, not what follows it.
RemainsScan find_signature_remains(const Module& module);

}  // namespace kovet
