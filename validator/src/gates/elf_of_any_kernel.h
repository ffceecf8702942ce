#pragma once

#include "gates/gate.h"

// The gates "elf" and "elf-symbols" for a kernel whose release or machine is not known: what all
// kernels that it may be answer alike.

namespace kovet::gate {

/// Fail: no kernel takes the file, whatever its release and machine. It then includes what older
/// kernels find only when they look at the symbols.
GateResult elf_of_any_kernel(const GateInput& input);

/// For a kernel of unknown release.
GateResult elf_symbols_of_any_kernel(const GateInput& input);

}  // namespace kovet::gate
