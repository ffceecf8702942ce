#include <nlohmann/json.hpp>

#include "report/check_report.h"
#include "report/errors_json.h"
#include "report/printable.h"

namespace kovet {

namespace {

using Json = nlohmann::ordered_json;

Json strings(const std::vector<std::string>& values) {
  Json out = Json::array();
  for (const std::string& value : values) out.push_back(printable(value));
  return out;
}

/// Always a list; that it is empty because the lines depend on what is not known is said beside it.
void put_log(Json& out, bool known, const std::vector<std::string>& log) {
  out["log"] = strings(log);
  if (!known) out["log_known"] = false;
}

Json to_json(const Verdict::Row& row) {
  Json out{{"id", row.gate->id}, {"status", to_string(row.result.status)}};
  if (!row.result.reason.empty()) out["reason"] = printable(row.result.reason);
  if (!row.result.hint.empty())
    out[row.result.status == GateStatus::fail ? "hint" : "supply"] = printable(row.result.hint);
  if (!row.result.evidence.empty()) out["evidence"] = printable(row.result.evidence);
  if (row.result.status == GateStatus::fail) {
    out["errno"] = errno_name(row.result.error);
    put_log(out, row.result.log_known, row.result.log);
  }
  return out;
}

Json to_json(const Finding& finding) {
  Json out{{"rule", finding.rule},
           {"severity", to_string(finding.severity)},
           {"message", printable(finding.message)},
           {"hint", printable(finding.hint)},
           {"symbol", nullptr}};
  if (finding.symbol) out["symbol"] = printable(*finding.symbol);
  if (finding.waived) out["waived"] = true;
  return out;
}

Json to_json(const CheckResult& result) {
  const Kernel& kernel = *result.kernel;
  const Verdict& verdict = result.verdict;
  Json out{{"module", printable(result.module->path)},
           {"name", printable(result.module->display_name())}};
  Json about{{"release", nullptr}, {"arch", nullptr}, {"source", printable(kernel.source)}};
  if (kernel.release) about["release"] = printable(*kernel.release);
  if (kernel.arch) about["arch"] = to_string(*kernel.arch);
  out["kernel"] = std::move(about);
  out["verdict"] = to_string(verdict.answer);
  out["errno"] = nullptr;
  if (verdict.answer == Answer::reject) out["errno"] = errno_name(verdict.error);
  put_log(out, verdict.log_known, verdict.log);
  if (!verdict.may_come_first.empty()) {
    out["may_come_first"] = Json::array();
    for (const Gate* gate : verdict.may_come_first) out["may_come_first"].push_back(gate->id);
  }
  out["taints"] = verdict.taints;
  out["taint_log"] = strings(verdict.taint_log);
  out["gates"] = Json::array();
  for (const Verdict::Row& row : verdict.rows) out["gates"].push_back(to_json(row));
  out["findings"] = Json::array();
  for (const Finding& finding : result.findings) out["findings"].push_back(to_json(finding));
  return out;
}

}  // namespace

std::string check_json(const CheckReport& report) {
  std::vector<Error> errors;
  for (const CheckFailure& failure : report.failures) errors.push_back(failure.error);
  Json out{{"schema", "kovet.check/1"},
           {"kovet", KOVET_VERSION},
           {"policy", report.policy == Policy::build ? "build" : "load"},
           {"assumptions", describe_assumptions(report.assumptions)},
           {"results", Json::array()},
           {"errors", errors_json(errors)}};
  for (const CheckResult& result : report.results) out["results"].push_back(to_json(result));
  return out.dump(2) + "\n";
}

}  // namespace kovet
