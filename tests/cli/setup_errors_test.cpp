#include <sys/stat.h>

#include "tests/cli/cli_test.h"

// What keeps a command from its answer comes in the format asked for, with the same exit code.

namespace kovet::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SetupErrors : public CliTest {
 protected:
  /// Runs `call` as text and as JSON (asked for with two words, and with one at the end).
  void expect_errors(const std::vector<std::string>& call, std::size_t count,
                     const std::string& schema) {
    const std::string name = call[0] + " " + (call.size() > 1 ? call[1] : "");
    const int code = call[0] == "signature" ? 4 : 2;
    const auto text = run_kovet(call);
    EXPECT_EQ(text.exit_code, code) << name;
    EXPECT_EQ(text.out, "") << name;
    EXPECT_THAT(text.err, Not(::testing::IsEmpty())) << name;

    auto two = call, one = call;
    two.insert(two.begin() + 1, {"--format", "json"});
    one.insert(one.begin() + 1, "--format=json");
    for (const auto& asked : {two, one}) {
      const auto json = run_kovet(asked);
      EXPECT_EQ(json.exit_code, code) << name;
      EXPECT_EQ(json.err, text.err) << name;
      const auto report = json_of(json);
      EXPECT_EQ(report.at("schema"), schema) << name;
      EXPECT_EQ(report.at("kovet"), KOVET_VERSION);
      const auto& errors = report.at("errors");
      ASSERT_EQ(errors.size(), count) << name << json.out;
      for (const auto& error : errors) {
        EXPECT_FALSE(error.at("where").get<std::string>().empty()) << name;
        EXPECT_THAT(text.err, HasSubstr(error.at("message").get<std::string>())) << name;
        EXPECT_TRUE(error.contains("hint")) << name;
      }
    }

    const auto file = dir_.path() / "report.json";
    two.insert(two.begin() + 1, {"--output", file.string()});
    EXPECT_EQ(run_kovet(two).exit_code, code) << name;
    if (call[0] == "sign") {  // there it names a module
      EXPECT_FALSE(std::filesystem::exists(file)) << name;
      return;
    }
    EXPECT_EQ(nlohmann::json::parse(read_text(file)).at("errors").size(), count) << name;
    std::filesystem::remove(file);
  }
};

TEST_F(SetupErrors, OfEveryCommandAreReports) {
  const std::string module = honest();
  expect_errors({"diff", module, "--from", "/nonexistent", "--to", "/nonexistent"}, 2,
                "kovet.diff/1");
  expect_errors({"kernels", "--root", "/nonexistent"}, 1, "kovet.kernels/1");
  expect_errors({"rules", "no-such-rule"}, 1, "kovet.rules/1");
  expect_errors({"info", "/nonexistent.ko", "/nonexistent2.ko"}, 2, "kovet.info/1");
  expect_errors({"taint", "nonsense!"}, 1, "kovet.taint/1");
  // Of a text there is nothing to forecast.
  expect_errors({"taint", "--module", dir_.write("text.ko", "no module").string()}, 1,
                "kovet.taint/1");
  expect_errors({"taint", "--module", "/nonexistent.ko"}, 1, "kovet.taint/1");
  expect_errors({"host", "hello", "--root", "/nonexistent"}, 1, "kovet.host/1");
  expect_errors({"explain", "ENOEXEC", "--assume", "nonsense"}, 1, "kovet.explain/1");
  expect_errors({"boot", module, "--kernel", "/nonexistent"}, 1, "kovet.boot/1");
  expect_errors({"boot", "/nonexistent.ko", "--kernel", build_}, 1, "kovet.boot/1");
  expect_errors({"signature", module, "--cert", "/nonexistent"}, 1, "kovet.signature/1");
  expect_errors({"signature", "/nonexistent.ko"}, 1, "kovet.signature/1");
  expect_errors({"sign", module, "--key", "/nonexistent", "--cert", "/nonexistent"}, 1,
                "kovet.sign/1");
  expect_errors({"matrix", "--kernel", build_}, 1, "kovet.matrix/1");
}

/// Nothing is booted whose report could not be written.
TEST_F(SetupErrors, BootAsksFirstWhetherItsReportCanBeWritten) {
  const auto file = dir_.path() / "no-such-folder" / "report.json";
  const auto outcome = run_kovet({"boot", "/nonexistent.ko", "--kernel", build_, "--format", "json",
                                  "--output", file.string()});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err,
              HasSubstr("make its folder: mkdir -p '" + file.parent_path().string() + "'"));
  EXPECT_THAT(outcome.err, Not(HasSubstr("nonexistent.ko")));
}

TEST_F(SetupErrors, OfTheCommandLineAreReports) {
  for (const std::string command : {"check", "info", "matrix", "diff", "kernels", "boot", "explain",
                                    "host", "taint", "signature", "sign", "rules"}) {
    const std::string schema = "kovet." + command + "/1";
    expect_errors({command, "--no-such-option"}, 1, schema);
    expect_errors({command, "--jobs", "none"}, 1, schema);
    expect_errors({command, "--threshold"}, 1, schema);
  }
  for (const std::string command : {"check", "info", "diff", "boot", "host", "signature", "sign"})
    expect_errors({command}, 1, "kovet." + command + "/1");  // what is required is missing
  expect_errors({"chekc", honest()}, 1, "kovet/1");
}

TEST_F(SetupErrors, OfCheckComeInItsOtherFormatsToo) {
  for (const char* format : {"sarif", "junit", "github"}) {
    const auto outcome = run_kovet({"check", "--format", format, "--no-such-option", honest()});
    EXPECT_EQ(outcome.exit_code, 2) << format;
    EXPECT_THAT(outcome.out, HasSubstr("--no-such-option")) << format;
  }
}

TEST_F(SetupErrors, OfExplainAndHostComeInTheirOtherFormatsToo) {
  for (const char* format : {"sarif", "junit", "github"})
    for (const std::vector<std::string>& call :
         std::vector<std::vector<std::string>>{{"explain", "--no-such-option"},
                                               {"explain", "no-such-file"},
                                               {"host", "hello", "--no-such-option"},
                                               {"host", "hello", "--root", "no-such-folder"}}) {
      auto asked = call;
      asked.insert(asked.begin() + 1, {"--format", format});
      const auto outcome = run_kovet(asked);
      EXPECT_EQ(outcome.exit_code, 2) << call[0];
      EXPECT_THAT(outcome.out, HasSubstr("no-such")) << format;
    }
}

TEST_F(SetupErrors, AFormatThatACommandHasNotIsAnErrorNotText) {
  const std::string module = honest();
  for (const char* format : {"sarif", "junit", "github"}) {
    for (const std::vector<std::string>& call :
         std::vector<std::vector<std::string>>{{"info", module},
                                               {"rules"},
                                               {"kernels"},
                                               {"taint", "OE"},
                                               {"signature", module},
                                               {"sign", module, "--key", "k", "--cert", "c"},
                                               {"matrix", "--kernel", build_, "--", module},
                                               {"diff", module, "--from", build_, "--to", build_},
                                               {"boot", module, "--kernel", build_}}) {
      auto asked = call;
      asked.insert(asked.begin() + 1, {"--format", format});
      const auto outcome = run_kovet(asked);
      EXPECT_EQ(outcome.exit_code, call[0] == "signature" ? 4 : 2) << call[0];
      EXPECT_EQ(outcome.out, "") << call[0];
      EXPECT_THAT(outcome.err, HasSubstr("writes text or json")) << call[0];
    }
  }
}

TEST_F(SetupErrors, AnUnreadableModuleIsNamedBesideTheOthers) {
  const auto diff = [this](const std::string& other) {
    return run_kovet(
        {"diff", honest(), other, "--from", build_, "--to", build_, "--format", "json"});
  };
  const auto good = diff(write(tree_.module(), "other.ko"));
  EXPECT_EQ(good.exit_code, 0);
  EXPECT_EQ(json_of(good).at("errors").size(), 0U);
  const std::string whole = tree_.module().build();
  for (const std::string& other :
       {std::string("/nonexistent.ko"), dir_.write("text.ko", "no module").string(),
        dir_.write("empty.ko", "").string(),
        dir_.write("half.ko", whole.substr(0, whole.size() / 2)).string()}) {
    const auto mixed = diff(other);
    EXPECT_EQ(mixed.exit_code, 2) << other;
    const auto report = json_of(mixed);
    EXPECT_EQ(report.at("modules").size(), 1U) << other;
    ASSERT_EQ(report.at("errors").size(), 1U) << other;
    EXPECT_EQ(report.at("errors").at(0).at("where"), other);
  }
}

// A folder's .ko that is a link to nowhere, or no file, must not be passed over.
TEST_F(SetupErrors, WhatIsNamedLikeAModuleInAFolderIsReadOrReported) {
  dir_.write("folder/good.ko", tree_.module().build());
  std::filesystem::create_symlink("nowhere.ko", dir_.path() / "folder/dangling.ko");
  std::filesystem::create_symlink("loop.ko", dir_.path() / "folder/loop.ko");
  ASSERT_EQ(::mkfifo((dir_.path() / "folder/pipe.ko").c_str(), 0600), 0);
  std::filesystem::create_directory(dir_.path() / "folder/directory.ko");
  const auto outcome = check({"--format", "json", (dir_.path() / "folder").string()});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(json_of(outcome).at("results").size(), 1U);
  EXPECT_EQ(json_of(outcome).at("errors").size(), 3U) << outcome.out;
}

TEST_F(SetupErrors, AFormatOfWhichTheParserKnowsNothingLeavesText) {
  const auto outcome = run_kovet({"check", "--format", "yaml", honest()});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.out, "");
  // Behind "--" there are modules only.
  const auto behind = run_kovet({"check", "--bad", "--", "--format=json"});
  EXPECT_EQ(behind.out, "");
}

}  // namespace
}  // namespace kovet::testing
