#include <algorithm>
#include <cstring>

#include "kernel/kernel.h"

// include/config/auto.conf and .config, as scripts/kconfig/confdata.c writes them.

namespace kovet {

namespace {

constexpr std::string_view prefix = "CONFIG_";

std::string_view without_quotes(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    return value.substr(1, value.size() - 2);
  return value;
}

}  // namespace

KernelConfig KernelConfig::parse(std::shared_ptr<const Bytes> text) {
  KernelConfig config;
  std::string_view rest = text->text();
  config.text_ = std::move(text);
  constexpr std::size_t usual_line = 24;  // bytes; only a first guess
  config.options_.reserve(rest.size() / usual_line);
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (!line.starts_with(prefix)) continue;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    // Of an option that is there twice the last counts, as it does for make.
    config.options_.insert_or_assign(line.substr(prefix.size(), equals - prefix.size()),
                                     without_quotes(line.substr(equals + 1)));
  }
  return config;
}

bool KernelConfig::enabled(std::string_view option) const {
  const auto found = options_.find(option);
  return found != options_.end() && (found->second == "y" || found->second == "m");
}

std::optional<std::string_view> KernelConfig::value(std::string_view option) const {
  const auto found = options_.find(option);
  if (found == options_.end()) return std::nullopt;
  return found->second;
}

}  // namespace kovet
