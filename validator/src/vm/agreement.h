#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gates/taint.h"
#include "gates/verdict.h"
#include "vm/vm.h"

// Sets what Kovet predicts beside what the kernel answered.

namespace kovet::vm {

/// How a prediction and an answer go together.
enum class Agreement : std::uint8_t {
  agree,
  unknown,       ///< predicted "unknown": not wrong, not right
  false_accept,  ///< predicted accept, the kernel refused: the worst
  false_reject,
  wrong_errno,  ///< both reject, for different reasons
  wrong_log,    ///< the answer is right, a line is not
  wrong_taint,  ///< the letters in /proc/modules differ
};
/// "agree", "unknown", "false accept", ...
std::string_view to_string(Agreement agreement);

/// What was predicted for one module.
struct Prediction {
  Verdict verdict;
  TaintForecast taints;
};

Prediction predict(const GateInput& input);

struct Comparison {
  Agreement agreement = Agreement::agree;
  std::string detail;  ///< what differs, on one line; empty when they agree
};

/// Compares by the kernel's own terms: a module whose init failed was accepted. Lines that come
/// once per boot, or only on a kernel without that taint, may be absent where taint_before says
/// so. `silent_module`: the module prints nothing of its own, so that every line is the loader's.
Comparison compare(const Prediction& prediction, const LoadOutcome& outcome, bool silent_module);

/// What a kernel command line decides about modules: module.sig_enforce, lockdown and
/// module_blacklist, as the kernel reads them.
Assumptions assumptions_from(std::string_view command_line);

}  // namespace kovet::vm
