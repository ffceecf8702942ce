#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// kernel/livepatch/core.c: klp_module_coming(). Live patches call the kernel itself by that name.

namespace kovet::gate {

GateResult livepatch_object(const GateInput& input) {
  if (struct_name(input.module) != "vmlinux") return GateResult::pass();
  const auto& version = input.kernel.version;
  if (version && *version < KernelVersion{5, 8, 0}) return GateResult::skip();
  switch (config(input.kernel, "LIVEPATCH")) {
    case Tri::no:
      return GateResult::skip();
    case Tri::unknown:
      return unknown_config(input.kernel, "LIVEPATCH");
    case Tri::yes:
      break;
  }
  return GateResult::fail(EINVAL, {"livepatch: vmlinux.ko: invalid module name"},
                          "the module is called vmlinux, as live patches call the kernel",
                          "give the module another name");
}

}  // namespace kovet::gate
