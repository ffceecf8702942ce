#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kernel/kernel.h"

// What follows from a kernel's configuration alone.

namespace kovet {

/// Machine of the kernel; Arch::unknown for those Kovet does not know.
Arch arch_of(const KernelConfig& config);
bool is_big_endian(const KernelConfig& config);

/// What VERMAGIC_STRING depends on beside the configuration.
struct VermagicInput {
  std::string_view release;  ///< UTS_RELEASE
  KernelVersion version;
  Arch arch = Arch::unknown;
  /// "RANDSTRUCT_<hash>" or "RANDSTRUCT_PLUGIN_<hash>" of the tree; empty when not at hand.
  std::string_view randstruct;
  /// Text of include/linux/vermagic.h, asked only where versions differ; empty when not at hand.
  std::string_view header;
};

/// Computes VERMAGIC_STRING (include/linux/vermagic.h, arch/*/include/asm/vermagic.h), trailing
/// space included. Absent, with the reason, when the configuration does not decide it.
Fact<std::string> compute_vermagic(const KernelConfig& config, const VermagicInput& input,
                                   const std::string& origin);

}  // namespace kovet
