#include <elf.h>
#include <fmt/format.h>

#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// kernel/module/strict_rwx.c: module_enforce_rwx_sections(), since 5.8.

namespace kovet::gate {

GateResult write_exec(const GateInput& input) {
  const LoaderTraits traits = traits_of(input.kernel);
  if (traits.strict_rwx == Tri::no) return GateResult::skip();
  constexpr std::uint64_t both = SHF_WRITE | SHF_EXECINSTR;
  for (std::size_t i = 0; i < input.module.sections.size(); ++i) {
    const Section& section = input.module.sections[i];
    if ((section.flags & both) != both) continue;
    if (traits.strict_rwx == Tri::unknown) return unknown_config(input.kernel, "STRICT_MODULE_RWX");
    return GateResult::fail(
        ENOEXEC,
        {fmt::format("{}: section {} (index {}) has invalid WRITE|EXEC flags",
                     struct_name(input.module), section.name, i)},
        fmt::format("section {} is both writable and executable", section.name),
        "give code and data sections of their own: check the .section flags of assembly files");
  }
  return GateResult::pass();
}

}  // namespace kovet::gate
