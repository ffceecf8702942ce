#include <fmt/format.h>

#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// arch/arm64/kernel/module.c: module_init_ftrace_plt(), of module_finalize().

namespace kovet::gate {

namespace {

GateResult lacks(std::string_view section) {
  return GateResult::fail(ENOEXEC, {}, fmt::format("the section {} is missing", section),
                          "link it with the kernel's own module.lds, as Kbuild does");
}

}  // namespace

GateResult ftrace_trampoline(const GateInput& input) {
  constexpr std::string_view core = ".text.ftrace_trampoline",
                             init = ".init.text.ftrace_trampoline";
  const Module& module = input.module;
  const auto& version = input.kernel.version;
  if (module.arch != Arch::arm64) return GateResult::skip();
  const bool has_core = module.section(core), has_init = module.section(init);
  if (has_core && has_init) return GateResult::pass();
  const Tri ftrace = config(input.kernel, "DYNAMIC_FTRACE");
  if (ftrace == Tri::unknown) return unknown_config(input.kernel, "DYNAMIC_FTRACE");
  if (ftrace == Tri::no) return GateResult::skip();
  // Seen in 6.1 and in 6.12; the part for init code came in between.
  const bool newer = version && *version >= KernelVersion{6, 12, 0};
  const bool older = version && *version < KernelVersion{6, 2, 0};
  if (!newer) {
    const Tri plts = config(input.kernel, "ARM64_MODULE_PLTS");
    if (plts == Tri::no && older) return GateResult::skip();
    if (plts == Tri::no)
      return GateResult::unknown(
          "whether this kernel wants " + std::string(core) + " depends on its version",
          "kovet boot on such a machine");
  }
  if (!has_core) return lacks(core);
  if (older) return GateResult::pass();
  if (newer) return lacks(init);
  return GateResult::unknown(
      "whether this kernel wants " + std::string(init) + " depends on its version",
      "kovet boot on such a machine");
}

}  // namespace kovet::gate
