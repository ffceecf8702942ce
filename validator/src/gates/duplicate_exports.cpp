#include <fmt/format.h>

#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// kernel/module/main.c: verify_exported_symbols().

namespace kovet::gate {

namespace {

/// Who already exports the symbol: "kernel", a module's name, or nobody.
std::string owner_of(const GateInput& input, std::string_view symbol) {
  if (input.kernel.symvers) {
    const auto entry = input.kernel.symvers->find(symbol);
    if (entry && entry->module == "vmlinux") return "kernel";
  }
  for (const Module* peer : input.peers)
    for (const Export& exported : peer->exports)
      if (exported.found && exported.name == symbol) return struct_name(*peer);
  return {};
}

}  // namespace

GateResult duplicate_exports(const GateInput& input) {
  const Module& module = input.module;
  if (module.exports_unclear) {
    return GateResult::unknown("its table of exported symbols has entries whose names the file does "
                               "not hold; the kernel would read wild memory, and may crash",
                               "do not load this file: build the module again");
  }
  if (module.exports.empty()) return GateResult::pass();
  for (const Export& exported : module.exports) {
    const std::string owner = owner_of(input, exported.name);
    if (owner.empty()) continue;
    return GateResult::fail(
        ENOEXEC,
        {fmt::format("{}: exports duplicate symbol {} (owned by {})", struct_name(module),
                     exported.name, owner)},
        fmt::format("{} is exported by {} already", exported.name, owner),
        "rename the symbol, or do not load both");
  }
  if (!input.kernel.symvers || input.kernel.symvers->symbols.empty() ||
      !input.kernel.symvers->complete) {
    return GateResult::unknown("what the kernel itself exports is not known",
                               input.kernel.symvers.supply.empty()
                                   ? "the Module.symvers of this kernel"
                                   : input.kernel.symvers.supply);
  }
  return GateResult::pass();
}

}  // namespace kovet::gate
