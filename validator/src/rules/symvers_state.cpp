#include <fmt/format.h>

#include "rules/evaluate.h"

namespace kovet::rule {

namespace {

constexpr std::size_t most_shown = 5;

std::string describe(const SymversEntry& entry) {
  return fmt::format("0x{:08x} of {}", entry.crc, entry.module);
}

}  // namespace

std::vector<Finding> symvers_state(const RuleInput& input) {
  const Kernel& kernel = input.kernel;
  if (!kernel.symvers) {
    return {make_finding("symvers-missing",
                         fmt::format("the kernel's Module.symvers is not there: {}",
                                     kernel.symvers.origin),
                         kernel.symvers.supply)};
  }
  const Symvers& symvers = *kernel.symvers;
  if (symvers.symbols.empty()) {
    return {make_finding("symvers-empty", fmt::format("{} has no entries", symvers.path),
                         kernel.release ? fmt::format("install the kernel's headers again: apt "
                                                      "install --reinstall linux-headers-{}",
                                                      *kernel.release)
                                        : "build the kernel tree to the end: make")};
  }
  std::vector<Finding> findings;
  for (const Symvers::Contradiction& clash : symvers.contradictions) {
    if (findings.size() == most_shown) break;
    findings.push_back(make_finding(
        "symvers-contradiction",
        fmt::format("{}:{}: {} is {} here and {} before", symvers.path, clash.line, clash.symbol,
                    describe(clash.second), describe(clash.first)),
        "the file was put together from two builds: install or build the headers again",
        std::string(clash.symbol)));
  }
  if (!symvers.complete) {
    findings.push_back(make_finding("symvers-truncated",
                                    fmt::format("{} was cut short: its last line does not end",
                                                symvers.path),
                                    "install or build the headers again"));
  }
  if (!symvers.malformed_lines.empty()) {
    findings.push_back(make_finding(
        "symvers-malformed",
        fmt::format("{}:{}: not a line of Module.symvers ({} such lines)", symvers.path,
                    symvers.malformed_lines.front(), symvers.malformed_lines.size()),
        "install or build the headers again"));
  }
  return findings;
}

}  // namespace kovet::rule
