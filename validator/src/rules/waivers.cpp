#include "rules/waivers.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <sstream>

#include "support/bytes.h"

namespace kovet {

namespace {

bool matches(const std::string& pattern, const std::string& text) {
  return pattern.empty() || ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

bool names_a_rule(const std::string& pattern) {
  return std::any_of(rules().begin(), rules().end(),
                     [&](const Rule& rule) { return matches(pattern, std::string(rule.id)); });
}

bool is_date(const std::string& text) {
  return ::fnmatch("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]", text.c_str(), 0) == 0;
}

std::string trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

Result<Waiver> parse(std::string_view line, const std::string& where) {
  Waiver waiver;
  const std::size_t hash = line.find('#');
  if (hash != std::string_view::npos) waiver.reason = trim(line.substr(hash + 1));
  std::istringstream words{std::string(line.substr(0, hash))};
  words >> waiver.rule;
  if (!names_a_rule(waiver.rule))
    return Error{where, fmt::format("there is no rule '{}'", waiver.rule),
                 "kovet rules lists them"};
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    const std::string key = word.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    if (key == "module" && !value.empty())
      waiver.module = value;
    else if (key == "symbol" && !value.empty())
      waiver.symbol = value;
    else if (key == "until" && is_date(value))
      waiver.until = value;
    else
      return Error{where, fmt::format("cannot read '{}'", word),
                   "after the rule: module=GLOB, symbol=GLOB, until=YYYY-MM-DD"};
  }
  if (waiver.reason.empty())
    return Error{where, "a waiver needs a reason", "end the line with '# why this is tolerated'"};
  return waiver;
}

}  // namespace

Result<std::vector<Waiver>> read_waivers(const std::filesystem::path& file) {
  const auto bytes = Bytes::map(file);
  if (!bytes) return bytes.error();
  std::vector<Waiver> waivers;
  std::istringstream lines{std::string((*bytes)->text())};
  unsigned number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const std::string text = trim(line);
    if (text.empty() || text.front() == '#') continue;
    auto waiver = parse(text, fmt::format("{}:{}", file.string(), number));
    if (!waiver) return waiver.error();
    waiver->line = number;
    waivers.push_back(std::move(*waiver));
  }
  return waivers;
}

void apply_waivers(std::vector<Finding>& findings, const std::vector<Waiver>& waivers,
                   const std::string& module, const std::string& today) {
  for (Finding& finding : findings) {
    finding.waived = std::any_of(waivers.begin(), waivers.end(), [&](const Waiver& waiver) {
      return matches(waiver.rule, finding.rule) && matches(waiver.module, module) &&
             (waiver.symbol.empty() ||
              (finding.symbol && matches(waiver.symbol, *finding.symbol))) &&
             (waiver.until.empty() || today <= waiver.until);
    });
  }
}

}  // namespace kovet
