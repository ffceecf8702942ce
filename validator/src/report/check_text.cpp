#include <fmt/format.h>

#include <algorithm>

#include "report/check_report.h"
#include "report/printable.h"

namespace kovet {

namespace {

class Writer {
 public:
  Writer(const CheckReport& report, const TextStyle& style) : report_(report), style_(style) {}

  std::string run() {
    for (const CheckResult& result : report_.results)
      if (!style_.quiet || is_worth_showing(result)) one(result);
    if (!style_.quiet && !report_.results.empty()) closing();
    return std::move(out_);
  }

 private:
  static constexpr std::size_t most_symbols = 8;  // findings of one rule, before "and N more"

  bool is_worth_showing(const CheckResult& result) const {
    return result.verdict.answer != Answer::accept ||
           count_findings(result.findings, report_.threshold) != 0;
  }

  std::string painted(std::string_view text, std::string_view code) const {
    return style_.color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
  }

  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }

  void one(const CheckResult& result) {
    line("{} for {}: {}", printable(result.module->path), printable(kernel_name(*result.kernel)),
         headline(result.verdict));
    kernel_says(result.verdict);
    unknown_gates(result.verdict);
    findings(result.findings);
    if (!style_.quiet && result.verdict.answer != Answer::reject && !result.verdict.taints.empty())
      line("  taints {}", result.verdict.taints);
  }

  std::string headline(const Verdict& verdict) const {
    switch (verdict.answer) {
      case Answer::accept:
        return painted("no rejection found", "32");
      case Answer::reject:
        return painted(fmt::format("rejected with {}", errno_name(verdict.error)), "31;1");
      case Answer::unknown:
        break;
    }
    return painted("no rejection found, but not every gate could be evaluated", "33");
  }

  void kernel_says(const Verdict& verdict) {
    if (verdict.answer != Answer::reject) return;
    if (!verdict.may_come_first.empty()) {
      std::string gates;
      for (const Gate* gate : verdict.may_come_first)
        gates += (gates.empty() ? "" : ", ") + std::string(gate->id);
      line("  unless it is refused earlier, for another reason, by what could not be evaluated: {}",
           gates);
    }
    if (!verdict.log_known) {
      line("  what the kernel prints depends on its release");
      return;
    }
    if (verdict.log.empty()) {
      line("  the kernel prints nothing");
      return;
    }
    constexpr std::size_t most_lines = 12;
    line("  the kernel prints:");
    for (std::size_t i = 0; i < std::min(verdict.log.size(), most_lines); ++i)
      line("    {}", printable(verdict.log[i]));
    if (verdict.log.size() > most_lines)
      line("    ... and {} more lines", verdict.log.size() - most_lines);
  }

  void unknown_gates(const Verdict& verdict) {
    for (const Verdict::Row& row : verdict.rows) {
      if (row.result.status != GateStatus::unknown) continue;
      line("  {} {}: {}", painted("not evaluated:", "33"), row.gate->id,
           printable(row.result.reason));
      if (!row.result.hint.empty()) line("    would settle it: {}", printable(row.result.hint));
    }
  }

  void findings(const std::vector<Finding>& findings) {
    std::string_view rule;
    std::size_t of_rule = 0, left_out = 0;
    for (const Finding& finding : findings) {
      if (style_.quiet && (finding.waived || finding.severity < report_.threshold)) continue;
      if (finding.rule != rule) {
        more(left_out, rule);
        rule = finding.rule;
        of_rule = left_out = 0;
      }
      if (++of_rule > most_symbols) {
        ++left_out;
        continue;
      }
      const bool last_of_kind = of_rule == 1;
      line("  {}: {} [{}]", severity(finding), printable(finding.message), finding.rule);
      if (last_of_kind && !finding.hint.empty()) line("    fix: {}", printable(finding.hint));
    }
    more(left_out, rule);
  }

  void more(std::size_t count, std::string_view rule) {
    if (count != 0) line("  ... and {} more of [{}]; --format json has them all", count, rule);
  }

  std::string severity(const Finding& finding) const {
    if (finding.waived) return painted("waived", "36");
    switch (finding.severity) {
      case Severity::error:
        return painted("error", "31;1");
      case Severity::warning:
        return painted("warning", "33;1");
      case Severity::note:
        break;
    }
    return painted("note", "36");
  }

  void closing() {
    line("assumed: {}", fmt::join(describe_assumptions(report_.assumptions), "; "));
    not_evaluated();
    if (report_.results.size() < 2) return;
    line("{}", counted(report_));
  }

  /// What no file could tell, once for all modules that got that far.
  void not_evaluated() {
    std::vector<std::string_view> said;
    for (const CheckResult& result : report_.results) {
      if (result.verdict.answer == Answer::reject) continue;
      for (const Verdict::Row& row : result.verdict.rows) {
        if (row.result.status != GateStatus::not_evaluated ||
            std::find(said.begin(), said.end(), row.gate->id) != said.end())
          continue;
        said.push_back(row.gate->id);
        line("not evaluated: {}: {} ({})", row.gate->id, printable(row.result.reason),
             printable(row.result.hint));
      }
    }
  }

  const CheckReport& report_;
  const TextStyle& style_;
  std::string out_;
};

}  // namespace

std::string check_text(const CheckReport& report, const TextStyle& style) {
  return Writer(report, style).run();
}

}  // namespace kovet
