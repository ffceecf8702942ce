#include <fmt/format.h>

#include "gates/loader_traits.h"
#include "gates/taint.h"
#include "rules/evaluate.h"

namespace kovet::rule {

std::vector<Finding> modinfo_hygiene(const RuleInput& input) {
  const Module& module = input.module;
  std::vector<Finding> findings;
  if (module.modinfo.empty()) return findings;  // the gates have said what the file is
  const auto license = module.first("license");
  if (!license) {
    findings.push_back(make_finding("license-missing", "the module has no MODULE_LICENSE",
                                    "add MODULE_LICENSE(\"GPL\") or what applies"));
  } else if (!license_is_gpl_compatible(*license)) {
    findings.push_back(make_finding(
        "license-proprietary",
        fmt::format("the licence '{}' is none of the six that the kernel takes as GPL-compatible: "
                    "it taints P and hides GPL-only symbols",
                    *license),
        "if it is meant to be free, use one of: GPL, GPL v2, GPL and additional rights, Dual "
        "BSD/GPL, Dual MIT/GPL, Dual MPL/GPL"));
  }
  const bool retpoline = config(input.kernel, "MITIGATION_RETPOLINE") == Tri::yes ||
                         config(input.kernel, "RETPOLINE") == Tri::yes;
  if (retpoline && module.arch == Arch::x86_64 && !module.first("retpoline")) {
    findings.push_back(
        make_finding("retpoline-missing", "the kernel is built with retpolines, the module is not",
                     "compile it with the kernel's own compiler and flags, through Kbuild"));
  }
  if (module.marker_misplaced) {
    findings.push_back(
        make_finding("signature-misplaced",
                     "the signature's marker stands in the file, but not at its very end, where "
                     "the kernel looks",
                     "nothing may be appended after signing: sign the finished file again"));
  }
  return findings;
}

}  // namespace kovet::rule
