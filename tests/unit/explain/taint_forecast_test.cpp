#include <gmock/gmock.h>

#include "gates/taint.h"
#include "tests/support/facts.h"

namespace kovet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::honest_builder;
using testing::honest_kernel;
using ::testing::IsEmpty;
using testing::read_built;

TaintForecast forecast(const testing::ElfBuilder& builder, const Kernel& kernel = honest_kernel()) {
  const Module module = read_built(builder);
  return forecast_taint(module, kernel, {});
}

Kernel kernel_of(int major, int minor) {
  Kernel kernel = honest_kernel();
  kernel.version = KernelVersion{major, minor, 0};
  return kernel;
}

Kernel kernel_with(std::string_view from, std::string_view to) {
  Kernel kernel = honest_kernel();
  std::string text = testing::honest_config_text();
  text.replace(text.find(from), from.size(), to);
  kernel.config = Fact<KernelConfig>::known(testing::make_config(text), "test");
  return kernel;
}

TEST(TaintForecast, OutOfTreeAndUnsigned) {
  const TaintForecast result = forecast(honest_builder());
  EXPECT_EQ(result.letters, "OE");
  EXPECT_THAT(
      result.log,
      ElementsAre("honest: loading out-of-tree module taints kernel.",
                  "honest: module verification failed: signature and/or required key missing - "
                  "tainting kernel"));
  EXPECT_THAT(result.unknown, IsEmpty());
}

TEST(TaintForecast, InTreeSetsNothingWithoutSignatures) {
  const TaintForecast result =
      forecast(honest_builder().modinfo("intree", "Y"), kernel_with("CONFIG_MODULE_SIG=y\n", ""));
  EXPECT_EQ(result.letters, "");
  EXPECT_THAT(result.log, IsEmpty());
}

TEST(TaintForecast, ProprietaryEndsLockDebuggingAndIsSaidTwiceSince64) {
  auto builder = honest_builder().set_modinfo("license", "Proprietary");
  EXPECT_THAT(
      forecast(builder).log,
      ElementsAre("honest: loading out-of-tree module taints kernel.",
                  "honest: module license 'Proprietary' taints kernel.",
                  "Disabling lock debugging due to kernel taint",
                  "honest: module verification failed: signature and/or required key missing - "
                  "tainting kernel",
                  "honest: module license taints kernel."));
  EXPECT_EQ(forecast(builder).letters, "POE");
  EXPECT_THAT(
      forecast(builder, kernel_of(6, 1)).log,
      ElementsAre("honest: loading out-of-tree module taints kernel.",
                  "honest: module license 'Proprietary' taints kernel.",
                  "Disabling lock debugging due to kernel taint",
                  "honest: module verification failed: signature and/or required key missing - "
                  "tainting kernel"));
}

TEST(TaintForecast, AMissingLicenceIsUnspecified) {
  const auto result = forecast(honest_builder().remove_modinfo("license"));
  EXPECT_EQ(result.letters, "POE");
  EXPECT_EQ(result.causes[1].log, "honest: module license 'unspecified' taints kernel.");
}

TEST(TaintForecast, OnlySixLicencesAreCompatible) {
  for (const char* licence : {"GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL",
                              "Dual MIT/GPL", "Dual MPL/GPL"})
    EXPECT_EQ(forecast(honest_builder().set_modinfo("license", licence)).letters, "OE") << licence;
  for (const char* licence : {"GPLv2", "GPL-2.0", "MIT", "BSD", "gpl", "GPL "})
    EXPECT_EQ(forecast(honest_builder().set_modinfo("license", licence)).letters, "POE") << licence;
}

TEST(TaintForecast, AllLettersInTheKernelsOrder) {
  const auto result = forecast(honest_builder()
                                   .set_modinfo("license", "X")
                                   .modinfo("staging", "Y")
                                   .modinfo("livepatch", "Y")
                                   .modinfo("test", "Y")
                                   .remove_modinfo("vermagic"));
  EXPECT_EQ(result.letters, "PFCOEKN");
  EXPECT_THAT(
      result.log,
      ElementsAre(
          "honest: bad vermagic: kernel tainted.", "Disabling lock debugging due to kernel taint",
          "honest: loading out-of-tree module taints kernel.",
          "honest: module is from the staging directory, the quality is unknown, you "
          "have been warned.",
          "honest: tainting kernel with TAINT_LIVEPATCH",
          "honest: module license 'X' taints kernel.", "honest: loading test module taints kernel.",
          "honest: module verification failed: signature and/or required key missing - "
          "tainting kernel",
          "honest: module license taints kernel."));
}

TEST(TaintForecast, TestModulesTaintSince60) {
  EXPECT_EQ(forecast(honest_builder().modinfo("test", "Y"), kernel_of(5, 19)).letters, "OE");
  EXPECT_EQ(forecast(honest_builder().modinfo("test", "Y"), kernel_of(6, 0)).letters, "OEN");
}

TEST(TaintForecast, MissingVersionsForceOnlyOnce) {
  auto builder = honest_builder().remove_section("__versions").remove_modinfo("vermagic");
  const auto result = forecast(builder);
  EXPECT_EQ(result.letters, "FOE");
  EXPECT_EQ(result.log.front(), "honest: module_layout: kernel tainted.");
  EXPECT_EQ(result.log[1], "Disabling lock debugging due to kernel taint");
  EXPECT_EQ(result.log[2], "honest: loading out-of-tree module taints kernel.");
}

TEST(TaintForecast, WithoutForceLoadTheKernelRefusesInstead) {
  EXPECT_EQ(forecast(honest_builder().remove_section("__versions"),
                     kernel_with("CONFIG_MODULE_FORCE_LOAD=y\n", ""))
                .letters,
            "OE");
}

TEST(TaintForecast, NoRetpolineWarnsWithoutALetter) {
  const auto result = forecast(honest_builder().remove_modinfo("retpoline"));
  EXPECT_EQ(result.letters, "OE");
  EXPECT_EQ(result.log[1], "Spectre V2 : System may be vulnerable to spectre v2");
  EXPECT_EQ(result.log[2], "honest: loading module not compiled with retpoline compiler.");
  EXPECT_EQ(result.causes[1].letter, 0);
  EXPECT_THAT(result.unknown, ElementsAre(HasSubstr("spectre_v2=")));
}

TEST(TaintForecast, ASignatureLeavesItOpen) {
  const auto result = forecast(honest_builder().signature("0123"));
  EXPECT_EQ(result.letters, "O");
  EXPECT_THAT(result.unknown, ElementsAre(HasSubstr("E: the module is signed")));
}

TEST(TaintForecast, ASignatureThatIsAlwaysRefusedFlagsNothing) {
  const Module module = read_built(honest_builder().signature("0123"));
  const Kernel kernel = honest_kernel();
  for (const auto status : {SignatureStatus::bad, SignatureStatus::malformed}) {
    const auto forecast = forecast_taint(module, kernel, {}, SignatureAnswer(status));
    EXPECT_EQ(forecast.letters, "O");
    EXPECT_THAT(forecast.unknown,
                ElementsAre(HasSubstr("refused whether signatures are enforced")));
  }
  EXPECT_EQ(forecast_taint(module, kernel, {}, SignatureAnswer(SignatureStatus::no_key)).letters,
            "OE");
}

TEST(TaintForecast, WithoutAConfigurationNothingIsAssumed) {
  const auto result = forecast(honest_builder(), Kernel{});
  EXPECT_EQ(result.letters, "O");
  EXPECT_THAT(result.unknown, ElementsAre(HasSubstr("release is not known"), HasSubstr("E: ")));
}

TEST(TaintForecast, AModuleOfAnUnknownOwnerMayInherit) {
  const auto result = forecast(honest_builder().import("nv_secret"));
  EXPECT_THAT(result.unknown, ElementsAre(HasSubstr("P: 'nv_secret'")));
}

}  // namespace
}  // namespace kovet
