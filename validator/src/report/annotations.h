#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/finding.h"
#include "support/error.h"

// What `kovet explain` and `kovet host` have to say at a line of a file, in the formats of
// continuous integration.

namespace kovet {

/// One remark at a place.
struct Annotation {
  std::string id;       ///< "vermagic"
  std::string summary;  ///< what that id means; may be empty
  Severity severity = Severity::note;
  std::string message;
  std::string hint;        ///< what to type or change; may be empty
  std::string file;        ///< empty: no file (standard input, a command line)
  std::uint64_t line = 0;  ///< from 1; 0: the whole file
};

/// A command's answer.
struct Annotations {
  std::string subject;  ///< what was asked about: a log, a module's name
  std::vector<Annotation> items;
};

/// SARIF 2.1.0.
std::string annotations_sarif(const Annotations& all, std::span<const Error> failures);
/// JUnit XML: a test case for each remark, failed at or above the threshold; one that passes if
/// there are none.
std::string annotations_junit(const Annotations& all, std::span<const Error> failures,
                              Severity threshold);
/// GitHub's workflow commands.
std::string annotations_github(const Annotations& all, std::span<const Error> failures);

/// Text for such a command, or for one of its properties.
std::string github_escape(std::string_view text, bool property);

}  // namespace kovet
