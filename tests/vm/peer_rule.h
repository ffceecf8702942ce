#pragma once

#include <span>

#include "kernel/kernel.h"
#include "module/module.h"

namespace kovet::testing {

/// The rule that the nearest tools go by, for comparison: a module loads when every symbol it needs
/// is exported, by the kernel or by a module loaded before, with an equal CRC. Nothing else is
/// looked at.
bool peer_rule_accepts(const Module& module, const Kernel& kernel,
                       std::span<const Module* const> loaded_before);

}  // namespace kovet::testing
