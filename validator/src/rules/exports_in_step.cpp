#include <fmt/format.h>

#include "rules/evaluate.h"

// The Module.symvers beside a module is what its users are built against. It is written by
// modpost, the .ko by the link that follows; one without the other is a stale pair.

namespace kovet::rule {

namespace {

std::string_view base_name(std::string_view module) {
  const std::size_t slash = module.rfind('/');
  return slash == std::string_view::npos ? module : module.substr(slash + 1);
}

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if ((a[i] == '-' ? '_' : a[i]) != (b[i] == '-' ? '_' : b[i])) return false;
  return true;
}

std::string disagreement(const Export& exported, const SymversEntry& entry) {
  if (exported.crc && *exported.crc != entry.crc)
    return fmt::format("CRC 0x{:08x} in the module, 0x{:08x} there", *exported.crc, entry.crc);
  if (exported.symbol_namespace != entry.symbol_namespace)
    return fmt::format("namespace '{}' in the module, '{}' there", exported.symbol_namespace,
                       entry.symbol_namespace);
  if (exported.gpl_only != entry.gpl_only)
    return exported.gpl_only ? "GPL-only in the module, open there"
                             : "open in the module, GPL-only there";
  return {};
}

}  // namespace

std::vector<Finding> exports_in_step(const RuleInput& input) {
  std::vector<Finding> findings;
  const Symvers* symvers = input.own_symvers;
  if (!symvers) return findings;
  const std::string name = input.module.display_name();
  const auto complain = [&](std::string_view symbol, std::string_view how) {
    findings.push_back(
        make_finding("exports-out-of-step",
                     fmt::format("{} disagrees with the module's own exports: {}: {}",
                                 symvers->path, symbol, how),
                     "build the module and its Module.symvers together again, then its users",
                     std::string(symbol)));
  };
  std::size_t matched = 0;
  for (const Export& exported : input.module.exports) {
    const auto entry = symvers->find(exported.name);
    if (!entry) {
      complain(exported.name, "exported by the module, missing there");
      continue;
    }
    ++matched;
    if (const std::string how = disagreement(exported, *entry); !how.empty())
      complain(exported.name, how);
  }
  std::size_t listed = 0;
  symvers->symbols.any_of([&](std::string_view, const SymversEntry& entry) {
    if (same_name(base_name(entry.module), name)) ++listed;
    return false;
  });
  if (listed > matched) {
    symvers->symbols.any_of([&](std::string_view symbol, const SymversEntry& entry) {
      if (!same_name(base_name(entry.module), name)) return false;
      bool exported = false;
      for (const Export& candidate : input.module.exports) exported |= candidate.name == symbol;
      if (!exported) complain(symbol, "listed there, not exported by the module");
      return false;
    });
  }
  return findings;
}

}  // namespace kovet::rule
