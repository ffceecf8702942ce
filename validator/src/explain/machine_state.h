#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "explain/proof.h"

// Lines about checks that the machine's state decides (other modules that are loaded, the name's
// folder in /sys, security policies): that the file passes them for itself refutes no such line.

namespace kovet::explain {

/// Module names: '-' and '_' are the same.
bool same_module(std::string_view a, std::string_view b);

/// "drivers/usb/core/usbcore" → "usbcore".
std::string_view basename(std::string_view path);

/// modinfo depends=: the modules that modprobe loads first.
std::vector<std::string> depends_of(const Module& module);

/// What the file says to a line that the machine's state decided, of a check that did not reject
/// it. Nothing: the file and the kernel alone decide. `evidence` has a module and a kernel.
std::optional<Proof> proof_from_machine_state(const Explanation& item, const GateResult& result,
                                              const Evidence& evidence);

}  // namespace kovet::explain
