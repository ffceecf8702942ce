#include <elf.h>
#include <fmt/format.h>

#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// kernel/module/main.c: find_module_sections().

namespace kovet::gate {

namespace {

/// The same function looks for parameters as 2.4 had them: at the address of __obsparm, which an
/// allocated section 0 lends it.
bool first_allocated(const Module& module) {
  return !module.sections.empty() && (module.sections.front().flags & SHF_ALLOC);
}

GateResult pass_with_warnings(const Module& module) {
  GateResult result = GateResult::pass();
  if (first_allocated(module) || module.section("__obsparm", true))
    result.log = {fmt::format("{}: Ignoring obsolete parameters", struct_name(module))};
  return result;
}

}  // namespace

GateResult constructors(const GateInput& input) {
  const Module& module = input.module;
  const bool has_ctors = module.section(".ctors", true) || first_allocated(module);
  if (!has_ctors || !module.section(".init_array", true)) return pass_with_warnings(module);
  switch (config(input.kernel, "CONSTRUCTORS")) {
    case Tri::no:
      return pass_with_warnings(module);
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
