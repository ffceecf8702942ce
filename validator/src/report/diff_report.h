#pragma once

#include <span>
#include <string>

#include "check/kernel_diff.h"

namespace kovet {

std::string diff_text(const KernelDiff& diff, const Kernel& from, const Kernel& to, bool color,
                      bool quiet);
/// schema kovet.diff/1
std::string diff_json(const KernelDiff& diff, std::span<const Module> modules, const Kernel& from,
                      const Kernel& to);

}  // namespace kovet
