#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "rules/finding.h"
#include "support/error.h"

namespace kovet {

/// One line of a waiver file: "RULE [module=GLOB] [symbol=GLOB] [until=YYYY-MM-DD] # reason".
/// `*` and `?` match as in a shell. A waived finding is still shown, but does not count.
struct Waiver {
  std::string rule;    ///< a rule's id, or a glob of ids
  std::string module;  ///< empty: every module
  std::string symbol;  ///< empty: every symbol
  std::string until;   ///< last day it holds, "YYYY-MM-DD"; empty: no end
  std::string reason;
  unsigned line = 0;
};

/// Errors: unreadable, an unknown rule or key, a missing reason, each with file and line.
Result<std::vector<Waiver>> read_waivers(const std::filesystem::path& file);

/// Marks what the waivers cover. `today` is "YYYY-MM-DD".
void apply_waivers(std::vector<Finding>& findings, const std::vector<Waiver>& waivers,
                   const std::string& module, const std::string& today);

}  // namespace kovet
