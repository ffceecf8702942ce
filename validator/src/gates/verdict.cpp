#include "gates/verdict.h"

#include <array>
#include <utility>

#include "gates/printed_lines.h"
#include "gates/symbol_resolution.h"
#include "gates/taint.h"

namespace kovet {

namespace {

Answer answer_of(const std::vector<Verdict::Row>& rows) {
  bool unknown = false;
  for (const Verdict::Row& row : rows) {
    if (row.result.status == GateStatus::fail) return Answer::reject;
    if (row.result.status == GateStatus::unknown) unknown = true;
  }
  return unknown ? Answer::unknown : Answer::accept;
}

}  // namespace

std::string_view to_string(Answer answer) {
  constexpr std::array<std::string_view, 3> names{"accept", "reject", "unknown"};
  return names.at(static_cast<std::size_t>(answer));
}

std::string_view to_string(GateStatus status) {
  constexpr std::array<std::string_view, 5> names{"pass", "fail", "unknown", "not_applicable",
                                                  "not_evaluated"};
  return names.at(static_cast<std::size_t>(status));
}

Verdict judge(const GateInput& input) {
  Verdict verdict;
  bool readable = true;
  for (const Gate* gate : gates_in_order(input.kernel)) {
    if (!readable) {
      // The other gates read what the ELF gates have not found.
      GateResult not_reached = GateResult::skip();
      not_reached.reason = "not reached: the file is no whole module";
      verdict.rows.push_back({gate, std::move(not_reached)});
      continue;
    }
    verdict.rows.push_back({gate, gate->evaluate(input)});
    GateResult& result = verdict.rows.back().result;
    result.log = as_printed(result.log, input.kernel);
    if (result.status == GateStatus::unknown && verdict.error == 0)
      verdict.may_come_first.push_back(gate);
    if (result.status != GateStatus::fail) continue;
    if (verdict.error == 0) {
      verdict.error = result.error;
      verdict.log = result.log;
      verdict.log_known = result.log_known;
    }
    if (gate->stage == "elf" || gate->id == "syscall") readable = false;
  }
  verdict.answer = answer_of(verdict.rows);
  if (verdict.answer != Answer::reject) verdict.may_come_first.clear();
  const TaintForecast taints = forecast_taint(input.module, input.kernel, input.assumptions,
                                              input.signature, inherits_taint(input));
  verdict.taints = taints.letters;
  verdict.taint_log = taints.log;
  return verdict;
}

}  // namespace kovet
