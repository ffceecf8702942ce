#pragma once

#include <string>
#include <vector>

#include "report/check_report.h"
#include "support/error.h"

namespace kovet {

/// Holds "MODULE:PARAMETER=VALUE ..." (the text of a modprobe.d `options` line) against the
/// parameters that the modules have: a finding "parameter-mismatch" for each that does not exist,
/// or whose value the kernel refuses (kernel/params.c). Errors: another form, a module that is
/// not in the report.
Result<void> apply_parameters(const std::vector<std::string>& given, CheckReport& report);

}  // namespace kovet
