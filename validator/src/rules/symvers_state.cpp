#include <fmt/format.h>

#include <algorithm>

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
  // What the look at the tree has said already, with the command that completes it.
  const auto said = [&](std::string_view rule) {
    return std::any_of(kernel.gaps.begin(), kernel.gaps.end(),
                       [&](const Gap& gap) { return gap.rule == rule; });
  };
  if (!kernel.symvers) {
    if (said("symvers-missing")) return {};
    return {make_finding(
        "symvers-missing",
        fmt::format("the kernel's Module.symvers is not there: {}", kernel.symvers.origin),
        kernel.symvers.supply)};
  }
  const Symvers& symvers = *kernel.symvers;
  if (symvers.symbols.empty()) {
    if (said("symvers-empty")) return {};
    return {make_finding("symvers-empty", fmt::format("{} has no entries", symvers.path),
                         kernel.repair)};
  }
  std::vector<Finding> findings;
  const auto has_crc = [](std::string_view, const SymversEntry& entry) { return entry.crc != 0; };
  if (kernel.config && kernel.config->enabled("MODVERSIONS") && !symvers.symbols.any_of(has_crc)) {
    findings.push_back(make_finding(
        "symvers-without-crcs",
        fmt::format(
            "{} has no CRC but zeros, though {} has CONFIG_MODVERSIONS: genksyms failed when "
            "the kernel was built",
            symvers.path, kernel.config.origin),
        kernel.repair));
  }
  for (const Symvers::Contradiction& clash : symvers.contradictions) {
    if (findings.size() == most_shown) break;
    findings.push_back(make_finding(
        "symvers-contradiction",
        fmt::format("{}:{}: {} is {} here and {} before", symvers.path, clash.line, clash.symbol,
                    describe(clash.second), describe(clash.first)),
        "the file was put together from two builds: " + kernel.repair, std::string(clash.symbol)));
  }
  if (!symvers.complete) {
    findings.push_back(make_finding(
        "symvers-truncated",
        fmt::format("{} was cut short: its last line does not end", symvers.path), kernel.repair));
  }
  if (!symvers.malformed_lines.empty()) {
    findings.push_back(make_finding(
        "symvers-malformed",
        fmt::format("{}:{}: not a line of Module.symvers ({} such lines)", symvers.path,
                    symvers.malformed_lines.front(), symvers.malformed_lines.size()),
        kernel.repair));
  }
  return findings;
}

}  // namespace kovet::rule
