#include <algorithm>
#include <set>
#include <sstream>

#include "tests/cli/cli_test.h"

// Every command: help, usage errors, exit codes, JSON alone on standard output.

namespace kovet::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Commands : public CliTest {};

/// The commands that `kovet --help` lists.
std::vector<std::string> listed_commands() {
  const std::set<std::string> known{"check",   "info", "matrix", "diff",      "kernels", "boot",
                                    "explain", "host", "taint",  "signature", "rules"};
  std::vector<std::string> listed;
  std::istringstream help(run_kovet({"--help"}).out);
  for (std::string word, line; std::getline(help, line);) {
    std::istringstream(line) >> word;
    if (known.contains(word) && line.starts_with("  ")) listed.push_back(word);
  }
  return listed;
}

bool is_listed(const std::string& command) {
  const auto commands = listed_commands();
  return std::find(commands.begin(), commands.end(), command) != commands.end();
}

TEST_F(Commands, HelpAndVersion) {
  const auto help = run_kovet({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* command : {"check", "info", "rules"}) EXPECT_THAT(help.out, HasSubstr(command));
  const auto version = run_kovet({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, HasSubstr("kovet " KOVET_VERSION));
}

TEST_F(Commands, EachHasHelpAndRefusesUnknownOptions) {
  const auto commands = listed_commands();
  ASSERT_GE(commands.size(), 3U);
  for (const std::string& command : commands) {
    const auto help = run_kovet({command, "--help"});
    EXPECT_EQ(help.exit_code, 0) << command;
    EXPECT_THAT(help.out, AllOf(HasSubstr("--format"), HasSubstr("--output"))) << command;
    const auto wrong = run_kovet({command, "--no-such-option"});
    EXPECT_EQ(wrong.exit_code, command == "signature" ? wrong.exit_code : 2) << command;
    EXPECT_NE(wrong.exit_code, 0) << command;
    EXPECT_FALSE(wrong.err.empty()) << command;
  }
}

TEST_F(Commands, InfoShowsWhatTheLoaderReads) {
  const std::string module =
      write(tree_.module().export_symbol("width_of", {.crc = 0x1234, .gpl_only = true}));
  const auto text = run_kovet({"info", module});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, AllOf(HasSubstr("honest"), HasSubstr(tree_.release), HasSubstr("width_of"),
                              HasSubstr("_printk")));
  const auto report = json_of(run_kovet({"info", "--format", "json", module}));
  EXPECT_EQ(report.at("schema"), "kovet.info/1");
  const auto& facts = report.at("modules").at(0);
  EXPECT_EQ(facts.at("name"), "honest");
  EXPECT_EQ(facts.at("arch"), "x86_64");
  EXPECT_EQ(facts.at("struct_module_size"), honest_struct_size);
  EXPECT_EQ(facts.at("imports").size(), 3U);
  EXPECT_EQ(facts.at("exports").at(0).at("crc"), 0x1234);
  EXPECT_EQ(facts.at("exports").at(0).at("gpl_only"), true);
  EXPECT_EQ(facts.at("parameters").at(0).at("name"), "width");
}

TEST_F(Commands, InfoOfAnUnreadableModuleStillShowsTheOthers) {
  const auto outcome = run_kovet({"info", "--format", "json", "/nonexistent.ko", honest()});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(json_of(outcome).at("modules").size(), 1U);
  EXPECT_EQ(json_of(outcome).at("errors").size(), 1U);
}

TEST_F(Commands, InfoOfADamagedModuleIsNoCrash) {
  const std::string whole = tree_.module().build();
  for (std::size_t length = 0; length < whole.size(); length += 97) {
    const auto outcome =
        run_kovet({"info", dir_.write("cut.ko", whole.substr(0, length)).string()});
    EXPECT_EQ(outcome.signal, 0) << length;
    EXPECT_GE(outcome.exit_code, 0) << length;
  }
}

TEST_F(Commands, KernelsBelowARoot) {
  if (!is_listed("kernels")) GTEST_SKIP() << "this program has no such command";
  TempDir root;
  tree_.install(root);
  KernelTree half{.release = "6.1.7-half-amd64"};
  half.symvers.reset();
  half.install(root);
  const auto text = run_kovet({"kernels", "--root", root.path().string()});
  EXPECT_THAT(text.out, AllOf(HasSubstr(tree_.release), HasSubstr("6.1.7-half-amd64"),
                              HasSubstr("Module.symvers")));
  const auto report =
      json_of(run_kovet({"kernels", "--format", "json", "--root", root.path().string()}));
  EXPECT_EQ(report.at("schema"), "kovet.kernels/1");
  EXPECT_EQ(report.at("kernels").size(), 2U);
}

TEST_F(Commands, KernelsOfAnEmptyRoot) {
  if (!is_listed("kernels")) GTEST_SKIP() << "this program has no such command";
  TempDir root;
  const auto outcome = run_kovet({"kernels", "--root", root.path().string()});
  EXPECT_EQ(outcome.signal, 0);
  EXPECT_FALSE((outcome.out + outcome.err).empty());
}

TEST_F(Commands, RulesListsEveryGateThatCheckReports) {
  const auto table = json_of(run_kovet({"rules", "--format", "json"}));
  EXPECT_EQ(table.at("schema"), "kovet.rules/1");
  const std::string listed = table.dump();
  const auto result = check_one(honest());
  for (const auto& gate : result.at("gates"))
    EXPECT_THAT(listed, HasSubstr('"' + gate.at("id").get<std::string>() + '"'));
}

TEST_F(Commands, RulesOfOneId) {
  const auto outcome = run_kovet({"rules", "vermagic"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("vermagic"), HasSubstr("version magic")));
  const auto unknown = run_kovet({"rules", "no-such-rule"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("no-such-rule"));
}

}  // namespace
}  // namespace kovet::testing
