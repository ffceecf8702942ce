#include "report/matrix_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/errors_json.h"
#include "report/printable.h"

namespace kovet {

namespace {

using Json = nlohmann::ordered_json;

/// run_check() gives all modules of the first kernel, then all of the second, and so on.
const CheckResult& cell(const CheckOutcome& outcome, std::size_t kernel, std::size_t module) {
  return outcome.report.results[kernel * outcome.modules.size() + module];
}

std::string word(const Verdict& verdict) {
  return verdict.answer == Answer::reject ? errno_name(verdict.error)
                                          : std::string(to_string(verdict.answer));
}

std::string_view code(Answer answer) {
  switch (answer) {
    case Answer::accept:
      return "32";
    case Answer::reject:
      return "31;1";
    case Answer::unknown:
      break;
  }
  return "33";
}

class Grid {
 public:
  Grid(const CheckOutcome& outcome, bool color) : outcome_(outcome), color_(color) {
    by_kernel_ = outcome.modules.size() <= outcome.kernels.size();
    for (const Kernel& kernel : outcome.kernels)
      (by_kernel_ ? rows_ : columns_).push_back(printable(kernel_name(kernel)));
    for (const Module& module : outcome.modules)
      (by_kernel_ ? columns_ : rows_).push_back(printable(module.display_name()));
  }

  std::string text() const {
    std::size_t first = 0;
    for (const std::string& row : rows_) first = std::max(first, row.size());
    std::vector<std::size_t> widths;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      std::size_t width = columns_[c].size();
      for (std::size_t r = 0; r < rows_.size(); ++r) width = std::max(width, word(at(r, c)).size());
      widths.push_back(width);
    }
    std::string text = std::string(first, ' ');
    for (std::size_t c = 0; c < columns_.size(); ++c)
      text += fmt::format("  {:<{}}", columns_[c], widths[c]);
    text = trimmed(text) + "\n";
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      std::string line = fmt::format("{:<{}}", rows_[r], first);
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        const std::string content = word(at(r, c));
        const std::string padding(c + 1 == columns_.size() ? 0 : widths[c] - content.size(), ' ');
        line +=
            "  " +
            (color_ ? fmt::format("\033[{}m{}\033[0m", code(at(r, c).answer), content) : content) +
            padding;
      }
      text += line + "\n";
    }
    return text;
  }

 private:
  const Verdict& at(std::size_t row, std::size_t column) const {
    return by_kernel_ ? cell(outcome_, row, column).verdict : cell(outcome_, column, row).verdict;
  }
  static std::string trimmed(std::string text) {
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  }

  const CheckOutcome& outcome_;
  bool color_;
  bool by_kernel_ = true;
  std::vector<std::string> rows_, columns_;
};

/// The gate that decided: the first that fails, else the first that lacks evidence.
const Verdict::Row* deciding(const Verdict& verdict) {
  const GateStatus wanted =
      verdict.answer == Answer::reject ? GateStatus::fail : GateStatus::unknown;
  for (const Verdict::Row& row : verdict.rows)
    if (row.result.status == wanted) return &row;
  return nullptr;
}

Json strings(const std::vector<std::string>& values) {
  Json out = Json::array();
  for (const std::string& value : values) out.push_back(printable(value));
  return out;
}

Json cell_json(const CheckResult& result, std::size_t kernel, std::size_t module) {
  const Verdict& verdict = result.verdict;
  Json out{{"module", module}, {"kernel", kernel}, {"verdict", to_string(verdict.answer)},
           {"errno", nullptr}, {"gate", nullptr},  {"reason", nullptr}};
  if (verdict.answer == Answer::reject) out["errno"] = errno_name(verdict.error);
  if (verdict.answer != Answer::accept) {
    if (const Verdict::Row* row = deciding(verdict)) {
      out["gate"] = row->gate->id;
      out["reason"] = printable(row->result.reason);
      out["hint"] = printable(row->result.hint);
    }
  }
  out["log"] = strings(verdict.log);
  if (!verdict.log_known) out["log_known"] = false;
  out["taints"] = verdict.taints;
  out["unknown"] = Json::array();
  for (const Verdict::Row& row : verdict.rows)
    if (row.result.status == GateStatus::unknown) out["unknown"].push_back(row.gate->id);
  out["findings"] = Json::array();
  for (const Finding& finding : result.findings)
    if (!finding.waived) out["findings"].push_back(finding.rule);
  return out;
}

}  // namespace

std::string matrix_text(const CheckOutcome& outcome, bool color, bool quiet) {
  std::string text;
  if (outcome.modules.empty()) return text;
  if (!quiet) text = Grid(outcome, color).text();
  for (const CheckResult& result : outcome.report.results) {
    if (result.verdict.answer == Answer::accept) continue;
    const Verdict::Row* row = deciding(result.verdict);
    if (!row) continue;
    text +=
        fmt::format("{} for {}: {}{}: {}\n", printable(result.module->path),
                    printable(kernel_name(*result.kernel)),
                    result.verdict.answer == Answer::reject ? "" : "not evaluated: ", row->gate->id,
                    printable(row->result.reason));
    if (!row->result.hint.empty()) text += fmt::format("  {}\n", printable(row->result.hint));
  }
  if (quiet) return text;
  std::string assumed;
  for (const std::string& phrase : describe_assumptions(outcome.report.assumptions))
    assumed += (assumed.empty() ? "" : ", ") + phrase;
  return text + fmt::format(
                    "accept: no rejection was found, and every gate was evaluated.\n"
                    "Assumed: {}.\n",
                    printable(assumed));
}

std::string matrix_json(const CheckOutcome& outcome) {
  Json json{{"schema", "kovet.matrix/1"}, {"kovet", KOVET_VERSION}};
  json["assumptions"] = strings(describe_assumptions(outcome.report.assumptions));
  json["policy"] = outcome.report.policy == Policy::build ? "build" : "load";
  json["modules"] = Json::array();
  for (const Module& module : outcome.modules)
    json["modules"].push_back(
        {{"module", printable(module.path)}, {"name", printable(module.display_name())}});
  json["kernels"] = Json::array();
  for (const Kernel& kernel : outcome.kernels) {
    Json about{{"name", printable(kernel_name(kernel))},
               {"release", nullptr},
               {"arch", nullptr},
               {"source", printable(kernel.source)}};
    if (kernel.release) about["release"] = printable(*kernel.release);
    if (kernel.arch) about["arch"] = to_string(*kernel.arch);
    json["kernels"].push_back(std::move(about));
  }
  json["cells"] = Json::array();
  for (std::size_t k = 0; k < outcome.kernels.size(); ++k)
    for (std::size_t m = 0; m < outcome.modules.size(); ++m)
      json["cells"].push_back(cell_json(cell(outcome, k, m), k, m));
  std::vector<Error> errors;
  for (const CheckFailure& failure : outcome.report.failures) errors.push_back(failure.error);
  json["errors"] = errors_json(errors);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace kovet
