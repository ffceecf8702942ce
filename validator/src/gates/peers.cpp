#include "gates/peers.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>

namespace kovet {

namespace {

using Providers = boost::unordered_flat_map<std::string_view, std::uint32_t>;
using Needs = std::vector<std::vector<std::uint32_t>>;

Providers providers_of(const std::vector<Module>& modules) {
  Providers providers;
  for (std::uint32_t i = 0; i < modules.size(); ++i)
    for (const Export& symbol : modules[i].exports) providers.try_emplace(symbol.name, i);
  return providers;
}

bool in_vmlinux(const Kernel& kernel, std::string_view symbol) {
  const auto entry = kernel.symvers ? kernel.symvers->find(symbol) : std::nullopt;
  return entry && entry->module == "vmlinux";
}

Needs direct_needs(const std::vector<Module>& modules, const Kernel& kernel) {
  const Providers providers = providers_of(modules);
  Needs needs(modules.size());
  if (providers.empty()) return needs;
  for (std::uint32_t i = 0; i < modules.size(); ++i) {
    for (const Symbol& symbol : modules[i].imports) {
      const auto found = providers.find(symbol.name);
      if (found == providers.end() || found->second == i || in_vmlinux(kernel, symbol.name))
        continue;
      if (std::find(needs[i].begin(), needs[i].end(), found->second) == needs[i].end())
        needs[i].push_back(found->second);
    }
  }
  return needs;
}

/// Appends what `index` needs, deepest first. Cycles end where they began.
void collect(const Needs& needs, std::uint32_t index, std::vector<std::uint8_t>& seen,
             std::vector<std::uint32_t>& order) {
  for (const std::uint32_t next : needs[index]) {
    if (seen[next]) continue;
    seen[next] = 1;
    collect(needs, next, seen, order);
    order.push_back(next);
  }
}

}  // namespace

std::vector<std::vector<const Module*>> peers_of(const std::vector<Module>& modules,
                                                 const Kernel& kernel) {
  std::vector<std::vector<const Module*>> peers(modules.size());
  if (modules.size() < 2) return peers;
  const Needs needs = direct_needs(modules, kernel);
  std::vector<std::uint8_t> seen(modules.size());
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < modules.size(); ++i) {
    if (needs[i].empty()) continue;
    seen[i] = 1;
    collect(needs, i, seen, order);
    for (const std::uint32_t needed : order) {
      peers[i].push_back(&modules[needed]);
      seen[needed] = 0;
    }
    seen[i] = 0;
    order.clear();
  }
  return peers;
}

}  // namespace kovet
