#include <charconv>

#include "kernel/kernel.h"

namespace kovet {

namespace {

/// Takes a number off the front; nothing when there is none or it does not fit.
std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0 || text.front() == '-') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool take_dot(std::string_view& text) {
  if (text.empty() || text.front() != '.') return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<KernelVersion> KernelVersion::parse(std::string_view release) {
  const auto major = take_number(release);
  if (!major || !take_dot(release)) return std::nullopt;
  const auto minor = take_number(release);
  if (!minor) return std::nullopt;
  KernelVersion version{*major, *minor, 0};
  if (take_dot(release)) version.patch = take_number(release).value_or(0);
  return version;
}

}  // namespace kovet
