#include <fmt/format.h>

#include <boost/unordered/unordered_flat_set.hpp>

#include "gates/loader_traits.h"
#include "rules/evaluate.h"

// A kernel with CONFIG_MODVERSIONS protects only the symbols that have an entry; modpost leaves
// out those it found in no Module.symvers.

namespace kovet::rule {

namespace {

bool is_versioned(const RuleInput& input, std::string_view symbol) {
  if (input.kernel.symvers) {
    const auto entry = input.kernel.symvers->find(symbol);
    if (entry) return entry->crc != 0;
  }
  for (const Module* peer : input.peers)
    for (const Export& exported : peer->exports)
      if (exported.name == symbol) return exported.crc.has_value();
  return false;
}

}  // namespace

std::vector<Finding> version_table(const RuleInput& input) {
  const Module& module = input.module;
  if (traits_of(input.kernel).modversions != Tri::yes) return {};
  if (!module.versions && !module.extended_versions) {
    return {make_finding("version-table-missing",
                         "the module has no version table, and the kernel has CONFIG_MODVERSIONS",
                         "build it with the complete headers of this kernel: Module.symvers must "
                         "be there")};
  }
  boost::unordered_flat_set<std::string_view> versioned;
  for (const auto* table : {&module.versions, &module.extended_versions})
    if (*table)
      for (const SymbolVersion& entry : (*table)->entries) versioned.insert(entry.name);
  std::vector<Finding> findings;
  const auto demand = [&](std::string_view symbol) {
    if (versioned.contains(symbol) || !is_versioned(input, symbol)) return;
    findings.push_back(make_finding(
        "version-table-incomplete",
        fmt::format("{} is imported without a version, so that no kernel can check it", symbol),
        "build it with the complete Module.symvers, without KBUILD_MODPOST_WARN; for symbols of "
        "other modules declare LINK_MODULES",
        std::string(symbol)));
  };
  demand("module_layout");
  for (const Symbol& symbol : module.imports) demand(symbol.name);
  return findings;
}

}  // namespace kovet::rule
