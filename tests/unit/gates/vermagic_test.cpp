#include "gates/vermagic_tokens.h"
#include "tests/unit/gates/judging.h"

namespace kovet::testing {
namespace {

constexpr const char* other_release = "6.12.1-other SMP preempt mod_unload modversions ";

TEST(Vermagic, AnotherReleaseIsNotComparedWithVersionsOnBothSides) {
  Case test;
  test.builder.set_modinfo("vermagic", other_release);
  expect_accept(test.judge());
}

TEST(Vermagic, AnotherReleaseIsComparedWhereTheModuleHasNoVersions) {
  Case test;
  test.builder.set_modinfo("vermagic", other_release).remove_section("__versions");
  const Verdict verdict = test.judge();
  expect_reject(verdict, ENOEXEC,
                {"honest: version magic '" + std::string(other_release) + "' should be '" +
                 std::string(honest_vermagic) + "'"});
}

TEST(Vermagic, EverythingBehindTheReleaseIsComparedToTheByte) {
  for (const char* magic : {"6.12.117-honest-amd64 SMP preempt mod_unload modversions",
                            "6.12.117-honest-amd64 SMP mod_unload modversions ",
                            "6.12.117-honest-amd64 SMP preempt_rt mod_unload modversions ",
                            "6.12.117-honest-amd64  SMP preempt mod_unload modversions ",
                            "6.12.117-honest-amd64", ""}) {
    Case test;
    test.builder.set_modinfo("vermagic", magic);
    expect_reject(test.judge(), ENOEXEC,
                  {"honest: version magic '" + std::string(magic) + "' should be '" +
                   std::string(honest_vermagic) + "'"});
  }
}

TEST(Vermagic, MissingIsForcedOrRefusedSilently) {
  Case test;
  test.builder.remove_modinfo("vermagic");
  const Verdict forced = test.judge();
  expect_accept(forced);
  EXPECT_NE(forced.taints.find('F'), std::string::npos);
  test.without("CONFIG_MODULE_FORCE_LOAD=y");
  expect_reject(test.judge(), ENOEXEC, {});
}

TEST(Vermagic, WithoutConfigurationAMissingOneIsUnknown) {
  Case test;
  test.builder.remove_modinfo("vermagic");
  test.kernel.config = Fact<KernelConfig>::absent("no configuration", "a build directory");
  EXPECT_EQ(row(test.judge(), "vermagic").status, GateStatus::unknown);
}

TEST(Vermagic, ExplanationNamesTheToken) {
  const std::string text = explain_vermagic_difference(
      "6.1.0 SMP mod_unload ", "6.1.0 SMP preempt_rt mod_unload modversions ", false);
  EXPECT_THAT(text, ::testing::HasSubstr("the kernel has 'preempt_rt'"));
  EXPECT_THAT(text, ::testing::HasSubstr("CONFIG_MODVERSIONS"));
}

TEST(Vermagic, ExplanationOfLostSpace) {
  EXPECT_THAT(explain_vermagic_difference("6.1.0 SMP ", "6.1.0 SMP", false),
              ::testing::HasSubstr("spaces"));
}

TEST(Vermagic, ItsLineIsCutAndBrokenAsPrintkDoes) {
  Case test;
  test.builder.set_modinfo("vermagic", "a\n\nb");
  Verdict verdict = test.judge();
  ASSERT_EQ(verdict.log.size(), 3U);
  EXPECT_EQ(verdict.log[0], "honest: version magic 'a");
  EXPECT_EQ(verdict.log[1], "");
  EXPECT_TRUE(verdict.log[2].starts_with("b' should be '"));
  test.builder.set_modinfo("vermagic", std::string(2000, 'v'));
  for (const auto& [version, length] :
       {std::pair{KernelVersion{6, 12, 0}, 1021U}, std::pair{KernelVersion{6, 1, 0}, 989U}}) {
    test.kernel.version = version;
    verdict = test.judge();
    ASSERT_EQ(verdict.log.size(), 1U);
    EXPECT_EQ(verdict.log[0].size(), length);
  }
  test.config("CONFIG_PRINTK_CALLER=y\n");
  EXPECT_EQ(test.judge().log.at(0).size(), 973U);
}

}  // namespace
}  // namespace kovet::testing
