#pragma once

#include <string>
#include <vector>

#include "gates/verdict.h"
#include "rules/finding.h"

// Reports only format: facts in, text out.

namespace kovet {

/// What `kovet check` found out about one module and one kernel.
struct CheckResult {
  const Module* module = nullptr;
  const Kernel* kernel = nullptr;
  Verdict verdict;
  std::vector<Finding> findings;
};

/// A module or kernel that could not be read at all.
struct CheckFailure {
  Error error;
};

/// Everything a check report shows.
struct CheckReport {
  std::vector<CheckResult> results;
  std::vector<CheckFailure> failures;
  Assumptions assumptions;
  Policy policy = Policy::build;
  Severity threshold = Severity::error;
};

struct TextStyle {
  bool color = false;
  bool quiet = false;  ///< only modules with findings, rejections or unknowns
};

std::string check_text(const CheckReport& report, const TextStyle& style);
std::string check_json(const CheckReport& report);   ///< schema kovet.check/1
std::string check_sarif(const CheckReport& report);  ///< SARIF 2.1.0
std::string check_junit(
    const CheckReport& report);  ///< JUnit XML, a test case per module and kernel
std::string check_github(const CheckReport& report);  ///< GitHub workflow commands

/// The assumptions as a list of short phrases, defaults included.
std::vector<std::string> describe_assumptions(const Assumptions& assumptions);

/// The kernel as people call it: its release, else what the user named.
std::string kernel_name(const Kernel& kernel);

/// "3 checked: 1 without rejection, 2 rejected, 0 undetermined".
std::string counted(const CheckReport& report);

/// Findings that are not waived, of one severity or above.
std::size_t count_findings(const std::vector<Finding>& findings, Severity at_least);

}  // namespace kovet
