#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "report/annotations.h"
#include "report/check_report.h"
#include "report/printable.h"

// Formats of continuous integration: SARIF 2.1.0 (OASIS), JUnit XML as Jenkins and GitLab read
// it, and GitHub's workflow commands.

namespace kovet {

namespace {

using Json = nlohmann::ordered_json;

Json sarif_rule(const std::string& id) {
  Json out{{"id", id}};
  if (const Rule* rule = find_rule(id)) {
    out["shortDescription"] = {{"text", rule->summary}};
    out["fullDescription"] = {{"text", rule->explanation}};
    out["help"] = {{"text", rule->fix}};
  }
  return out;
}

Json sarif_result(const CheckResult& result, const Finding& finding) {
  std::string text = fmt::format("{} (kernel {})", printable(finding.message),
                                 printable(kernel_name(*result.kernel)));
  if (!finding.hint.empty()) text += ". Fix: " + printable(finding.hint);
  Json out{{"ruleId", finding.rule},
           {"level", to_string(finding.severity)},
           {"message", {{"text", text}}},
           {"locations",
            {{{"physicalLocation",
               {{"artifactLocation", {{"uri", printable(result.module->path)}}}}}}}}};
  if (finding.waived) out["suppressions"] = {{{"kind", "external"}}};
  return out;
}

}  // namespace

std::string check_sarif(const CheckReport& report) {
  std::map<std::string, Json> rules_seen;
  Json results = Json::array();
  for (const CheckResult& result : report.results) {
    for (const Finding& finding : result.findings) {
      rules_seen.try_emplace(finding.rule, sarif_rule(finding.rule));
      results.push_back(sarif_result(result, finding));
    }
  }
  Json notifications = Json::array();
  for (const CheckFailure& failure : report.failures) {
    const Error& error = failure.error;
    std::string text = fmt::format("{}: {}", printable(error.where), printable(error.what));
    if (!error.hint.empty()) text += fmt::format("\n{}", printable(error.hint));
    notifications.push_back({{"level", "error"}, {"message", {{"text", std::move(text)}}}});
  }
  Json rule_list = Json::array();
  for (auto& [id, rule] : rules_seen) rule_list.push_back(std::move(rule));
  const Json run{
      {"tool", {{"driver", {{"name", "kovet"}, {"version", KOVET_VERSION}, {"rules", rule_list}}}}},
      {"invocations",
       {{{"executionSuccessful", report.failures.empty()},
         {"toolExecutionNotifications", notifications}}}},
      {"results", results}};
  const Json out{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                 {"version", "2.1.0"},
                 {"runs", Json::array({run})}};
  return out.dump(2) + "\n";
}

std::string check_junit(const CheckReport& report) {
  std::string cases;
  std::size_t failed = 0;
  for (const CheckResult& result : report.results) {
    cases += fmt::format("    <testcase classname=\"{}\" name=\"{}\">\n",
                         xml_text(kernel_name(*result.kernel)), xml_text(result.module->path));
    const std::size_t count = count_findings(result.findings, report.threshold);
    if (count != 0) {
      ++failed;
      std::string text;
      for (const Finding& finding : result.findings)
        if (!finding.waived && finding.severity >= report.threshold)
          text += fmt::format("{}: {}\n  fix: {}\n", finding.rule, finding.message, finding.hint);
      // Line ends survive in element text; everything else is made printable line by line.
      std::string escaped;
      for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        escaped += xml_text(std::string_view(text).substr(at, end - at)) + "\n";
        at = end + 1;
      }
      cases += fmt::format("      <failure message=\"{} {}\">{}</failure>\n", count,
                           count == 1 ? "finding" : "findings", escaped);
    }
    cases += "    </testcase>\n";
  }
  for (const CheckFailure& failure : report.failures) {
    cases += fmt::format(
        "    <testcase classname=\"input\" name=\"{}\">\n      <error message=\"{}\"/>\n    "
        "</testcase>\n",
        xml_text(failure.error.where), xml_text(failure.error.what));
  }
  const std::string counts =
      fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\"",
                  report.results.size() + report.failures.size(), failed, report.failures.size());
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n  <testsuite name=\"kovet\" "
      "{}>\n{}  </testsuite>\n</testsuites>\n",
      counts, counts, cases);
}

std::string check_github(const CheckReport& report) {
  std::string out;
  for (const CheckResult& result : report.results) {
    for (const Finding& finding : result.findings) {
      const std::string_view level = finding.waived || finding.severity == Severity::note ? "notice"
                                     : finding.severity == Severity::warning ? "warning"
                                                                             : "error";
      out += fmt::format("::{} file={},title={}::{} (kernel {}).{}{}\n", level,
                         github_escape(result.module->path, true),
                         github_escape(finding.rule, true), github_escape(finding.message, false),
                         github_escape(kernel_name(*result.kernel), false),
                         finding.hint.empty() ? "" : " Fix: ", github_escape(finding.hint, false));
    }
  }
  for (const CheckFailure& failure : report.failures)
    out += fmt::format("::error title=kovet::{}: {}\n", github_escape(failure.error.where, false),
                       github_escape(failure.error.what, false));
  // No annotation, but a line of the job's log: that nothing was found is said too.
  return out + "kovet: " + counted(report) + "\n";
}

}  // namespace kovet
