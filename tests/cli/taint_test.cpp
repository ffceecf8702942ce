#include "tests/cli/cli_test.h"

// `kovet taint` as users call it.

namespace kovet::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class TaintCommand : public CliTest {
 protected:
  static ProcessOutcome taint(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "taint");
    return run_kovet(arguments);
  }
  static std::vector<std::string> letters(const nlohmann::json& report) {
    std::vector<std::string> result;
    for (const auto& flag : report.at("flags"))
      result.push_back(flag.at("letter").is_null() ? "?" : flag.at("letter").get<std::string>());
    return result;
  }
};

TEST_F(TaintCommand, EveryWayToWriteTheSameFlags) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"12288"},
           {"0x3000"},
           {"OE"},
           {"(OE)"},
           {"GOE"},
           {"G", "OE"},
           {"Tainted: G           OE      6.1.0-56-amd64 #1  Debian 6.1.192-2"},
           {"CPU: 0 PID: 79 Comm: insmod Tainted: G           OE      6.1.0-56-amd64 #1"},
           {"[   12.3] Tainted: [O]=OOT_MODULE, [E]=UNSIGNED_MODULE"},
           {"hello 16384 0 - Live 0xffffffffc0a3f000 (OE)"},
           {"hello 16384 0 - Loading 0x0000000000000000 (OE+)"},
           {"Modules linked in: hello(OE+) ext4 e1000e [last unloaded: x(P)]"}}) {
    std::vector<std::string> arguments = words;
    arguments.insert(arguments.end(), {"--format", "json"});
    const auto outcome = taint(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << words[0];
    EXPECT_THAT(letters(json_of(outcome)), ElementsAre("O", "E")) << words[0];
  }
}

TEST_F(TaintCommand, EachFlagHasAllThatUsersAsk) {
  const auto report = json_of(taint({"1048575", "--format", "json"}));
  EXPECT_EQ(report.at("schema"), "kovet.taint/1");
  ASSERT_EQ(report.at("flags").size(), 20U);
  int bit = 0;
  for (const auto& flag : report.at("flags")) {
    EXPECT_EQ(flag.at("bit"), bit++);
    for (const char* key : {"letter", "name", "meaning", "since", "set_by", "advice", "cleared_by"})
      EXPECT_FALSE(flag.at(key).get<std::string>().empty()) << key;
  }
  const auto text = taint({"OE"}).out;
  EXPECT_THAT(text, AllOf(HasSubstr("OOT_MODULE"), HasSubstr("3.2"), HasSubstr("reboot")));
}

TEST_F(TaintCommand, NothingSet) {
  for (const char* word : {"0", "Not tainted", "CPU: 0 PID: 1 Comm: init Not tainted 6.1.0 #1"}) {
    const auto outcome = taint({word});
    EXPECT_EQ(outcome.exit_code, 0) << word;
    EXPECT_TRUE(json_of(taint({word, "--format", "json"})).at("flags").empty()) << word;
  }
}

TEST_F(TaintCommand, BitsAndLettersThatMainlineDoesNotHave) {
  const auto report = json_of(taint({"2147483648", "--format", "json"}));
  EXPECT_THAT(letters(report), ElementsAre("?"));
  EXPECT_EQ(taint({"Z"}).exit_code, 0);
}

TEST_F(TaintCommand, WhatIsNoTaintIsAnInputError) {
  for (const char* word : {"hello", "12x", "99999999999999999999", "", "1.5", "\xff\xfe"}) {
    const auto outcome = taint({word});
    EXPECT_EQ(outcome.exit_code, 2) << word;
    EXPECT_THAT(outcome.out, IsEmpty()) << word;
    EXPECT_FALSE(outcome.err.empty()) << word;
  }
  EXPECT_EQ(taint({"--module", "/no/such.ko"}).exit_code, 2);
  EXPECT_EQ(taint({"OE", "--format", "github"}).exit_code, 2);
}

TEST_F(TaintCommand, AMachineBelowARoot) {
  dir_.write("root/proc/sys/kernel/tainted", "12289\n");
  dir_.write("root/proc/modules",
             "nvidia 1 0 - Live 0xffffffffc0a3f000 (POE)\next4 2 1 - Live 0xffffffffc0a00000\n");
  const auto report =
      json_of(taint({"--root", (dir_.path() / "root").string(), "--format", "json"}));
  EXPECT_THAT(letters(report), ElementsAre("P", "O", "E"));
  EXPECT_EQ(report.at("modules").at(0).at("name"), "nvidia");
  EXPECT_EQ(report.at("flags").at(0).at("modules").at(0), "nvidia");
  EXPECT_EQ(taint({"--root", (dir_.path() / "none").string()}).exit_code, 2);
  EXPECT_EQ(taint({"--root", (dir_.path() / "root").string(), "--threshold", "warning"}).exit_code,
            1);
}

TEST_F(TaintCommand, ThisMachineWithoutRoot) {
  const auto outcome = taint({});
  EXPECT_THAT(outcome.exit_code, ::testing::AnyOf(0, 2)) << outcome.err;
}

TEST_F(TaintCommand, TheForecastNamesTheFactBehindEachLetter) {
  const std::string module = write(tree_.module().set_modinfo("license", "GPLv2"));
  const auto outcome = taint({"--module", module, "--kernel", build_, "--format", "json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto forecast = json_of(outcome).at("forecast");
  EXPECT_THAT(forecast.at("letters").get<std::string>(), AllOf(HasSubstr("P"), HasSubstr("O")));
  bool licence = false;
  for (const auto& cause : forecast.at("causes")) {
    EXPECT_FALSE(cause.at("why").get<std::string>().empty());
    EXPECT_FALSE(cause.at("how_to_avoid").get<std::string>().empty());
    licence |= cause.at("letter") == "P" &&
               cause.at("why").get<std::string>().find("GPLv2") != std::string::npos;
  }
  EXPECT_TRUE(licence);
  for (const auto& cause : forecast.at("causes")) {
    if (cause.at("letter") == "E") {
      EXPECT_EQ(cause.at("printed"), "once_per_boot");
    }
    if (cause.at("letter") == "O") {
      EXPECT_EQ(cause.at("printed"), "unless_tainted");
    }
  }
  EXPECT_THAT(taint({"--module", module}).out,
              HasSubstr("(unless the kernel has the flag already)"));
}

TEST_F(TaintCommand, AModuleThatTheKernelRefusesIsSaidToBe) {
  const std::string module =
      write(tree_.module().set_modinfo("vermagic", "9.9.9 SMP mod_unload modversions "));
  EXPECT_THAT(taint({"--module", module, "--kernel", build_}).out,
              HasSubstr("this kernel refuses the file as it is"));
  EXPECT_THAT(taint({"--module", honest(), "--kernel", build_}).out, Not(HasSubstr("refuses")));
}

TEST_F(TaintCommand, LeadingZerosAreDecimal) {
  const auto report = json_of(taint({"0012288", "--format", "json"}));
  EXPECT_EQ(report.at("value"), 12288);
  EXPECT_THAT(letters(report), ElementsAre("O", "E"));
}

TEST_F(TaintCommand, ADamagedFileHasNoForecast) {
  const std::string whole = tree_.module().build();
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{20}, std::size_t{64}, whole.size() / 2, whole.size() - 1}) {
    const std::string file = dir_.write("cut.ko", whole.substr(0, length)).string();
    for (const auto& more : std::vector<std::vector<std::string>>{{}, {"--kernel", build_}}) {
      std::vector<std::string> arguments{"--module", file, "--format", "json"};
      arguments.insert(arguments.end(), more.begin(), more.end());
      const auto outcome = taint(arguments);
      EXPECT_EQ(outcome.exit_code, 2) << length;
      const auto report = json_of(outcome);
      EXPECT_FALSE(report.contains("forecast")) << length;
      EXPECT_THAT(report.at("errors").at(0).at("where").get<std::string>(), HasSubstr("cut.ko"))
          << length;
    }
  }
  EXPECT_THAT(taint({"--module", "/bin/sh"}).err, HasSubstr("cannot be told"));
  const std::string text = dir_.write("text.ko", "no module at all\n").string();
  EXPECT_EQ(taint({"--module", text}).exit_code, 2);
}

}  // namespace
}  // namespace kovet::testing
