#include <fmt/format.h>

#include "explain/answer.h"
#include "support/errno_name.h"

// `kovet explain` in the formats of continuous integration: log files there have names and lines.

namespace kovet::explain {

namespace {

/// Lines of standard input, of /dev/kmsg or of the command line are in no file.
bool is_file(const std::string& input) {
  return input != "standard input" && input != "the message" && input != "/dev/kmsg";
}

Annotation annotation_of(const Explanation& item, const std::string& file) {
  Annotation out{.id = std::string(item.message->id),
                 .summary = fill(item.message->meaning, {}),
                 .severity = severity_of(item),
                 .message = item.line,
                 .hint = item.next,
                 .file = file,
                 .line = item.number};
  if (item.count > 1) out.message += fmt::format(" ({} times)", item.count);
  out.message += fmt::format(": {}", describe(item.stage));
  if (item.error) out.message += fmt::format(", {}", errno_name(*item.error));
  if (item.proof.status == Proof::Status::proven || item.proof.status == Proof::Status::refuted) {
    out.message += fmt::format("; {}: {}", to_string(item.proof.status), item.proof.text);
    if (!item.proof.hint.empty()) out.hint = item.proof.hint;
  } else if (item.explained_by > 0) {
    out.message += fmt::format("; line {} says why", item.explained_by);
  }
  return out;
}

}  // namespace

Annotations annotations_of(const Report& report) {
  Annotations all{.subject = report.input, .items = {}};
  const std::string file = report.is_log && is_file(report.input) ? report.input : std::string();
  for (const Explanation& item : report.log.items) all.items.push_back(annotation_of(item, file));
  if (!report.verdict || report.verdict->answer != Answer::reject) return all;
  const VerdictSummary& verdict = *report.verdict;
  for (const auto& gate : verdict.failing)
    all.items.push_back(
        {.id = gate.id,
         .summary = {},
         .severity = Severity::error,
         .message = fmt::format("{} rejects {} with {}: {}", verdict.kernel, verdict.module,
                                errno_name(verdict.error), gate.reason),
         .hint = gate.hint,
         .file = verdict.path,
         .line = 0});
  return all;
}

}  // namespace kovet::explain
