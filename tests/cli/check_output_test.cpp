#include <sys/stat.h>
#include <unistd.h>

#include "tests/cli/cli_test.h"

namespace kovet::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class CheckOutput : public CliTest {
 protected:
  std::size_t files_in(const fs::path& folder) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }
};

TEST_F(CheckOutput, FileHoldsTheReportAndStandardOutputNothing) {
  const fs::path file = dir_.path() / "out/report.json";
  fs::create_directory(file.parent_path());
  const auto outcome = check({"--format", "json", "--output", file.string(), honest()});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(nlohmann::json::accept(read_text(file)));
  EXPECT_EQ(files_in(file.parent_path()), 1U);
}

TEST_F(CheckOutput, DashIsStandardOutput) {
  EXPECT_TRUE(nlohmann::json::accept(check({"--format", "json", "--output", "-", honest()}).out));
}

TEST_F(CheckOutput, UnwritableIsASetupError) {
  const std::string module = honest();
  fs::create_directory(dir_.path() / "folder");
  const std::string in_file = dir_.write("plain", "").string() + "/report";
  for (const std::string& target :
       {std::string("/dev/full"), std::string("/proc/nosuch/report"), std::string("/proc/version"),
        (dir_.path() / "folder").string(), (dir_.path() / "missing/report").string(), in_file}) {
    const auto outcome = check({"--output", target, module});
    EXPECT_EQ(outcome.exit_code, 2) << target;
    EXPECT_THAT(outcome.err, HasSubstr(target));
  }
}

TEST_F(CheckOutput, ALostReportIsASetupErrorInEveryFormat) {
  const std::string module = honest();
  for (const char* format : {"text", "json", "sarif", "junit", "github"}) {
    const auto outcome = check({"--format", format, "--output", "/dev/full", module});
    EXPECT_EQ(outcome.exit_code, 2) << format;
    EXPECT_THAT(outcome.err, HasSubstr("/dev/full: cannot write: No space left on device"))
        << format;
    EXPECT_THAT(outcome.err, Not(HasSubstr("untouched"))) << format;  // a device keeps nothing
  }
  const std::string log = dir_.write("empty.log", "nothing of modules\n").string();
  for (const char* format : {"text", "json", "sarif", "junit", "github"})
    EXPECT_EQ(run_kovet({"explain", log, "--format", format, "--output", "/dev/full"}).exit_code, 2)
        << format;
}

TEST_F(CheckOutput, FindingsDoNotHideThatTheReportIsLost) {
  const std::string broken = write(tree_.module().import("nosuch"), "broken.ko");
  EXPECT_EQ(check({"--output", "/dev/full", broken}).exit_code, 2);
}

TEST_F(CheckOutput, ReadOnlyFolderKeepsWhatWasThere) {
  if (::geteuid() == 0) {
    // Root writes anywhere; a file of a pseudo file system it cannot write stands in above.
    GTEST_SKIP() << "root can write to any folder";
  }
  const fs::path file = dir_.write("closed/report", "before");
  fs::permissions(file.parent_path(), fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_EQ(check({"--output", file.string(), honest()}).exit_code, 2);
  EXPECT_EQ(read_text(file), "before");
  fs::permissions(file.parent_path(), fs::perms::owner_all);
}

TEST_F(CheckOutput, ReportReplacesAnOlderOneAndKeepsItsMode) {
  const fs::path file = dir_.write("report", "before");
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(check({"--output", file.string(), honest()}).exit_code, 0);
  EXPECT_THAT(read_text(file), HasSubstr("honest.ko"));
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(CheckOutput, UsageErrorLeavesTheOutputAlone) {
  const fs::path file = dir_.write("report", "before");
  EXPECT_EQ(check({"--output", file.string(), "--format", "yaml", honest()}).exit_code, 2);
  EXPECT_EQ(run_kovet({"check", "--kernel", "/nonexistent", "--output", file.string(), honest()})
                .exit_code,
            2);
  EXPECT_EQ(read_text(file), "before");
}

TEST_F(CheckOutput, FullStandardOutputIsASetupError) {
  const auto outcome = run_program(
      "/bin/sh",
      {"-c", "\"$0\" check --kernel \"$1\" \"$2\" >/dev/full", kovet_program(), build_, honest()});
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_FALSE(outcome.err.empty());
}

TEST_F(CheckOutput, InputsStayUntouched) {
  const std::string module = honest();
  const std::string before = read_text(module);
  const auto time = fs::last_write_time(module);
  check({module});
  EXPECT_EQ(read_text(module), before);
  EXPECT_EQ(fs::last_write_time(module), time);
}

TEST_F(CheckOutput, HelpAndVersionThatCannotBeWrittenAreErrors) {
  for (const char* words : {"--help", "--version", "check --help", "--help-all"}) {
    const auto outcome = run_program(
        "/bin/sh", {"-c", std::string("\"$0\" ") + words + " >/dev/full", kovet_program()});
    EXPECT_EQ(outcome.exit_code, 2) << words;
    EXPECT_THAT(outcome.err, ::testing::HasSubstr("cannot write")) << words;
  }
}

}  // namespace
}  // namespace kovet::testing
