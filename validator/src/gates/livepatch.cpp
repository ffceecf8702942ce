#include <fmt/format.h>

#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// kernel/module/main.c: check_modinfo_livepatch().

namespace kovet::gate {

GateResult livepatch(const GateInput& input) {
  if (!visible_modinfo(input, "livepatch")) return GateResult::pass();
  switch (config(input.kernel, "LIVEPATCH")) {
    case Tri::yes:
      return GateResult::pass();
    case Tri::unknown:
      return unknown_config(input.kernel, "LIVEPATCH");
    case Tri::no:
      break;
  }
  return GateResult::fail(
      ENOEXEC,
      {fmt::format("{}: module is marked as livepatch module, but livepatch "
                   "support is disabled",
                   struct_name(input.module))},
      "a livepatch for a kernel without CONFIG_LIVEPATCH",
      "drop MODULE_INFO(livepatch, ...), or use a kernel with CONFIG_LIVEPATCH");
}

}  // namespace kovet::gate
