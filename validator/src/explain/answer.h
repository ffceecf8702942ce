#pragma once

#include <string>
#include <vector>

#include "explain/report.h"
#include "gates/gate.h"
#include "rules/finding.h"

namespace kovet::explain {

/// What a user asks of `kovet explain`.
struct Request {
  std::string input;   ///< a file, "-", an errno, or a message; empty: standard input or /dev/kmsg
  std::string module;  ///< --module; may be empty
  std::string kernel;  ///< --kernel; may be empty
  std::string root = "/";  ///< where a release is looked up
  std::string symbols;     ///< --symbols: a modules.symbols; may be empty
  Assumptions assumptions;
};

/// Reads, explains, proves. Errors: no such file and no errno; an unreadable log, module or kernel.
Result<Report> answer(const Request& request);

/// How much a message matters: what was refused or failed is an error, what only warns a warning.
Severity severity_of(const Explanation& item);

/// Whether anything in the report is at or above the threshold.
bool has_findings(const Report& report, Severity threshold);

}  // namespace kovet::explain
