#include <fmt/format.h>

#include <cerrno>

#include "gates/evaluate.h"
#include "gates/version_check.h"

// kernel/module/version.c: check_modstruct_version(). Every rejection here is ENOEXEC.

namespace kovet::gate {

namespace {

constexpr std::string_view symbol = "module_layout";
constexpr std::string_view rebuild = "build it against the headers of exactly this kernel";

GateResult from_answer(const VersionAnswer& answer) {
  using Kind = VersionAnswer::Kind;
  GateResult result;
  switch (answer.kind) {
    case Kind::ok:
      return GateResult::pass();
    case Kind::ok_with_warning:
      result = GateResult::pass();
      result.log = {answer.line};
      result.reason = answer.reason;
      return result;
    case Kind::unknown:
      return GateResult::unknown(answer.reason, "kovet boot asks the kernel itself");
    case Kind::unversioned:
      return GateResult::fail(ENOEXEC, {}, "the module has no version table (__versions)",
                              "build it with the complete headers of this kernel, whose "
                              "Module.symvers holds the versions");
    case Kind::missing:
      result = GateResult::fail(ENOEXEC, {answer.line}, answer.reason,
                                "build it again with a complete Module.symvers, without "
                                "KBUILD_MODPOST_WARN");
      break;
    case Kind::disagrees:
      result = GateResult::fail(ENOEXEC, {answer.line}, answer.reason, std::string(rebuild));
      break;
  }
  return result;
}

}  // namespace

GateResult module_layout(const GateInput& input) {
  const LoaderTraits traits = traits_of(input.kernel);
  if (traits.modversions == Tri::no) return GateResult::skip();
  if (traits.modversions == Tri::unknown) return unknown_config(input.kernel, "MODVERSIONS");
  const auto exported = input.kernel.symvers ? input.kernel.symvers->find(symbol) : std::nullopt;
  if (exported && input.kernel.symvers->has_two_crcs(symbol)) {
    return GateResult::unknown(
        fmt::format("{} has two CRCs for module_layout", input.kernel.symvers->path),
        "install or build the headers again");
  }
  const bool needs_crc = input.module.versions || input.module.extended_versions;
  if (!exported && needs_crc) {
    return GateResult::unknown("the kernel's CRC of module_layout is not known",
                               input.kernel.symvers.supply.empty()
                                   ? "the Module.symvers of this kernel"
                                   : input.kernel.symvers.supply);
  }
  GateResult result =
      from_answer(VersionCheck(input.module, traits).check(symbol, exported ? exported->crc : 0));
  if (exported && result.evidence.empty()) result.evidence = input.kernel.symvers->path;
  return result;
}

}  // namespace kovet::gate
