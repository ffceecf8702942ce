#include <fmt/format.h>

#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// arch/arm64/kernel/module-plts.c and arch/arm/kernel/module-plts.c: module_frob_arch_sections().

namespace kovet::gate {

GateResult plt(const GateInput& input) {
  const Module& module = input.module;
  const Kernel& kernel = input.kernel;
  if (module.arch != Arch::arm64 && module.arch != Arch::arm) return GateResult::skip();
  const bool always =
      module.arch == Arch::arm64 && kernel.version && *kernel.version >= KernelVersion{6, 5, 0};
  const std::string_view option =
      module.arch == Arch::arm64 ? "ARM64_MODULE_PLTS" : "ARM_MODULE_PLTS";
  if (!always) {
    const Tri needed = config(kernel, option);
    if (needed == Tri::no) return GateResult::skip();
    if (needed == Tri::unknown) return unknown_config(kernel, option);
  }
  if (module.section(".plt") && module.section(".init.plt")) return GateResult::pass();
  return GateResult::fail(ENOEXEC,
                          {fmt::format("{}: module PLT section(s) missing", struct_name(module))},
                          "the sections .plt and .init.plt are missing",
                          "link it with the kernel's own module.lds, as Kbuild does");
}

}  // namespace kovet::gate
