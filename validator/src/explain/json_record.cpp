#include "explain/json_record.h"

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

}  // namespace kovet::explain
