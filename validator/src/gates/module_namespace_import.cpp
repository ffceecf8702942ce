#include <fmt/format.h>

#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// kernel/module/main.c, since 6.16: namespaces that begin with "module:" cannot be imported.

namespace kovet::gate {

GateResult module_namespace_import(const GateInput& input) {
  const Tri there = traits_of(input.kernel).module_namespaces;
  if (there == Tri::no) return GateResult::skip();
  for (const std::string_view imported : input.module.all("import_ns")) {
    if (!imported.starts_with("module:")) continue;
    if (there == Tri::unknown) {
      return GateResult::unknown(
          "the module imports a module namespace; from 6.16 on kernels "
          "refuse that, and this one's release is not known",
          input.kernel.release.supply);
    }
    return GateResult::fail(
        EPERM,
        {fmt::format("{}: module tries to import module namespace: {}", struct_name(input.module),
                     imported)},
        fmt::format("it imports the namespace {}, which is granted by name only", imported),
        "drop the MODULE_IMPORT_NS line: the exporter lists the modules that may use its symbols");
  }
  return GateResult::pass();
}

}  // namespace kovet::gate
