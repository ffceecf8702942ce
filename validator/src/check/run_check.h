#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/check_report.h"
#include "rules/waivers.h"

// Puts the rooms together for `kovet check`: reads modules and kernels, judges every pair.

namespace kovet {

struct CheckRequest {
  std::vector<std::string> modules;  ///< files, or folders to search for .ko files
  std::vector<std::string> kernels;  ///< what the user calls kernels; empty: the default one
  std::vector<std::string> symvers;  ///< further Module.symvers
  std::string own_symvers;  ///< what the modules were published with; empty: the one beside each
  std::vector<std::string> only;  ///< ids of rules whose findings count; empty: all
  std::string waivers;            ///< file; empty: none
  std::string root = "/";         ///< where releases are looked up
  Assumptions assumptions;
  Policy policy = Policy::build;
  Severity threshold = Severity::error;
  bool digests = false;  ///< fill in Module::sha256
  unsigned jobs = 0;     ///< 0: as many as there are processors
};

/// Owns what the report points to.
struct CheckOutcome {
  std::vector<Module> modules;
  std::vector<Kernel> kernels;
  std::vector<Symvers> extra_symvers;
  std::optional<Symvers> own_symvers;
  CheckReport report;
};

/// Reads each module once and each kernel once; of modules only the facts stay (drop_bytes()), so
/// that memory follows the largest module and not their sum. A module that cannot be read becomes a
/// failure of the report; the others are still judged. Errors: no usable kernel, symvers or waiver
/// file, an unknown rule.
Result<CheckOutcome> run_check(const CheckRequest& request);

/// The kernel to take when none was named: the running release when its headers are there, else
/// the only one there is. Error: none or several; the hint lists them.
Result<std::string> default_kernel(const std::string& root);

}  // namespace kovet
