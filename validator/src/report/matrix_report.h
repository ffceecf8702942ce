#pragma once

#include <string>

#include "check/run_check.h"

namespace kovet {

/// A grid of verdicts, one row per kernel and one column per module (or the other way round when
/// there are more modules than kernels), and below it why something is refused or not known.
/// `quiet`: only the reasons.
std::string matrix_text(const CheckOutcome& outcome, bool color, bool quiet);

/// schema kovet.matrix/1
std::string matrix_json(const CheckOutcome& outcome);

}  // namespace kovet
