#include "report/errors_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/printable.h"

namespace kovet {

nlohmann::ordered_json errors_json(std::span<const Error> errors) {
  auto out = nlohmann::ordered_json::array();
  for (const Error& error : errors)
    out.push_back({{"where", printable(error.where)},
                   {"message", printable(error.what)},
                   {"hint", printable(error.hint)}});
  return out;
}

std::string failure_json(std::string_view command, std::span<const Error> errors) {
  const std::string schema = command.empty() ? "kovet/1" : fmt::format("kovet.{}/1", command);
  const nlohmann::ordered_json out{
      {"schema", schema}, {"kovet", KOVET_VERSION}, {"errors", errors_json(errors)}};
  return out.dump(2) + "\n";
}

}  // namespace kovet
