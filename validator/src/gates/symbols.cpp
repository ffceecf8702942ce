#include <fmt/format.h>

#include <algorithm>

#include "gates/evaluate.h"
#include "gates/symbol_resolution.h"

// kernel/module/main.c: simplify_symbols(), resolve_symbol().

namespace kovet::gate {

namespace {

constexpr std::size_t most_named = 3;

std::string summary_of(const std::vector<GateDetail>& failures) {
  std::string text;
  for (std::size_t i = 0; i < std::min(failures.size(), most_named); ++i)
    text += (i ? "; " : "") + failures[i].reason;
  if (failures.size() > most_named)
    text += fmt::format("; and {} more", failures.size() - most_named);
  return text;
}

/// Both kinds of failure come from one walk over .symtab, and share its lines and its errno.
GateResult from(const SymbolResolution& resolution, bool failed, std::string hint) {
  GateResult result = GateResult::pass();
  if (failed) {
    result = GateResult::fail(resolution.error, resolution.log, summary_of(resolution.failures),
                              std::move(hint));
    result.details = resolution.failures;
  } else if (!resolution.unknown.empty()) {
    result = GateResult::unknown(resolution.unknown, resolution.supply);
  } else {
    result.log = resolution.log;
    if (!resolution.needs.empty())
      result.reason = fmt::format("with {} loaded first", fmt::join(resolution.needs, ", "));
  }
  return result;
}

}  // namespace

GateResult symbols(const GateInput& input) {
  const SymbolResolution resolution = resolve_symbols(input);
  GateResult result =
      from(resolution, resolution.import,
           "build it against the headers of exactly this kernel; for symbols of other modules "
           "declare LINK_MODULES, for a namespace add MODULE_IMPORT_NS");
  if (input.kernel.symvers) result.evidence = input.kernel.symvers->path;
  return result;
}

GateResult common_symbols(const GateInput& input) {
  if (input.module.commons.empty()) return GateResult::pass();
  const SymbolResolution resolution = resolve_symbols(input);
  if (!resolution.common) return GateResult::pass();
  return from(resolution, true, "compile with -fno-common, as Kbuild does");
}

}  // namespace kovet::gate
