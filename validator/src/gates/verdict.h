#pragma once

#include <string>
#include <vector>

#include "gates/gate.h"
#include "support/errno_name.h"

namespace kovet {

enum class Answer : std::uint8_t { accept, reject, unknown };

/// "accept", "reject", "unknown".
std::string_view to_string(Answer answer);
/// "pass", "fail", "unknown", "not_applicable", "not_evaluated".
std::string_view to_string(GateStatus status);

/// The kernel's answer to one module: all gates, and what follows from them.
struct Verdict {
  struct Row {
    const Gate* gate;
    GateResult result;
  };
  Answer answer = Answer::unknown;
  int error = 0;  ///< reject: errno, positive
  std::vector<std::string>
      log;                ///< reject: exactly the kernel's lines, from the first failing gate
  bool log_known = true;  ///< reject: false where it depends on a release that is not known
  /// Reject: gates that the kernel looks at before the one that rejects, and that are unknown. Any
  /// of them may reject first, with an errno and lines of its own.
  std::vector<const Gate*> may_come_first;
  std::vector<Row> rows;               ///< every gate in the kernel's order
  std::string taints;                  ///< letters as /proc/modules shows them: "OE"
  std::vector<std::string> taint_log;  ///< the line that comes with each, in order
};

/// Runs all gates in the kernel's order. Reject: a gate fails. Unknown: none fails, one lacks
/// evidence. Accept: all looked at, none objects.
Verdict judge(const GateInput& input);

}  // namespace kovet
