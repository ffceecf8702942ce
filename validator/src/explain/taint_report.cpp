#include "explain/taint_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "report/printable.h"

namespace kovet::explain {

namespace {

using Json = nlohmann::ordered_json;

/// What is known of bits beyond mainline's.
std::string_view foreign_bit(int bit) {
  switch (bit) {
    case 27:
      return "Red Hat: hardware or a driver whose support was removed";
    case 29:
      return "Red Hat: a technology preview is in use";
    case 30:
      return "Red Hat: unprivileged BPF was allowed";
    case 31:
      return "SUSE: a module without support";
    default:
      return "not one of mainline's; distributions define flags of their own";
  }
}

std::string state_of(const TaintedModule& module) {
  if (module.state == '+') return " (being loaded)";
  return module.state == '-' ? " (being unloaded)" : "";
}

void reading_text(std::string& out, const TaintReport& report, bool color) {
  const TaintReading& reading = *report.reading;
  const std::string letters = taint_letters(reading.value) + reading.foreign_letters;
  const bool untainted = reading.value == 0 && reading.foreign_letters.empty();
  const std::string head =
      untainted && reading.kind == TaintReading::Kind::module_line
          ? fmt::format("{}: no flag of this module's; kovet taint tells the kernel's",
                        report.source)
      : untainted ? fmt::format("{}: not tainted", report.source)
                  : fmt::format("{}: tainted, {} (value {})", report.source,
                                letters.empty() ? "no known letter" : letters, reading.value);
  out += color ? fmt::format("\033[1m{}\033[0m\n", printable(head)) : printable(head) + '\n';
  for (const TaintFlag* flag : reading.flags) {
    out += fmt::format("  {} {} (bit {}, {}): {}\n", flag->letter, flag->name, flag->bit,
                       flag->since.starts_with("before") ? std::string(flag->since)
                                                         : fmt::format("since {}", flag->since),
                       flag->meaning);
    out += fmt::format("    set by:  {}\n", flag->set_by);
    std::vector<std::string> who;
    for (const TaintedModule& module : reading.modules)
      if (module.letters.find(flag->letter) != std::string::npos)
        who.push_back(module.name + state_of(module));
    if (!who.empty())
      out += fmt::format("    modules: {}\n", printable(fmt::format("{}", fmt::join(who, ", "))));
    out += fmt::format("    advice:  {}\n", flag->advice);
  }
  for (const int bit : reading.foreign_bits)
    out += fmt::format("  bit {}: {}\n", bit, foreign_bit(bit));
  for (const char letter : reading.foreign_letters)
    out += fmt::format(
        "  {}: not one of mainline's letters; distributions have letters of their own\n", letter);
  if (!untainted)
    out +=
        "  No flag is ever cleared while the kernel runs: removing the module does not help, a "
        "reboot "
        "does.\n";
}

std::string_view when_printed(TaintForecast::Printed printed) {
  switch (printed) {
    case TaintForecast::Printed::unless_tainted:
      return " (unless the kernel has the flag already)";
    case TaintForecast::Printed::once_per_boot:
      return " (once per boot, for the first such module)";
    case TaintForecast::Printed::every_time:
      break;
  }
  return "";
}

void forecast_text(std::string& out, const TaintReport& report, bool color) {
  const TaintForecast& forecast = *report.forecast;
  std::string head = fmt::format("{}{}: would set {}", report.module,
                                 report.kernel.empty() ? "" : " on " + report.kernel,
                                 forecast.letters.empty() ? "no flag" : forecast.letters);
  out += color ? fmt::format("\033[1m{}\033[0m\n", printable(head)) : printable(head) + '\n';
  for (const auto& cause : forecast.causes) {
    out += fmt::format("  {} {}\n", cause.letter ? cause.letter : '-', printable(cause.why));
    out += fmt::format("    to avoid: {}\n", printable(cause.how_to_avoid));
    if (!cause.log.empty())
      out += fmt::format("    log:      {}{}\n", printable(cause.log), when_printed(cause.printed));
  }
  for (const auto& reason : forecast.unknown) out += fmt::format("  open: {}\n", printable(reason));
}

}  // namespace

std::string taint_text(const TaintReport& report, bool color) {
  std::string out;
  if (report.reading) reading_text(out, report, color);
  if (report.forecast) forecast_text(out, report, color);
  return out;
}

std::string taint_json(const TaintReport& report) {
  Json json{{"schema", "kovet.taint/1"}, {"kovet", KOVET_VERSION}};
  json["source"] = report.source.empty() ? Json() : Json(report.source);
  json["value"] = Json();
  json["letters"] = Json();
  json["flags"] = Json::array();
  json["modules"] = Json::array();
  if (report.reading) {
    const TaintReading& reading = *report.reading;
    json["value"] = reading.value;
    json["letters"] = taint_letters(reading.value) + reading.foreign_letters;
    for (const TaintFlag* flag : reading.flags) {
      Json modules = Json::array();
      for (const TaintedModule& module : reading.modules)
        if (module.letters.find(flag->letter) != std::string::npos) modules.push_back(module.name);
      json["flags"].push_back({{"bit", flag->bit},
                               {"letter", std::string(1, flag->letter)},
                               {"name", flag->name},
                               {"meaning", flag->meaning},
                               {"set_by", flag->set_by},
                               {"advice", flag->advice},
                               {"since", flag->since},
                               {"per_module", flag->per_module},
                               {"cleared_by", "reboot"},
                               {"modules", modules}});
    }
    for (const int bit : reading.foreign_bits)
      json["flags"].push_back({{"bit", bit},
                               {"letter", nullptr},
                               {"name", nullptr},
                               {"meaning", foreign_bit(bit)},
                               {"cleared_by", "reboot"}});
    for (const TaintedModule& module : reading.modules)
      json["modules"].push_back({{"name", module.name}, {"letters", module.letters}});
  }
  json["forecast"] = Json();
  if (report.forecast) {
    Json causes = Json::array();
    for (const auto& cause : report.forecast->causes)
      causes.push_back({{"letter", cause.letter ? Json(std::string(1, cause.letter)) : Json()},
                        {"why", cause.why},
                        {"how_to_avoid", cause.how_to_avoid},
                        {"log", cause.log.empty() ? Json() : Json(cause.log)},
                        {"printed", to_string(cause.printed)}});
    json["forecast"] = {{"module", report.module},
                        {"kernel", report.kernel.empty() ? Json() : Json(report.kernel)},
                        {"letters", report.forecast->letters},
                        {"causes", causes},
                        {"log", report.forecast->log},
                        {"unknown", report.forecast->unknown}};
  }
  return json.dump(2, ' ', true, Json::error_handler_t::replace) + '\n';
}

}  // namespace kovet::explain
