#include "gates/kernel_arguments.h"
#include "tests/unit/gates/judging.h"

namespace kovet::testing {
namespace {

using ::testing::ElementsAre;

/// The honest module with one more parameter, set by struct kernel_param_ops `setter`.
Case with_parameter(const std::string& type, const std::string& setter, std::uint8_t flags = 0) {
  Case test;
  test.builder.remove_section("__param").remove_section(".rela__param");
  test.builder.parameter("level", type, {}, setter);
  test.builder.section("__param").content[27] = static_cast<char>(flags);
  return test;
}

Verdict judge_with(Case& test, const std::string& text) {
  test.assumptions.parameters = {{"", text}};
  return test.judge();
}

TEST(KernelArguments, QuotesDashesAndEqualsSigns) {
  const auto arguments =
      parse_kernel_arguments("  a=1 \"b=two words\" c=\"x y\" =d e -- rest of it ");
  ASSERT_EQ(arguments.words.size(), 5U);
  EXPECT_EQ(arguments.words[0].name, "a");
  EXPECT_EQ(arguments.words[1].value, "two words");
  EXPECT_EQ(arguments.words[2].value, "x y");
  EXPECT_EQ(arguments.words[3].name, "=d");
  EXPECT_FALSE(arguments.words[3].value);
  EXPECT_FALSE(arguments.words[4].value);
  EXPECT_EQ(arguments.after_dashes, "rest of it ");
}

TEST(Parameters, ValuesAtTheLimitsOfAnInt) {
  for (const std::string good : {"0", "-1", "0x7fffffff", "-2147483648", "017", "+5"}) {
    Case test = with_parameter("int", "param_ops_int");
    EXPECT_EQ(row(judge_with(test, "level=" + good), "parameters").status, GateStatus::pass)
        << good;
  }
  Case test = with_parameter("int", "param_ops_int");
  expect_reject(judge_with(test, "level=2147483648"), ERANGE,
                {"honest: `2147483648' invalid for parameter `level'"});
  expect_reject(judge_with(test, "level=1x"), EINVAL,
                {"honest: `1x' invalid for parameter `level'"});
  expect_reject(judge_with(test, "level"), EINVAL, {"honest: `' invalid for parameter `level'"});
}

TEST(Parameters, UnknownOnesAreIgnoredWithALine) {
  Case test = with_parameter("int", "param_ops_int");
  const Verdict verdict = judge_with(test, "levle=1 async_probe dyndbg=+p level=1 -- x=1");
  EXPECT_EQ(to_string(verdict.answer), "accept");
  EXPECT_THAT(row(verdict, "parameters").log,
              ElementsAre("honest: unknown parameter 'levle' ignored",
                          "dyndbg param is supported only in CONFIG_DYNAMIC_DEBUG builds",
                          "honest: parameters 'x=1' after `--' ignored"));
}

TEST(Parameters, TheLastErrorIsTheAnswer) {
  Case test = with_parameter("int", "param_ops_int");
  expect_reject(
      judge_with(test, "level=99999999999 other=2 level=x"), EINVAL,
      {"honest: `99999999999' invalid for parameter `level'",
       "honest: unknown parameter 'other' ignored", "honest: `x' invalid for parameter `level'"});
}

TEST(Parameters, BooleansNeedNoValue) {
  Case test = with_parameter("bool", "param_ops_bool");
  EXPECT_EQ(row(judge_with(test, "level"), "parameters").status, GateStatus::pass);
  expect_reject(judge_with(test, "level=maybe"), EINVAL,
                {"honest: `maybe' invalid for parameter `level'"});
}

TEST(Parameters, LongStrings) {
  Case test = with_parameter("charp", "param_ops_charp");
  EXPECT_EQ(row(judge_with(test, "level=" + std::string(1024, 'x')), "parameters").status,
            GateStatus::pass);
  const std::string longer(1025, 'x');
  expect_reject(judge_with(test, "level=" + longer), ENOSPC,
                {"level: string parameter too long",
                 ("honest: `" + longer).substr(0, 1021)});  // printk() cuts it
}

TEST(Parameters, OwnSettersAreUnknown) {
  Case test = with_parameter("int", "my_ops");
  EXPECT_EQ(to_string(judge_with(test, "level=1").answer), "unknown");
  EXPECT_EQ(to_string(judge_with(test, "other=1").answer), "accept");
}

TEST(Parameters, FlagsOfTheParameter) {
  Case unsafe = with_parameter("int", "param_ops_int", 1);
  EXPECT_THAT(row(judge_with(unsafe, "level=1"), "parameters").log,
              ElementsAre("Setting dangerous option level - tainting kernel"));
  Case hardware = with_parameter("int", "param_ops_int", 2);
  EXPECT_EQ(to_string(judge_with(hardware, "level=1").answer), "accept");
  hardware.signature = SignatureStatus::good;
  hardware.builder.signature("signature");
  hardware.assumptions.lockdown = true;
  expect_reject(judge_with(hardware, "level=1"), EPERM,
                {"Lockdown: insmod: unsafe module parameters is restricted; see man "
                 "kernel_lockdown.7",
                 "honest: `1' invalid for parameter `level'"});
}

TEST(Parameters, OfAnotherModule) {
  Case test = with_parameter("int", "param_ops_int");
  test.assumptions.parameters = {{"other", "level=x"}};
  EXPECT_EQ(to_string(test.judge().answer), "accept");
  test.assumptions.parameters.push_back({"honest", "level=x"});
  EXPECT_EQ(to_string(test.judge().answer), "reject");
}

TEST(Init, IsNeverEvaluatedAndNeverDecides) {
  const Verdict verdict = Case().judge();
  EXPECT_EQ(row(verdict, "init").status, GateStatus::not_evaluated);
  EXPECT_EQ(to_string(verdict.answer), "accept");
}

}  // namespace
}  // namespace kovet::testing
