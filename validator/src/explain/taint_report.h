#pragma once

#include <optional>
#include <string>
#include <vector>

#include "explain/taint_flags.h"
#include "gates/taint.h"

namespace kovet::explain {

/// All that `kovet taint` found.
struct TaintReport {
  std::string source;  ///< "/proc/sys/kernel/tainted", or what was typed; may be empty
  std::optional<TaintReading> reading;
  std::string module;  ///< of a forecast: the file
  std::string kernel;  ///< of a forecast: the kernel, empty when none was named
  std::optional<TaintForecast> forecast;
};

std::string taint_text(const TaintReport& report, bool color);

/// "schema": "kovet.taint/1"; ends with a newline.
std::string taint_json(const TaintReport& report);

}  // namespace kovet::explain
