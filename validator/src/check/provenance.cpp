#include "check/provenance.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <nlohmann/json.hpp>
#include <span>

#include "support/bytes.h"

namespace kovet {

namespace {

using nlohmann::json;

std::string sha256_of_file(const std::string& path) {
  const auto content = Bytes::map(path);
  return content.has_error() ? std::string() : sha256((*content)->span());
}

std::string text_at(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const json& part(const json& object, const char* key) {
  static const json nothing;
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() ? *found : nothing;
}

/// What the report says of this module for this kernel; nothing when it is not among its subjects.
const ProvenSubject* subject_of(const Provenance& provenance, const Module& module,
                                const std::string& release, std::string& digest) {
  digest = module.bytes ? sha256(module.bytes->span()) : module.sha256;
  const ProvenSubject* other = nullptr;
  for (const std::string& candidate : {digest, sha256_of_file(module.path)}) {
    const auto [first, last] = provenance.subjects.equal_range(candidate);
    for (auto at = first; at != last; ++at) {
      if (at->second.release == release) return &at->second;
      other = &at->second;
    }
  }
  return other;
}

/// Why a report does not cover one module and kernel; empty when it does.
std::string objection(const Provenance& provenance, const CheckResult& result) {
  if (!provenance.passed)
    return "the report itself does not say PASSED, or names tests that failed";
  const std::string name = kernel_name(*result.kernel);
  std::string digest;
  const ProvenSubject* const subject = subject_of(provenance, *result.module, name, digest);
  if (!subject) return fmt::format("the report is not about this file (SHA-256 {})", digest);
  const auto symvers = provenance.symvers_of.find(name);
  if (subject->release != name || symvers == provenance.symvers_of.end())
    return fmt::format("the report is not about this module for kernel {}", name);
  if (subject->verdict != "accept" && subject->verdict != "unknown")
    return fmt::format("the report gives no verdict that would do ('{}')", subject->verdict);
  if (symvers->second.empty()) return "the report does not say which Module.symvers was taken";
  if (!result.kernel->symvers)
    return fmt::format("kernel {} has no Module.symvers here to compare with the report", name);
  if (sha256_of_file(result.kernel->symvers->path) != symvers->second)
    return fmt::format("{} is not the one that the module was validated with",
                       result.kernel->symvers->path);
  return {};
}

}  // namespace

std::string sha256(std::span<const std::byte> content) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(content.data(), content.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::string text;
  for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

Result<Provenance> read_provenance(const std::string& file) {
  constexpr std::size_t limit = std::size_t{16} << 20;
  const auto content = Bytes::map(file);
  if (content.has_error()) return content.error();
  const Error no_statement{file, "is no in-toto statement with a test result",
                           "name the .provenance.json file beside a package"};
  if ((*content)->size() > limit) return no_statement;
  const json statement = json::parse((*content)->text(), nullptr, false);
  if (text_at(statement, "_type") != "https://in-toto.io/Statement/v1" ||
      text_at(statement, "predicateType") != "https://in-toto.io/attestation/test-result/v0.1")
    return no_statement;
  Provenance provenance;
  provenance.path = file;
  for (const json& subject : part(statement, "subject")) {
    const json& annotations = part(subject, "annotations");
    provenance.subjects.emplace(
        text_at(part(subject, "digest"), "sha256"),
        ProvenSubject{text_at(annotations, "release"), text_at(annotations, "verdict")});
  }
  provenance.subjects.erase("");
  const json& predicate = part(statement, "predicate");
  // Null and an empty array are empty; what is no array names something that is not understood.
  provenance.passed =
      text_at(predicate, "result") == "PASSED" && part(predicate, "failedTests").empty();
  for (const json& entry : part(predicate, "configuration")) {
    if (text_at(entry, "name") != "Module.symvers") continue;
    provenance.symvers_of[text_at(part(entry, "annotations"), "release")] =
        text_at(part(entry, "digest"), "sha256");
  }
  return provenance;
}

void apply_provenance(const Provenance& provenance, CheckReport& report) {
  for (CheckResult& result : report.results) {
    std::string why = objection(provenance, result);
    if (why.empty()) continue;
    result.findings.push_back(
        {.rule = "provenance-mismatch",
         .severity = Severity::error,
         .message = fmt::format("{}: {}", provenance.path, why),
         .hint = "package it again: a report holds for one build and kernel"});
  }
}

}  // namespace kovet
