#include <cstdint>
#include <string_view>

#include "explain/explain.h"
#include "explain/report.h"

// Any bytes as a kernel log.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kovet::explain;
  Explainer explainer;
  const LogSize log = split_lines(
      std::string_view(reinterpret_cast<const char*>(data), size),
      [&](std::string_view line, std::uint64_t number) { explainer.line(line, number); });
  Report report;
  report.log = explainer.finish(log);
  if (explain_text(report, true, false).empty() || explain_json(report).empty()) __builtin_trap();
  return 0;
}
