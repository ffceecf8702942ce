#include "tests/vm/peer_rule.h"

#include <algorithm>
#include <optional>

namespace kovet::testing {

namespace {

std::optional<std::uint32_t> exported_crc(std::string_view name, const Kernel& kernel,
                                          std::span<const Module* const> loaded_before) {
  if (kernel.symvers)
    if (const auto entry = kernel.symvers->find(name)) return entry->crc;
  for (const Module* module : loaded_before)
    for (const auto& exported : module->exports)
      if (exported.name == name) return exported.crc.value_or(0);
  return std::nullopt;
}

}  // namespace

bool peer_rule_accepts(const Module& module, const Kernel& kernel,
                       std::span<const Module* const> loaded_before) {
  const auto fits = [&](const Symbol& import) {
    const auto crc = exported_crc(import.name, kernel, loaded_before);
    if (!crc) return import.binding == Binding::weak;
    if (!module.versions) return true;
    const auto& entries = module.versions->entries;
    const auto own = std::ranges::find(entries, import.name, &SymbolVersion::name);
    return own == entries.end() || own->crc == *crc;
  };
  return std::ranges::all_of(module.imports, fits);
}

}  // namespace kovet::testing
