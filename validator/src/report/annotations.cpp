#include "report/annotations.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "report/printable.h"

namespace kovet {

namespace {

using Json = nlohmann::ordered_json;

Json sarif_result(const Annotation& item) {
  std::string text = printable(item.message);
  if (!item.hint.empty()) text += ". Next: " + printable(item.hint);
  Json out{{"ruleId", item.id},
           {"level", to_string(item.severity)},
           {"message", {{"text", std::move(text)}}}};
  if (item.file.empty()) return out;
  Json place{{"artifactLocation", {{"uri", printable(item.file)}}}};
  if (item.line > 0) place["region"] = {{"startLine", item.line}};
  out["locations"] = Json::array({{{"physicalLocation", std::move(place)}}});
  return out;
}

std::string place_of(const Annotation& item) {
  if (item.file.empty()) return {};
  return item.line > 0 ? fmt::format("{}:{}", item.file, item.line) : item.file;
}

}  // namespace

std::string github_escape(std::string_view text, bool property) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '%')
      out += "%25";
    else if (property && c == ':')
      out += "%3A";
    else if (property && c == ',')
      out += "%2C";
    else
      out += c;
  }
  return out;
}

std::string annotations_sarif(const Annotations& all, std::span<const Error> failures) {
  std::map<std::string, Json> rules;
  Json results = Json::array(), notifications = Json::array(), rule_list = Json::array();
  for (const Annotation& item : all.items) {
    Json rule{{"id", item.id}};
    if (!item.summary.empty()) rule["shortDescription"] = {{"text", printable(item.summary)}};
    rules.try_emplace(item.id, std::move(rule));
    results.push_back(sarif_result(item));
  }
  for (const Error& error : failures) {
    std::string text = fmt::format("{}: {}", printable(error.where), printable(error.what));
    if (!error.hint.empty()) text += "\n" + printable(error.hint);
    notifications.push_back({{"level", "error"}, {"message", {{"text", std::move(text)}}}});
  }
  for (auto& [id, rule] : rules) rule_list.push_back(std::move(rule));
  const Json run{
      {"tool", {{"driver", {{"name", "kovet"}, {"version", KOVET_VERSION}, {"rules", rule_list}}}}},
      {"invocations", Json::array({{{"executionSuccessful", failures.empty()},
                                    {"toolExecutionNotifications", notifications}}})},
      {"results", results}};
  const Json out{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                 {"version", "2.1.0"},
                 {"runs", Json::array({run})}};
  return out.dump(2) + "\n";
}

std::string annotations_junit(const Annotations& all, std::span<const Error> failures,
                              Severity threshold) {
  std::string cases;
  std::size_t tests = all.items.size(), failed = 0;
  for (const Annotation& item : all.items) {
    const std::string place = place_of(item);
    const std::string name = place.empty() ? item.message : place + ": " + item.message;
    cases += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml_text(item.id),
                         xml_text(name));
    if (item.severity < threshold) {
      cases += "/>\n";
      continue;
    }
    ++failed;
    cases += fmt::format(">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
                         xml_text(item.message), xml_text(item.hint));
  }
  if (all.items.empty() && failures.empty()) {
    cases +=
        fmt::format("    <testcase classname=\"kovet\" name=\"{}\"/>\n", xml_text(all.subject));
    ++tests;
  }
  for (const Error& error : failures)
    cases += fmt::format(
        "    <testcase classname=\"input\" name=\"{}\">\n      <error message=\"{}\"/>\n    "
        "</testcase>\n",
        xml_text(error.where), xml_text(error.what));
  const std::string counts = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\"",
                                         tests + failures.size(), failed, failures.size());
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n  <testsuite name=\"kovet\" "
      "{}>\n{}  </testsuite>\n</testsuites>\n",
      counts, counts, cases);
}

std::string annotations_github(const Annotations& all, std::span<const Error> failures) {
  std::string out;
  for (const Annotation& item : all.items) {
    const std::string_view level = item.severity == Severity::note      ? "notice"
                                   : item.severity == Severity::warning ? "warning"
                                                                        : "error";
    std::string properties;
    if (!item.file.empty()) properties += "file=" + github_escape(item.file, true) + ",";
    if (!item.file.empty() && item.line > 0) properties += fmt::format("line={},", item.line);
    out += fmt::format("::{} {}title={}::{}{}{}\n", level, properties, github_escape(item.id, true),
                       github_escape(item.message, false),
                       item.hint.empty() ? "" : ". Next: ", github_escape(item.hint, false));
  }
  for (const Error& error : failures)
    out += fmt::format("::error title=kovet::{}: {}\n", github_escape(error.where, false),
                       github_escape(error.what, false));
  // No annotation, but a line of the job's log: that nothing was found is said too.
  const std::size_t found = all.items.size();
  return out + fmt::format("kovet: {} finding{}\n", found, found == 1 ? "" : "s");
}

}  // namespace kovet
