#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// kernel/module/main.c: blacklisted(): an exact comparison with each name in module_blacklist=.

namespace kovet::gate {

GateResult blacklist(const GateInput& input) {
  const auto& names = input.assumptions.blacklist;
  const std::string name = info_name(input.module);
  if (std::find(names.begin(), names.end(), name) == names.end()) return GateResult::pass();
  std::vector<std::string> log;
  if (!input.kernel.version || *input.kernel.version >= KernelVersion{5, 0, 0})
    log.push_back(fmt::format("Module {} is blacklisted", name));
  return GateResult::fail(EPERM, std::move(log),
                          fmt::format("the boot line has module_blacklist={}", name),
                          "take the name out of module_blacklist= on the kernel's command line");
}

}  // namespace kovet::gate
