#include "gates/vermagic_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace kovet {

namespace {

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> tokens;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    if (space != 0) tokens.push_back(text.substr(0, space));
    if (space == std::string_view::npos) break;
    text.remove_prefix(space + 1);
  }
  return tokens;
}

struct Origin {
  std::string_view token;
  std::string_view option;
};

constexpr std::array origins{
    Origin{"SMP", "CONFIG_SMP"},
    Origin{"preempt", "CONFIG_PREEMPT_BUILD (CONFIG_PREEMPT before 5.16)"},
    Origin{"preempt_rt", "CONFIG_PREEMPT_RT"},
    Origin{"mod_unload", "CONFIG_MODULE_UNLOAD"},
    Origin{"modversions", "CONFIG_MODVERSIONS"},
};

std::string origin_of(std::string_view token) {
  for (const Origin& origin : origins)
    if (origin.token == token) return fmt::format(" ({})", origin.option);
  if (token.find("RANDSTRUCT") != std::string_view::npos)
    return " (the randstruct seed: every kernel build draws its own)";
  return " (the architecture's own part)";
}

std::vector<std::string_view> missing_from(const std::vector<std::string_view>& these,
                                           const std::vector<std::string_view>& those) {
  std::vector<std::string_view> out;
  for (std::size_t i = 1; i < these.size(); ++i)
    if (std::find(those.begin() + (those.empty() ? 0 : 1), those.end(), these[i]) == those.end())
      out.push_back(these[i]);
  return out;
}

}  // namespace

std::string explain_vermagic_difference(std::string_view module, std::string_view kernel,
                                        bool release_ignored) {
  const auto ours = split(module);
  const auto theirs = split(kernel);
  std::vector<std::string> differences;
  const std::string_view our_release = ours.empty() ? "" : ours.front();
  const std::string_view their_release = theirs.empty() ? "" : theirs.front();
  if (our_release != their_release && !release_ignored) {
    differences.push_back(
        fmt::format("built for release {}, the kernel is {}", our_release, their_release));
  }
  for (const std::string_view token : missing_from(ours, theirs))
    differences.push_back(
        fmt::format("the module has '{}' and the kernel has not{}", token, origin_of(token)));
  for (const std::string_view token : missing_from(theirs, ours))
    differences.push_back(
        fmt::format("the kernel has '{}' and the module has not{}", token, origin_of(token)));
  if (differences.empty()) {
    differences.emplace_back(
        "the same words, but not the same spaces or order: the string was edited by hand");
  }
  return fmt::format("{}", fmt::join(differences, "; "));
}

}  // namespace kovet
