#include "cli/assume.h"

#include <fmt/format.h>

namespace kovet::cli {

namespace {

constexpr const char* choices =
    "sig_enforce, lockdown, module_blacklist=A,B, loaded=A,B, compressed, param=[M:]P=V";

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (comma != 0) names.emplace_back(list.substr(0, comma));
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return names;
}

void append(std::vector<std::string>& target, std::string_view list) {
  for (std::string& name : split(list)) target.push_back(std::move(name));
}

/// "M:p=v" is for the module M, "p=v" for every one.
AssumedParameters parameters_from(const std::string& value) {
  const std::size_t colon = value.find(':');
  if (colon == std::string::npos || colon > value.find('=')) return {"", value};
  return {value.substr(0, colon), value.substr(colon + 1)};
}

}  // namespace

void add_assume_option(CLI::App& command, std::vector<std::string>& words) {
  command
      .add_option("--assume", words,
                  fmt::format("what the machine decides at boot; may repeat: {}", choices))
      ->type_name("WHAT")
      ->allow_extra_args(false);
}

Result<void> parse_assumptions(const std::vector<std::string>& words, Assumptions& assumptions) {
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    const std::string key = word.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    if (key == "sig_enforce" && (value.empty() || value == "1"))
      assumptions.sig_enforce = true;
    else if (key == "lockdown" &&
             (value.empty() || value == "integrity" || value == "confidentiality"))
      assumptions.lockdown = true;
    else if (key == "module_blacklist" && !value.empty())
      append(assumptions.blacklist, value);
    else if (key == "loaded" && !value.empty())
      append(assumptions.loaded, value);
    else if (key == "param" && !value.empty())
      assumptions.parameters.push_back(parameters_from(value));
    else if (key == "compressed" && value.empty())
      assumptions.compressed_input = true;
    else
      return Error{"--assume", fmt::format("cannot assume '{}'", word),
                   fmt::format("it takes: {}", choices)};
  }
  return {};
}

}  // namespace kovet::cli
