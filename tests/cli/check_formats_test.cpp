#include <set>

#include "tests/cli/cli_test.h"

namespace kovet::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class CheckFormats : public CliTest {
 protected:
  std::string broken() {
    return write(tree_.module().import("nosuch").version("nosuch", 1), "broken.ko");
  }
};

TEST_F(CheckFormats, JsonHasTheDocumentedFields) {
  const auto outcome = check({"--format", "json", broken()});
  EXPECT_EQ(outcome.err, "");
  const auto report = json_of(outcome);
  EXPECT_EQ(report.at("schema"), "kovet.check/1");
  EXPECT_TRUE(report.at("kovet").is_string());
  ASSERT_EQ(report.at("results").size(), 1U);
  const auto& result = report.at("results").at(0);
  EXPECT_THAT(result.at("module").get<std::string>(), HasSubstr("broken.ko"));
  EXPECT_EQ(result.at("name"), "honest");
  EXPECT_EQ(result.at("kernel").at("release"), tree_.release);
  EXPECT_EQ(result.at("kernel").at("arch"), "x86_64");
  EXPECT_EQ(result.at("kernel").at("source"), build_);
  EXPECT_EQ(result.at("verdict"), "reject");
  EXPECT_EQ(result.at("errno"), "ENOENT");
  EXPECT_TRUE(result.at("log").is_array());
  EXPECT_EQ(result.at("taints"), "OE");
  const std::set<std::string> statuses{"pass", "fail", "unknown", "not_applicable",
                                       "not_evaluated"};
  ASSERT_FALSE(result.at("gates").empty());
  std::set<std::string> ids;
  for (const auto& gate : result.at("gates")) {
    EXPECT_TRUE(ids.insert(gate.at("id")).second) << gate;
    EXPECT_TRUE(statuses.contains(gate.at("status"))) << gate;
  }
  EXPECT_TRUE(ids.contains("vermagic"));
  ASSERT_FALSE(result.at("findings").empty());
  for (const auto& finding : result.at("findings")) {
    for (const char* field : {"rule", "severity", "message", "hint"})
      EXPECT_FALSE(finding.at(field).get<std::string>().empty()) << finding << field;
    EXPECT_TRUE(finding.contains("symbol"));
  }
}

TEST_F(CheckFormats, ErrnoOfAnAcceptedModuleIsNull) {
  const auto result = check_one(honest());
  EXPECT_TRUE(result.at("errno").is_null());
  EXPECT_THAT(result.at("log"), IsEmpty());
}

TEST_F(CheckFormats, ExitCodeIsTheSameInEveryFormat) {
  const std::string good = honest();
  const std::string bad = broken();
  for (const char* format : {"text", "json", "sarif", "junit", "github"}) {
    EXPECT_EQ(check({"--format", format, good}).exit_code, 0) << format;
    EXPECT_EQ(check({"--format", format, bad}).exit_code, 1) << format;
    EXPECT_EQ(check({"--format", format, "/nonexistent.ko"}).exit_code, 2) << format;
    EXPECT_EQ(check({"--format", format, good, "/nonexistent.ko"}).exit_code, 2) << format;
  }
}

TEST_F(CheckFormats, SetupErrorsAreReportsTooAndLeaveTheSameExitCode) {
  const std::string good = honest();
  const std::vector<std::vector<std::string>> calls{
      {"check", "--kernel", "/nonexistent", good},
      {"check", "--kernel", build_, "--waivers", "/nonexistent", good},
      {"check", "--kernel", build_, "--symvers", "/nonexistent", good},
      {"check", "--kernel", build_, "--assume", "nonsense", good},
      {"check", "--kernel", build_, "--provenance", "/nonexistent", good},
      {"check", "--kernel", build_, "--param", "nonsense", good},
      {"matrix", "--kernel", "/nonexistent", "--", good},
      {"matrix", "--kernel", build_, "--assume", "nonsense", "--", good},
  };
  for (std::vector<std::string> call : calls) {
    const auto text = run_kovet(call);
    EXPECT_EQ(text.exit_code, 2) << call[0] << call[3];
    EXPECT_EQ(text.out, "");
    EXPECT_NE(text.err, "");
    call.insert(call.begin() + 1, {"--format", "json"});
    const auto json = run_kovet(call);
    EXPECT_EQ(json.exit_code, 2);
    EXPECT_EQ(json.err, text.err);
    const auto report = json_of(json);
    const auto& errors = report.at("errors");
    ASSERT_EQ(errors.size(), 1U) << json.out;
    EXPECT_THAT(text.err, HasSubstr(errors.at(0).at("message").get<std::string>()));
    if (call[0] != "check") continue;
    for (const char* format : {"sarif", "junit", "github"}) {
      call[2] = format;
      const auto other = run_kovet(call);
      EXPECT_EQ(other.exit_code, 2) << format;
      EXPECT_THAT(other.out, HasSubstr(errors.at(0).at("where").get<std::string>())) << format;
    }
  }
}

TEST_F(CheckFormats, SarifNamesRuleAndFile) {
  const auto report = json_of(check({"--format", "sarif", broken()}));
  EXPECT_EQ(report.at("version"), "2.1.0");
  const auto& run = report.at("runs").at(0);
  EXPECT_EQ(run.at("tool").at("driver").at("name"), "kovet");
  ASSERT_FALSE(run.at("results").empty());
  for (const auto& result : run.at("results")) {
    EXPECT_FALSE(result.at("ruleId").get<std::string>().empty());
    EXPECT_FALSE(result.at("message").at("text").get<std::string>().empty());
    EXPECT_THAT(result.dump(), HasSubstr("broken.ko"));
  }
}

TEST_F(CheckFormats, JunitCountsFailures) {
  const auto outcome = check({"--format", "junit", honest(), broken()});
  EXPECT_THAT(outcome.out, HasSubstr("<testsuite"));
  EXPECT_THAT(outcome.out, HasSubstr("<failure"));
  EXPECT_THAT(outcome.out, HasSubstr("broken.ko"));
  EXPECT_THAT(check({"--format", "junit", honest()}).out, Not(HasSubstr("<failure")));
}

TEST_F(CheckFormats, GithubAnnotatesOneLineEach) {
  const auto outcome = check({"--format", "github", broken()});
  EXPECT_THAT(outcome.out, HasSubstr("::error"));
  EXPECT_THAT(outcome.out, HasSubstr("nosuch"));
}

TEST_F(CheckFormats, GithubSaysThatNothingWasFound) {
  const auto outcome = check({"--format", "github", honest()});
  EXPECT_EQ(outcome.out, "kovet: 1 checked: 1 without rejection, 0 rejected, 0 undetermined\n");
}

TEST_F(CheckFormats, LinesThatDependOnTheReleaseAreNull) {
  const std::string text = dir_.write("text.ko", std::string(200, 'x')).string();
  const auto call = [&](const std::string& format) {
    return run_kovet({"check", "--kernel", build_ + "/Module.symvers", "--format", format, text});
  };
  const auto report = json_of(call("json"));
  const auto& result = report.at("results").at(0);
  EXPECT_EQ(result.at("verdict"), "reject");
  EXPECT_EQ(result.at("errno"), "ENOEXEC");
  EXPECT_TRUE(result.at("log").empty());
  EXPECT_FALSE(result.at("log_known").get<bool>());
  EXPECT_EQ(call("json").exit_code, 1);
  EXPECT_THAT(call("text").out, HasSubstr("what the kernel prints depends on its release"));
}

TEST_F(CheckFormats, QuietSaysNothingOfWhatIsFine) {
  const auto good = check({"--quiet", honest()});
  EXPECT_EQ(good.exit_code, 0);
  EXPECT_EQ(good.out, "");
  const auto bad = check({"--quiet", broken()});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.out, HasSubstr("nosuch"));
}

TEST_F(CheckFormats, ColourOnlyWhenAsked) {
  EXPECT_THAT(check({honest()}).out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(check({"--color", "always", honest()}).out, HasSubstr("\x1b["));
  EXPECT_THAT(check({"--color", "never", honest()}).out, Not(HasSubstr("\x1b")));
}

TEST_F(CheckFormats, ThresholdDecidesWhatCounts) {
  // A licence that is not GPL-compatible is a remark on an accepted module at most.
  const std::string module = write(tree_.module().set_modinfo("license", "Proprietary"));
  const int at_error = check({"--policy", "load", module}).exit_code;
  const int at_note = check({"--policy", "load", "--threshold", "note", module}).exit_code;
  EXPECT_LE(at_error, at_note);
  EXPECT_EQ(check({"--threshold", "error", broken()}).exit_code, 1);
}

// What a hostile module says of itself must not reach a terminal as it is.
TEST_F(CheckFormats, ControlCharactersAreMadeVisible) {
  const std::string evil = "evil\x1b]0;owned\x07\xff";
  const std::string module = write(tree_.module().set_modinfo("name", evil).import(evil), "e.ko");
  for (const char* format : {"text", "json", "sarif", "junit", "github"}) {
    const auto outcome = check({"--format", format, module});
    EXPECT_THAT(outcome.out, Not(HasSubstr("\x1b"))) << format;
    EXPECT_THAT(outcome.out, Not(HasSubstr("\xff"))) << format;
    EXPECT_EQ(outcome.exit_code, 1) << format << outcome.err;
  }
}

}  // namespace
}  // namespace kovet::testing
