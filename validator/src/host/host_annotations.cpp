#include "host/host.h"

// `kovet host` in the formats of continuous integration: an image's files, where they are here.

namespace kovet {

Annotations host_annotations(const HostReport& report) {
  Annotations all{.subject = report.question.subject + ": " + report.sentence, .items = {}};
  const std::string root = report.root == "/" ? std::string() : report.root;
  for (const HostFinding& finding : report.findings) {
    Annotation item{.id = finding.id,
                    .summary = {},
                    .severity = finding.severity,
                    .message = finding.message,
                    .hint = finding.hint,
                    .file = {},
                    .line = finding.at.line};
    // A command line that was typed is no file.
    if (finding.at.file.starts_with('/')) item.file = root + finding.at.file;
    all.items.push_back(std::move(item));
  }
  return all;
}

}  // namespace kovet
