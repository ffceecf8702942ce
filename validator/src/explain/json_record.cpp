#include "explain/json_record.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace kovet::explain {

std::optional<std::string> decode_json_record(std::string_view line) {
  line.remove_prefix(std::min(line.find('{'), line.size()));
  const std::size_t field = line.find("\"MESSAGE\"");
  // Records without either are many, and parsing takes its time.
  if (field == std::string_view::npos || line.find_first_of("\\[", field) == std::string_view::npos)
    return std::nullopt;
  const auto record = nlohmann::json::parse(line, nullptr, false);
  if (!record.is_object() || !record.contains("MESSAGE")) return std::nullopt;
  const auto& message = record["MESSAGE"];
  std::string text = "<4>";
  if (const auto by = record.find("_TRANSPORT"); by != record.end() && *by != "kernel") text = "<12>";
  if (message.is_string()) return text + message.get<std::string>();
  if (!message.is_array()) return std::nullopt;
  for (const auto& byte : message) {
    if (!byte.is_number_unsigned() || byte.get<unsigned>() > 255) return std::nullopt;
    text += static_cast<char>(byte.get<unsigned>());
  }
  return text;
}

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  while (!text.empty() && (text.back() == ',' || blanks.find(text.back()) != std::string_view::npos))
    text.remove_suffix(1);
  return text;
}

std::optional<std::string> text_of(std::string_view value) {
  const auto parsed = nlohmann::json::parse(value, nullptr, false);
  return parsed.is_string() ? std::optional(parsed.get<std::string>()) : std::nullopt;
}

}  // namespace

std::vector<std::string> PrettyRecords::take(std::string_view line) {
  line = trimmed(line);
  if (line == "{" || line == "},{") {
    *this = {};
    begun_ = true;
    return {};
  }
  if (!begun_ || !line.starts_with('"')) return {};
  const std::size_t end = line.find('"', 1);
  const std::size_t colon = line.find_first_not_of(" \t", std::min(end + 1, line.size()));
  if (end == std::string_view::npos || colon == std::string_view::npos || line[colon] != ':')
    return {};
  const std::string_view key = line.substr(1, end - 1), value = trimmed(line.substr(colon + 1));
  if (key == "time") time_ = value.substr(0, 32);
  if (key == "caller") caller_ = text_of(value).value_or("");
  if (key == "fac") program_ = value != "\"kern\"";
  if (key == "msg") {
    const auto text = text_of(value);
    if (!text) return {};
    std::string start = program_ ? "<12>" : "<4>";
    if (!time_.empty()) start += "[" + time_ + "] ";
    if (!caller_.empty()) start += "[" + caller_ + "] ";
    return {start + *text};
  }
  if (key != "MESSAGE" && key != "_TRANSPORT") return {};
  const auto text = text_of(value);
  if (!text) return {};
  std::vector<std::string> lines;
  if (!announced_) lines.emplace_back("__CURSOR=");
  announced_ = true;
  std::string rest = std::string(key) + "=" + *text;
  for (std::size_t at = 0; at <= rest.size();) {
    const std::size_t newline = std::min(rest.find('\n', at), rest.size());
    lines.push_back(rest.substr(at, newline - at));
    at = newline + 1;
  }
  return lines;
}

}  // namespace kovet::explain
