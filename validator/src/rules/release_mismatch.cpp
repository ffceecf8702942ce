#include <fmt/format.h>

#include "rules/evaluate.h"

namespace kovet::rule {

std::vector<Finding> release_mismatch(const RuleInput& input) {
  const auto magic = input.module.first("vermagic");
  if (!magic) {
    return {make_finding("vermagic-missing",
                         "the module has no vermagic, so nobody can tell which kernel it is for",
                         "build it with Kbuild, and do not strip .modinfo")};
  }
  if (!input.kernel.release) return {};
  const std::string_view release = magic->substr(0, magic->find(' '));
  if (release == *input.kernel.release) return {};
  return {make_finding(
      "release-mismatch",
      fmt::format("built for release {}, to be checked for {}", release, *input.kernel.release),
      fmt::format("build it again with KOVET_KERNEL={}; if the kernel's own answer is all you ask, "
                  "use --policy load",
                  *input.kernel.release))};
}

}  // namespace kovet::rule
