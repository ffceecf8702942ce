#include <fmt/format.h>

#include <algorithm>

#include "report/check_report.h"

namespace kovet {

std::vector<std::string> describe_assumptions(const Assumptions& assumptions) {
  std::vector<std::string> out;
  out.emplace_back(assumptions.sig_enforce
                       ? "module.sig_enforce=1"
                       : "signatures enforced only where the configuration says so");
  out.emplace_back("no keys but those in the kernel's image, none revoked");
  out.emplace_back(assumptions.lockdown ? "locked down" : "not locked down");
  out.push_back(assumptions.blacklist.empty()
                    ? "no module_blacklist="
                    : fmt::format("module_blacklist={}", fmt::join(assumptions.blacklist, ",")));
  if (!assumptions.loaded.empty())
    out.push_back(fmt::format("loaded already: {}", fmt::join(assumptions.loaded, ", ")));
  for (const AssumedParameters& given : assumptions.parameters)
    out.push_back(given.module.empty()
                      ? fmt::format("parameters: {}", given.text)
                      : fmt::format("parameters of {}: {}", given.module, given.text));
  if (assumptions.parameters.empty()) out.emplace_back("no parameters");
  if (assumptions.compressed_input) out.emplace_back("the kernel decompresses the file itself");
  out.emplace_back("modules it depends on are loaded");
  return out;
}

std::string kernel_name(const Kernel& kernel) {
  return kernel.release ? *kernel.release : kernel.spec;
}

std::string counted(const CheckReport& report) {
  std::size_t counts[3] = {0, 0, 0};
  for (const CheckResult& result : report.results)
    ++counts[static_cast<std::size_t>(result.verdict.answer)];
  return fmt::format("{} checked: {} without rejection, {} rejected, {} undetermined",
                     report.results.size(), counts[static_cast<std::size_t>(Answer::accept)],
                     counts[static_cast<std::size_t>(Answer::reject)],
                     counts[static_cast<std::size_t>(Answer::unknown)]);
}

std::size_t count_findings(const std::vector<Finding>& findings, Severity at_least) {
  return static_cast<std::size_t>(std::count_if(
      findings.begin(), findings.end(),
      [&](const Finding& finding) { return !finding.waived && finding.severity >= at_least; }));
}

}  // namespace kovet
