#include "explain/json_record.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace kovet::explain {

namespace {

/// Whether the text stands in the line as it is, right behind the field's name.
bool legible(std::string_view line, std::size_t behind_name) {
  return line.substr(behind_name, 2) == ":\"" &&
         line.find_first_of("\\[", behind_name) == std::string_view::npos;
}

/// One record of `dmesg --json`, as `jq -c` writes it.
std::optional<std::string> decode_dmesg_record(const nlohmann::json& record) {
  const auto text = record.find("msg"), time = record.find("time");
  if (text == record.end() || !text->is_string() || time == record.end()) return std::nullopt;
  const auto facility = record.find("fac");
  std::string start = facility == record.end() || *facility == "kern" ? "<4>" : "<12>";
  if (time->is_number()) start += "[" + time->dump() + "] ";
  return start + text->get<std::string>();
}

}  // namespace

std::optional<std::string> decode_json_record(std::string_view line) {
  line.remove_prefix(std::min(line.find('{'), line.size()));
  constexpr std::string_view journals = "\"MESSAGE\"", dmesgs = "\"msg\"";
  const std::size_t field = line.find(journals);
  const bool of_dmesg =
      field == std::string_view::npos && line.find(dmesgs) != std::string_view::npos;
  // Records that are legible as they are, or are none, are many, and parsing takes its time.
  if (!of_dmesg && (field == std::string_view::npos || legible(line, field + journals.size())))
    return std::nullopt;
  const auto record = nlohmann::json::parse(line, nullptr, false);
  if (!record.is_object()) return std::nullopt;
  if (of_dmesg) return decode_dmesg_record(record);
  if (!record.contains("MESSAGE")) return std::nullopt;
  const auto& message = record["MESSAGE"];
  std::string text = "<4>";
  if (const auto by = record.find("_TRANSPORT"); by != record.end() && *by != "kernel")
    text = "<12>";
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
  while (!text.empty() &&
         (text.back() == ',' || blanks.find(text.back()) != std::string_view::npos))
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
