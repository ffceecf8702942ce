#pragma once

#include <string>
#include <vector>

#include "kernel/read_kernel.h"

namespace kovet {

/// What `kovet kernels` found.
struct KernelsReport {
  std::string root;
  std::string running;  ///< release of this machine's kernel; empty for another root
  std::vector<KernelListing> kernels;
};

/// Headers are there and lack nothing.
bool is_complete(const KernelListing& kernel);

/// `quiet`: only kernels with headers that are incomplete.
std::string kernels_text(const KernelsReport& report, bool color, bool quiet);

/// {"schema": "kovet.kernels/1", "kovet", "root", "running", "kernels": [{"release", "arch",
/// "running", "headers", "modules", "image", "complete", "gaps": [{"what", "hint"}]}]}; what is
/// not there is null.
std::string kernels_json(const KernelsReport& report);

}  // namespace kovet
