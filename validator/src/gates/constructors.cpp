#include <fmt/format.h>

#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// kernel/module/main.c: find_module_sections().

namespace kovet::gate {

GateResult constructors(const GateInput& input) {
  const Module& module = input.module;
  if (!module.section(".ctors", true) || !module.section(".init_array", true))
    return GateResult::pass();
  switch (config(input.kernel, "CONSTRUCTORS")) {
    case Tri::no:
      return GateResult::skip();
    case Tri::unknown:
      return unknown_config(input.kernel, "CONSTRUCTORS");
    case Tri::yes:
      break;
  }
  return GateResult::fail(
      EINVAL, {fmt::format("{}: has both .ctors and .init_array.", struct_name(module))},
      "constructors of two kinds", "compile all objects with one compiler and the kernel's flags");
}

}  // namespace kovet::gate
