#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "explain/report.h"
#include "report/printable.h"
#include "support/errno_name.h"

namespace kovet::explain {

namespace {

constexpr std::size_t most_symbols_shown = 20;
constexpr std::size_t most_refusals_shown = 12;

class TextReport {
 public:
  TextReport(bool color, bool brief) : color_(color), brief_(brief) {}

  std::string run(const Report& report) {
    if (report.is_log)
      log(report);
    else
      asked_errno(report);
    if (report.verdict) verdict(*report.verdict);
    for (const auto& note : report.notes) line("note: " + printable(note));
    return std::move(out_);
  }

 private:
  void line(std::string_view text) { out_ += fmt::format("{}\n", text); }
  void field(std::string_view name, std::string_view text) {
    out_ += fmt::format("  {:<10}{}\n", std::string(name) + ":", printable(text));
  }
  void list(std::string_view name, const std::vector<std::string>& texts) {
    for (std::size_t i = 0; i < texts.size(); ++i)
      out_ += fmt::format("  {:<10}{}. {}\n", i == 0 ? std::string(name) + ":" : "", i + 1,
                          printable(texts[i]));
  }
  std::string bold(std::string_view text) const {
    const std::string safe = printable(text);
    return color_ ? fmt::format("\033[1m{}\033[0m", safe) : safe;
  }

  void log(const Report& report) {
    const LogSize& size = report.log.size;
    if (report.log.items.empty()) {
      line(fmt::format("{}: nothing about loading modules in {} line{}", printable(report.input),
                       size.lines, size.lines == 1 ? "" : "s"));
      line(
          "  Not every refusal is logged: a missing version table, a missing vermagic, and an init "
          "that fails print nothing. The errno is what is left: kovet explain ERRNO");
    }
    summary(report.log.items);
    for (const Explanation& item : report.log.items) explanation(item);
    if (report.log.left_out > 0)
      line(fmt::format("note: {} further messages are not shown", report.log.left_out));
    if (size.cut_lines > 0)
      line(fmt::format("note: of {} lines longer than {} bytes only the start was read",
                       size.cut_lines, longest_line));
  }

  /// Of several messages: what decided, module by module, before the details.
  void summary(const std::vector<Explanation>& items) {
    if (items.size() < 2) return;
    std::size_t refusals = 0;
    for (const Explanation& item : items) {
      if (!decides(item)) continue;
      if (++refusals > most_refusals_shown) continue;
      const std::string name(subject(item));
      std::string what = item.stage == Stage::init_failed ? "its init failed"
                         : item.stage == Stage::userspace ? "a tool could not do it"
                                                          : "refused";
      if (!item.message->gate.empty()) what += fmt::format(" ({})", item.message->gate);
      if (item.error) what += fmt::format(", {}", errno_text(*item.error));
      line(fmt::format(
          "{}: {}; line {}{}", bold(name.empty() ? "a module" : name), what, item.number,
          item.later_attempt > 0 ? fmt::format(" (tried again later: line {})", item.later_attempt)
                                 : ""));
    }
    if (refusals > most_refusals_shown)
      line(fmt::format("and {} more", refusals - most_refusals_shown));
    const bool open = std::ranges::any_of(items, [](const Explanation& item) {
      return item.stage == Stage::undecided || item.stage == Stage::running;
    });
    if (refusals == 0)
      line(bold(open ? "no line of this log says that something was refused, nor that it was loaded"
                     : "nothing was refused in this log; it has warnings and context"));
    line("");
  }

  static bool decides(const Explanation& item) {
    return item.stage == Stage::refused || item.stage == Stage::init_failed ||
           item.stage == Stage::userspace;
  }

  void explanation(const Explanation& item) {
    std::string where = fmt::format("line {}", item.number);
    if (!item.time.empty()) where += fmt::format(" [{}]", printable(item.time));
    if (item.count > 1) where += fmt::format(", {} lines", item.count);
    line(fmt::format("{} ({})", bold(item.line), where));
    std::string check =
        item.message->gate.empty() ? "none of the kernel's" : std::string(item.message->gate);
    if (item.also_refused)
      check += fmt::format("; a warning only, line {} says {}, then or later", item.failed_at,
                           item.failed_stage == Stage::refused       ? "why it was refused"
                           : item.failed_stage == Stage::init_failed ? "that its init failed"
                                                                     : "that it was not loaded");
    else
      check += fmt::format("; {}", describe(item.stage));
    if (item.error) check += fmt::format(", {}", errno_text(*item.error));
    field("check", check);
    // Of a tool's message only the errno is known: what it says here comes before the general
    // words.
    const bool tool = item.stage == Stage::userspace;
    if (!tool) field("meaning", item.meaning);
    for (const auto& detail : item.details) field("here", detail);
    symbols(item);
    proof(item.proof);
    if (tool) field("meaning", item.meaning);
    if (brief_) {
      line("");
      return;
    }
    if (item.proof.status != Proof::Status::proven) list("causes", item.causes);
    field("next", item.next);
    line("");
  }

  void symbols(const Explanation& item) {
    std::size_t shown = 0;
    for (const SymbolNote& symbol : item.symbols) {
      if (shown++ == most_symbols_shown) break;
      std::string text = symbol.name;
      if (symbol.error > 0) text += fmt::format(" (err -{})", symbol.error);
      if (!symbol.detail.empty()) text += fmt::format(", {}", symbol.detail);
      if (!symbol.provider.empty()) text += fmt::format(": {}", symbol.provider);
      if (shown == 1)
        field("symbols", text);
      else
        out_ += fmt::format("            {}\n", printable(text));
    }
    const std::uint64_t rest = item.symbols_left_out + item.symbols.size() -
                               std::min(item.symbols.size(), most_symbols_shown);
    if (rest > 0) out_ += fmt::format("            and {} more\n", rest);
  }

  void proof(const Proof& proof) {
    if (proof.status == Proof::Status::not_run) return;
    const std::string_view name = proof.status == Proof::Status::proven    ? "proven"
                                  : proof.status == Proof::Status::refuted ? "refuted"
                                                                           : "open";
    field(name, proof.text);
    if (!proof.hint.empty()) field("fix", proof.hint);
    if (!proof.evidence.empty()) field("from", proof.evidence);
  }

  void asked_errno(const Report& report) {
    if (!report.errno_meaning) {
      const std::string name = errno_name(report.error);
      line(fmt::format("{}: the loader never returns this errno, so the module's init did",
                       name.starts_with('E') ? fmt::format("{} ({}, {})", name, report.error,
                                                           std::strerror(report.error))
                                             : std::to_string(report.error)));
      field("next", "read the module's own lines in dmesg; its source says when it returns this");
      return;
    }
    const ErrnoMeaning& meaning = *report.errno_meaning;
    line(bold(fmt::format("{} ({}): {}", meaning.name, meaning.number, meaning.texts[0])));
    if (!meaning.texts[1].empty()) field("insmod", meaning.texts[1]);
    if (!meaning.texts[2].empty()) field("modprobe", meaning.texts[2]);
    if (!meaning.texts[3].empty()) field("busybox", meaning.texts[3]);
    field("meaning", meaning.meaning);
    std::vector<std::string> causes;
    for (const auto& cause : meaning.causes)
      if (!cause.text.empty())
        causes.push_back(cause.gate.empty() ? std::string(cause.text)
                                            : fmt::format("{} ({})", cause.text, cause.gate));
    list("causes", causes);
    field("next", meaning.next);
  }

  void verdict(const VerdictSummary& verdict) {
    line(bold(fmt::format("{} on {}: {}", verdict.path, verdict.kernel,
                          verdict.answer == Answer::reject
                              ? fmt::format("rejected with {}", errno_name(verdict.error))
                          : verdict.answer == Answer::accept
                              ? "no check rejects it"
                              : "no rejection found, not all decided")));
    for (const auto& text : verdict.log) field("log", text);
    for (const auto& gate : verdict.failing) {
      field("fails", fmt::format("{}: {}", gate.id, gate.reason));
      if (!gate.hint.empty()) field("fix", gate.hint);
    }
    for (const auto& gate : verdict.undecided)
      field("open", fmt::format("{}: {}", gate.id, gate.reason));
  }

  static std::string errno_text(int error) {
    const auto* meaning = find_errno(error);
    return meaning ? std::string(meaning->name) : errno_name(error);
  }

  bool color_, brief_;
  std::string out_;
};

}  // namespace

std::string explain_text(const Report& report, bool color, bool brief) {
  return TextReport(color, brief).run(report);
}

}  // namespace kovet::explain
