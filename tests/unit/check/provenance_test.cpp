#include "check/provenance.h"

#include <gmock/gmock.h>

#include "module/read_module.h"
#include "tests/support/facts.h"
#include "tests/support/temp_dir.h"

namespace kovet::testing {
namespace {

using ::testing::HasSubstr;

// SHA-256 of "abc" and of the empty file (FIPS 180-4).
constexpr std::string_view abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

std::string statement(std::string_view digest, std::string_view result, std::string_view release,
                      std::string_view symvers, std::string_view verdict = "accept",
                      std::string_view built_for = "") {
  const auto text = [](std::string_view value) { return '"' + std::string(value) + '"'; };
  return R"({"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "m.ko", "digest": {"sha256": )" +
         text(digest) + R"(}, "annotations": {"release": )" +
         text(built_for.empty() ? release : built_for) + R"(, "verdict": )" + text(verdict) +
         R"(}}], "predicateType": "https://in-toto.io/attestation/test-result/v0.1", "predicate": {"result": )" +
         text(result) + R"(, "configuration": [{"name": "Module.symvers", "digest": {"sha256": )" +
         text(symvers) + R"(}, "annotations": {"release": )" + text(release) + R"(}}]}})";
}

class ProvenanceTest : public ::testing::Test {
 protected:
  /// The objection to a module of three bytes, against a kernel whose Module.symvers is "abc".
  std::string objection(const std::string& text) {
    Kernel kernel = honest_kernel();
    kernel.symvers.value->path = dir_.write("Module.symvers", "abc");
    const Module module = read_module(std::filesystem::path(dir_.write("m.ko", "abc"))).value();
    CheckReport report;
    report.results.push_back({.module = &module, .kernel = &kernel});
    apply_provenance(read_provenance(dir_.write("p.json", text)).value(), report);
    const auto& findings = report.results[0].findings;
    return findings.empty() ? "" : findings[0].message;
  }
  TempDir dir_;
};

TEST_F(ProvenanceTest, CoversTheModuleItNames) {
  EXPECT_EQ(objection(statement(abc, "PASSED", honest_release, abc)), "");
}

TEST_F(ProvenanceTest, ObjectsToOtherBytes) {
  EXPECT_THAT(objection(statement(std::string(64, '0'), "PASSED", honest_release, abc)),
              HasSubstr("not about this file"));
}

TEST_F(ProvenanceTest, ObjectsToAnotherKernel) {
  EXPECT_THAT(objection(statement(abc, "PASSED", "1.2.3", abc)), HasSubstr("for kernel"));
}

TEST_F(ProvenanceTest, ObjectsToAnotherSymvers) {
  EXPECT_THAT(objection(statement(abc, "PASSED", honest_release, std::string(64, '0'))),
              HasSubstr("is not the one"));
}

TEST_F(ProvenanceTest, ObjectsToAModuleOfAnotherKernelInTheSameReport) {
  EXPECT_THAT(objection(statement(abc, "PASSED", honest_release, abc, "accept", "1.2.3")),
              HasSubstr("not about this module for kernel"));
}

TEST_F(ProvenanceTest, ObjectsToWhatTheReportLeavesOut) {
  EXPECT_THAT(objection(statement(abc, "PASSED", honest_release, "")), HasSubstr("does not say"));
  EXPECT_THAT(objection(statement(abc, "PASSED", honest_release, abc, "")),
              HasSubstr("no verdict"));
  EXPECT_THAT(objection(statement(abc, "PASSED", honest_release, abc, "reject")),
              HasSubstr("no verdict"));
  EXPECT_THAT(objection(statement("", "PASSED", honest_release, abc)), HasSubstr("not about"));
}

TEST_F(ProvenanceTest, ObjectsToAFailedValidation) {
  EXPECT_THAT(objection(statement(abc, "FAILED", honest_release, abc)), HasSubstr("PASSED"));
}

TEST_F(ProvenanceTest, ObjectsToAReportThatPassedAndNamesAFailure) {
  const std::string text = statement(abc, "PASSED", honest_release, abc);
  const auto with = [&text](const std::string& failed) {
    const std::string result = R"("result": )";
    std::string changed = text;
    return changed.insert(changed.find(result), R"("failedTests": )" + failed + ", ");
  };
  EXPECT_EQ(objection(with("[]")), "");
  EXPECT_EQ(objection(with("null")), "");
  for (const char* failed : {R"(["kovet check m.ko"])", R"("kovet check m.ko")", "3", "{\"a\": 1}"})
    EXPECT_THAT(objection(with(failed)), HasSubstr("tests that failed")) << failed;
}

TEST_F(ProvenanceTest, RefusesWhatIsNoStatement) {
  for (const char* text :
       {"", "[]", "{", "{\"_type\": 3}", "{\"_type\": \"https://in-toto.io/Statement/v1\"}"})
    EXPECT_TRUE(read_provenance(dir_.write("p.json", text)).has_error()) << text;
}

TEST_F(ProvenanceTest, SurvivesDeepNesting) {
  EXPECT_TRUE(read_provenance(dir_.write("p.json", std::string(2'000'000, '['))).has_error());
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  const std::string text = statement(abc, "PASSED", honest_release, abc);
  EXPECT_EQ(objection("{\"more\": " + deep + "," + text.substr(1)), "");
}

TEST_F(ProvenanceTest, SurvivesOddShapes) {
  const std::string text =
      R"({"_type": "https://in-toto.io/Statement/v1", "subject": 3, "predicateType": "https://in-toto.io/attestation/test-result/v0.1", "predicate": [1, {"result": {}}]})";
  EXPECT_THAT(objection(text), HasSubstr("PASSED"));
}

}  // namespace
}  // namespace kovet::testing
