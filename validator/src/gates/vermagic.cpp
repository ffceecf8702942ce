#include <fmt/format.h>

#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"
#include "gates/vermagic_tokens.h"

// kernel/module/main.c: check_modinfo(); kernel/module/version.c: same_magic().

namespace kovet::gate {

namespace {

std::string_view without_release(std::string_view magic) {
  const std::size_t space = magic.find(' ');
  return space == std::string_view::npos ? std::string_view{} : magic.substr(space);
}

GateResult without_vermagic(const GateInput& input) {
  switch (config(input.kernel, "MODULE_FORCE_LOAD")) {
    case Tri::unknown:
      return unknown_config(input.kernel, "MODULE_FORCE_LOAD");
    case Tri::no:
      return GateResult::fail(ENOEXEC, {}, "the module has no vermagic",
                              "build it with Kbuild, and do not strip .modinfo");
    case Tri::yes:
      break;
  }
  GateResult result = GateResult::pass();
  result.log = {fmt::format("{}: bad vermagic: kernel tainted.", struct_name(input.module))};
  result.reason = "the module has no vermagic; this kernel loads it all the same, and taints";
  return result;
}

}  // namespace

GateResult vermagic(const GateInput& input) {
  const auto found = visible_modinfo(input, "vermagic");
  if (!found) return without_vermagic(input);
  const LoaderTraits traits = traits_of(input.kernel);
  const auto& wanted = input.kernel.vermagic;
  if (!wanted) {
    return GateResult::unknown(
        fmt::format("what the kernel expects is not known; the module has '{}'", *found),
        wanted.supply.empty() ? "the headers of this kernel, or a module that came with it"
                              : wanted.supply);
  }
  if (*found == *wanted) {
    GateResult result = GateResult::pass();
    result.evidence = wanted.origin;
    return result;
  }
  if (traits.modversions == Tri::unknown) return unknown_config(input.kernel, "MODVERSIONS");
  const bool release_ignored = traits.modversions == Tri::yes && input.module.versions;
  if (release_ignored && without_release(*found) == without_release(*wanted)) {
    GateResult result = GateResult::pass();
    result.reason =
        "the release differs, but with symbol versions on both sides the kernel does "
        "not compare it";
    result.evidence = wanted.origin;
    return result;
  }
  GateResult result =
      GateResult::fail(ENOEXEC,
                       {fmt::format("{}: version magic '{}' should be '{}'",
                                    info_name(input.module), *found, *wanted)},
                       explain_vermagic_difference(*found, *wanted, release_ignored),
                       "build it against the headers of exactly this kernel");
  result.evidence = wanted.origin;
  return result;
}

}  // namespace kovet::gate
