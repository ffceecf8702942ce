#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernel/config_facts.h"
#include "tests/support/facts.h"

namespace kovet {
namespace {

using ::testing::HasSubstr;
using testing::make_config;

const std::string usual = "CONFIG_SMP=y\nCONFIG_MODULE_UNLOAD=y\nCONFIG_MODVERSIONS=y\n";

Fact<std::string> compute(const std::string& config, Arch arch = Arch::x86_64,
                          std::string_view release = "6.1.0-56-amd64",
                          std::string_view randstruct = {}, std::string_view header = {}) {
  return compute_vermagic(make_config(config),
                          {.release = release,
                           .version = *KernelVersion::parse(release),
                           .arch = arch,
                           .randstruct = randstruct,
                           .header = header},
                          "auto.conf");
}

std::string text(const Fact<std::string>& fact) {
  return fact ? *fact : "absent: " + fact.origin;
}

TEST(Vermagic, OfDebianAmd64) {
  EXPECT_EQ(text(compute(usual)), "6.1.0-56-amd64 SMP mod_unload modversions ");
  EXPECT_EQ(text(compute(usual + "CONFIG_PREEMPT_BUILD=y\nCONFIG_PREEMPT_DYNAMIC=y\n")),
            "6.1.0-56-amd64 SMP preempt mod_unload modversions ");
  EXPECT_EQ(text(compute(usual + "CONFIG_PREEMPT_RT=y\n")),
            "6.1.0-56-amd64 SMP preempt_rt mod_unload modversions ");
  EXPECT_EQ(text(compute("")), "6.1.0-56-amd64 ");
}

TEST(Vermagic, PreemptOptionOfOlderKernels) {
  EXPECT_EQ(text(compute("CONFIG_PREEMPT=y\n", Arch::x86_64, "5.10.0-30")), "5.10.0-30 preempt ");
  EXPECT_EQ(text(compute("CONFIG_PREEMPT=y\n", Arch::x86_64, "5.16.0")), "5.16.0 ");
}

TEST(Vermagic, RealTimeAndPreemptAtOnceIsDecidedByTheHeader) {
  const std::string both = "CONFIG_PREEMPT_BUILD=y\nCONFIG_PREEMPT_RT=y\n";
  const auto unknown = compute(both, Arch::x86_64, "6.12.1");
  EXPECT_FALSE(unknown);
  EXPECT_THAT(unknown.origin, HasSubstr("PREEMPT_RT"));
  EXPECT_THAT(unknown.supply, HasSubstr("vermagic.h"));
  EXPECT_EQ(text(compute(both, Arch::x86_64, "6.12.1", {},
                         "#ifdef CONFIG_PREEMPT_BUILD\n#elif defined(CONFIG_PREEMPT_RT)\n")),
            "6.12.1 preempt ");
  EXPECT_EQ(text(compute(both, Arch::x86_64, "6.14.1", {},
                         "#ifdef CONFIG_PREEMPT_RT\n#elif defined(CONFIG_PREEMPT_BUILD)\n")),
            "6.14.1 preempt_rt ");
}

TEST(Vermagic, OfOtherMachines) {
  EXPECT_EQ(text(compute("CONFIG_SMP=y\n", Arch::arm64, "6.1.0-9-arm64")),
            "6.1.0-9-arm64 SMP aarch64");
  EXPECT_EQ(text(compute("", Arch::riscv64, "6.12.1")), "6.12.1 riscv");
  EXPECT_EQ(text(compute("", Arch::s390x, "6.12.1")), "6.12.1 ");
  EXPECT_EQ(text(compute("CONFIG_M686=y\n", Arch::x86, "6.1.1")), "6.1.1 686 ");
  EXPECT_EQ(text(compute("CONFIG_MGEODE_LX=y\n", Arch::x86, "6.1.1")), "6.1.1 GEODE ");
  EXPECT_EQ(text(compute("CONFIG_CPU_32v7=y\nCONFIG_CPU_32v6K=y\nCONFIG_ARM_PATCH_PHYS_VIRT=y\n",
                         Arch::arm, "6.1.1")),
            "6.1.1 ARMv7 p2v8 ");
  EXPECT_EQ(text(compute("CONFIG_CPU_32v7=y\nCONFIG_CPU_32v6=y\nCONFIG_THUMB2_KERNEL=y\n",
                         Arch::arm, "6.1.1")),
            "6.1.1 ARMv6 thumb2 ");
  EXPECT_EQ(text(compute("CONFIG_MPROFILE_KERNEL=y\nCONFIG_RELOCATABLE=y\n", Arch::ppc64, "6.1.1")),
            "6.1.1 mprofile-kernel relocatable ");
  EXPECT_EQ(text(compute("CONFIG_CPU_MIPS64_R2=y\n", Arch::mips64, "6.1.1")),
            "6.1.1 MIPS64_R2 64BIT ");
  EXPECT_EQ(text(compute("CONFIG_CPU_LOONGSON64=y\n", Arch::mips64, "6.1.1")),
            "6.1.1 LOONGSON64 64BIT ");
}

TEST(Vermagic, UnknownWhereTheConfigurationDoesNotTell) {
  EXPECT_FALSE(compute("", Arch::x86));
  EXPECT_FALSE(compute("", Arch::arm));
  EXPECT_FALSE(compute("", Arch::mips));
  const auto unknown = compute("", Arch::unknown);
  EXPECT_FALSE(unknown);
  EXPECT_FALSE(unknown.origin.empty());
  EXPECT_FALSE(unknown.supply.empty());
}

TEST(Vermagic, RandomStructuresNeedTheHashOfTheSeed) {
  const auto unknown = compute(usual + "CONFIG_RANDSTRUCT=y\n");
  EXPECT_FALSE(unknown);
  EXPECT_THAT(unknown.origin, HasSubstr("RANDSTRUCT"));
  EXPECT_EQ(text(compute("CONFIG_RANDSTRUCT=y\n", Arch::arm64, "6.1.1", "RANDSTRUCT_abc")),
            "6.1.1 aarch64RANDSTRUCT_abc");
  EXPECT_TRUE(compute(usual + "CONFIG_RANDSTRUCT_NONE=y\n"));
  EXPECT_FALSE(compute(usual + "CONFIG_GCC_PLUGIN_RANDSTRUCT=y\n", Arch::x86_64, "5.10.1"));
}

}  // namespace
}  // namespace kovet
