#pragma once

#include <optional>
#include <string>

#include "explain/explain.h"
#include "explain/proof.h"
#include "report/annotations.h"

namespace kovet::explain {

/// All that `kovet explain` found, for one input.
struct Report {
  std::string input;                            ///< the log's name, or what was typed
  bool is_log = true;                           ///< false: an errno was asked for
  const ErrnoMeaning* errno_meaning = nullptr;  ///< of an errno that has one
  int error = 0;                                ///< the errno asked for, positive
  Explanations log;
  std::optional<VerdictSummary> verdict;
  std::vector<std::string> notes;  ///< what could not be used, and why
};

/// For people. `color`: ANSI colours. `brief`: without causes and what to type.
std::string explain_text(const Report& report, bool color, bool brief);

/// "schema": "kovet.explain/1"; ends with a newline.
std::string explain_json(const Report& report);

/// A remark for each explained line, and for each check by which the named kernel rejects the named
/// module. An errno alone has none.
Annotations annotations_of(const Report& report);

}  // namespace kovet::explain
