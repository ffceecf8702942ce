#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// kernel/bpf/btf.c: btf_module_notify(), btf_parse_module(). A module without .BTF is never
// refused here.

namespace kovet::gate {

GateResult btf(const GateInput& input) {
  if (!input.module.section(".BTF")) return GateResult::pass();
  switch (config(input.kernel, "DEBUG_INFO_BTF_MODULES")) {
    case Tri::no:
      return GateResult::skip();
    case Tri::unknown:
      return unknown_config(input.kernel, "DEBUG_INFO_BTF_MODULES");
    case Tri::yes:
      break;
  }
  if (config(input.kernel, "MODULE_ALLOW_BTF_MISMATCH") == Tri::yes) {
    GateResult result = GateResult::pass();
    result.reason = "this kernel loads modules whose BTF does not fit";
    return result;
  }
  return GateResult::unknown(
      "the module has BTF, and this kernel refuses BTF that does not fit its own",
      "the kernel's vmlinux with BTF; or build without BTF (no vmlinux in the build directory)");
}

}  // namespace kovet::gate
