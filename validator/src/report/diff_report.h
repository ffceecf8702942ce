#pragma once

#include <span>
#include <string>

#include "check/kernel_diff.h"

namespace kovet {

std::string diff_text(const KernelDiff& diff, const Kernel& from, const Kernel& to, bool color,
                      bool quiet);
/// schema kovet.diff/1; `errors`: modules that could not be read.
std::string diff_json(const KernelDiff& diff, std::span<const Module> modules, const Kernel& from,
                      const Kernel& to, std::span<const Error> errors = {});

}  // namespace kovet
