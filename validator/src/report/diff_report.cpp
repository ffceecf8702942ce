#include "report/diff_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/check_report.h"
#include "report/errors_json.h"
#include "report/printable.h"

namespace kovet {

namespace {

using Json = nlohmann::ordered_json;

std::string_view heading(Effort effort) {
  switch (effort) {
    case Effort::none:
      return "nothing to do";
    case Effort::rebuild:
      return "needs a rebuild";
    case Effort::source_change:
      break;
  }
  return "needs a rebuild, and a change of the source unless the new headers hide it";
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

Json about(const Kernel& kernel) {
  Json json{{"release", nullptr}, {"arch", nullptr}, {"source", printable(kernel.source)}};
  if (kernel.release) json["release"] = printable(*kernel.release);
  if (kernel.arch) json["arch"] = to_string(*kernel.arch);
  return json;
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(printable(text));
}

}  // namespace

std::string diff_text(const KernelDiff& diff, const Kernel& from, const Kernel& to, bool color,
                      bool quiet) {
  std::string text;
  const auto line = [&text](const std::string& content) { text += content + "\n"; };
  line(fmt::format("from {} to {}: {}", printable(kernel_name(from)), printable(kernel_name(to)),
                   diff.effort == Effort::none && !diff.unknown.empty()
                       ? "no change that matters was found, but not everything is known"
                       : heading(diff.effort)));
  const Effort* current = nullptr;
  for (const KernelChange& change : diff.changes) {
    if (quiet && change.effort == Effort::none) continue;
    if (!current || *current != change.effort) {
      current = &change.effort;
      const char* const code = change.effort == Effort::source_change ? "31;1"
                               : change.effort == Effort::rebuild     ? "33"
                                                                      : "2";
      const std::string title(heading(change.effort));
      line(color ? fmt::format("\033[{}m{}\033[0m:", code, title) : title + ":");
    }
    std::string item = fmt::format("  {}: {}", change.kind, printable(change.message));
    if (change.kind != "config" && !change.from.empty() && !change.to.empty())
      item += fmt::format(" ({} -> {})", printable(change.from), printable(change.to));
    if (!change.modules.empty()) item += fmt::format(" [{}]", printable(joined(change.modules)));
    line(item);
  }
  for (const UnknownChange& unknown : diff.unknown)
    line(fmt::format("not known: {}: {}\n  {}", printable(unknown.what), printable(unknown.reason),
                     printable(unknown.supply)));
  if (!quiet && diff.symbols_used != 0)
    line(fmt::format("{} symbols of these modules were compared", diff.symbols_used));
  return text;
}

std::string diff_json(const KernelDiff& diff, std::span<const Module> modules, const Kernel& from,
                      const Kernel& to, std::span<const Error> errors) {
  Json json{{"schema", "kovet.diff/1"}, {"kovet", KOVET_VERSION}};
  json["modules"] = Json::array();
  for (const Module& module : modules)
    json["modules"].push_back(
        {{"module", printable(module.path)}, {"name", printable(module.display_name())}});
  json["from"] = about(from);
  json["to"] = about(to);
  json["effort"] = to_string(diff.effort);
  json["symbols_used"] = diff.symbols_used;
  json["changes"] = Json::array();
  for (const KernelChange& change : diff.changes) {
    Json names = Json::array();
    for (const std::string& name : change.modules) names.push_back(printable(name));
    json["changes"].push_back({{"kind", change.kind},
                               {"what", printable(change.what)},
                               {"from", text_or_null(change.from)},
                               {"to", text_or_null(change.to)},
                               {"effort", to_string(change.effort)},
                               {"severity", to_string(severity_of(change.effort))},
                               {"message", printable(change.message)},
                               {"modules", std::move(names)}});
  }
  json["unknown"] = Json::array();
  for (const UnknownChange& unknown : diff.unknown)
    json["unknown"].push_back({{"what", printable(unknown.what)},
                               {"reason", printable(unknown.reason)},
                               {"supply", printable(unknown.supply)}});
  json["errors"] = errors_json(errors);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace kovet
