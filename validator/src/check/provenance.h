#pragma once

#include <map>
#include <span>
#include <string>

#include "report/check_report.h"
#include "support/error.h"

namespace kovet {

/// What a report says of one module.
struct ProvenSubject {
  std::string release;  ///< the kernel it was validated for; empty: not said
  std::string verdict;  ///< "accept", "unknown", "reject"; empty: not said
};

/// What a provenance report claims: an in-toto statement (in-toto.io/Statement/v1) with the
/// test-result predicate, as kovet_package writes it. Nothing of it is signed.
struct Provenance {
  std::string path;
  std::multimap<std::string, ProvenSubject> subjects;  ///< by SHA-256, lower-case hex
  bool passed = false;                            ///< predicate.result is PASSED, failedTests empty
  std::map<std::string, std::string> symvers_of;  ///< release to SHA-256 of its Module.symvers
};

/// Errors: unreadable, no JSON, or no such statement.
Result<Provenance> read_provenance(const std::string& file);

/// SHA-256 as lower-case hex.
std::string sha256(std::span<const std::byte> content);

/// Adds a finding "provenance-mismatch" to each result that the report does not cover: other
/// bytes, another kernel, another Module.symvers, a result other than PASSED, no verdict. What the
/// report leaves out, or what cannot be compared here, is not covered.
void apply_provenance(const Provenance& provenance, CheckReport& report);

}  // namespace kovet
