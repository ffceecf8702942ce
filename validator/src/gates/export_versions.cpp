#include <elf.h>
#include <fmt/format.h>

#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// kernel/module/main.c: check_export_symbol_versions().

namespace kovet::gate {

namespace {

/// An allocated section 0 stands in for tables that are not there.
bool lacks_crcs(const Module& module, std::string_view symbols, std::string_view crcs) {
  const Section* table = module.section(symbols, true);
  if (module.sections.front().flags & SHF_ALLOC) return false;
  return table && table->size != 0 && !module.section(crcs, true);
}

}  // namespace

GateResult export_versions(const GateInput& input) {
  const Module& module = input.module;
  const LoaderTraits traits = traits_of(input.kernel);
  if (traits.modversions == Tri::no) return GateResult::skip();
  if (!lacks_crcs(module, "__ksymtab", "__kcrctab") &&
      !lacks_crcs(module, "__ksymtab_gpl", "__kcrctab_gpl"))
    return GateResult::pass();
  if (traits.modversions == Tri::unknown) return unknown_config(input.kernel, "MODVERSIONS");
  switch (traits.force_load) {
    case Tri::unknown:
      return unknown_config(input.kernel, "MODULE_FORCE_LOAD");
    case Tri::no:
      return GateResult::fail(ENOEXEC, {}, "the module exports symbols without CRCs",
                              "build it against a kernel tree with CONFIG_MODVERSIONS");
    case Tri::yes:
      break;
  }
  GateResult result = GateResult::pass();
  result.log = {
      fmt::format("{}: no versions for exported symbols: kernel tainted.", struct_name(module))};
  result.reason = "exports without CRCs; this kernel loads it all the same, and taints";
  return result;
}

}  // namespace kovet::gate
