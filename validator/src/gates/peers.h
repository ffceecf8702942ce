#pragma once

#include <vector>

#include "gates/gate.h"

namespace kovet {

/// For each of the modules, those of the others that must be loaded before it, in the order in
/// which they load: the exporters of its imports, and theirs. What vmlinux exports needs nobody.
std::vector<std::vector<const Module*>> peers_of(const std::vector<Module>& modules,
                                                 const Kernel& kernel);

}  // namespace kovet
