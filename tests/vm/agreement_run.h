#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kernel/kernel.h"
#include "tests/vm/honest_modules.h"
#include "tests/vm/variants.h"
#include "vm/agreement.h"

namespace kovet::testing {

/// What one module came to.
struct CaseResult {
  std::string kernel, boot_line, name;
  vm::Comparison comparison;
  bool loads = false;      ///< the kernel's answer
  bool peer_rule = false;  ///< what presence and CRCs of its symbols alone would say
  std::string gate = {};   ///< that was predicted to reject; empty: none
};

/// Loads all cases on a kernel with a boot line, and compares each answer with what `kernel`'s
/// facts predict. Files are written below `work`. Errors: the guest cannot be booted.
Result<std::vector<CaseResult>> run_cases(const TestKernel& target, const Kernel& kernel,
                                          const std::vector<Case>& cases,
                                          const std::string& boot_line,
                                          const std::filesystem::path& work);

/// How the peers' rule does on the same modules.
std::string peer_line(const std::vector<CaseResult>& results);

/// "agree 812, false accept 0, ..."
std::string summary_line(const std::vector<CaseResult>& results);

}  // namespace kovet::testing
