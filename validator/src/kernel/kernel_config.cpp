#include <algorithm>
#include <string>

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

std::uint32_t last_place(std::string_view text, std::string_view option, std::uint32_t first) {
  std::string line = "\n";
  line.append(prefix).append(option).push_back('=');
  const std::size_t last = text.rfind(line);
  if (last == std::string_view::npos) return first;
  return std::max(first, static_cast<std::uint32_t>(last + 1 + prefix.size()));
}

}  // namespace

KernelConfig KernelConfig::parse(std::shared_ptr<const Bytes> text) {
  KernelConfig config;
  constexpr std::size_t largest = std::size_t{64} << 20;  // bytes; real ones have 0.3 MB
  const std::string_view whole = text->text().substr(0, largest);
  config.text_ = std::move(text);
  config.options_ = TextIndex(whole, '=');
  constexpr std::size_t usual_line = 24;  // bytes; only a first guess
  config.options_.reserve(whole.size() / usual_line);
  for (std::size_t at = 0; at < whole.size();) {
    const std::string_view line = whole.substr(at, whole.find('\n', at) - at);
    const std::size_t equals = line.starts_with(prefix) ? line.find('=') : std::string_view::npos;
    if (equals != std::string_view::npos &&
        !config.options_.add(static_cast<std::uint32_t>(at + prefix.size())).is_new)
      config.repeated_ = true;
    at += line.size() + 1;
  }
  return config;
}

bool KernelConfig::enabled(std::string_view option) const {
  const auto found = value(option);
  return found && (*found == "y" || *found == "m");
}

std::optional<std::string_view> KernelConfig::value(std::string_view option) const {
  auto place = options_.find(option);
  if (!place) return std::nullopt;
  const std::string_view whole = text_->text();
  // Of an option that is there twice the last counts, as it does for make.
  if (repeated_) place = last_place(whole, option, *place);
  const std::size_t first = *place + option.size() + 1;
  std::string_view found = whole.substr(first, whole.find('\n', first) - first);
  if (found.ends_with('\r')) found.remove_suffix(1);
  return without_quotes(found);
}

}  // namespace kovet
