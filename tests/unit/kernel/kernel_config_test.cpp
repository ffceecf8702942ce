#include <gtest/gtest.h>

#include "kernel/config_facts.h"
#include "tests/support/facts.h"

namespace kovet {
namespace {

using testing::make_config;

TEST(KernelConfig, ReadsAutoConf) {
  const KernelConfig config = make_config(
      "#\n# Automatically generated file; DO NOT EDIT.\n#\nCONFIG_SMP=y\nCONFIG_EXT4_FS=m\n"
      "CONFIG_HZ=250\nCONFIG_LOCALVERSION=\"\"\nCONFIG_CC_VERSION_TEXT=\"gcc (Debian 12.2.0) "
      "a=b\"\n");
  EXPECT_TRUE(config.enabled("SMP"));
  EXPECT_TRUE(config.enabled("EXT4_FS"));
  EXPECT_FALSE(config.enabled("HZ"));
  EXPECT_EQ(config.value("HZ"), "250");
  EXPECT_EQ(config.value("LOCALVERSION"), "");
  EXPECT_EQ(config.value("CC_VERSION_TEXT"), "gcc (Debian 12.2.0) a=b");
  EXPECT_FALSE(config.value("MODULES"));
  EXPECT_EQ(config.size(), 5U);
}

TEST(KernelConfig, ReadsADotConfigWithCarriageReturnsAndNoLastNewline) {
  const KernelConfig config =
      make_config("# CONFIG_A is not set\r\nCONFIG_B=y\r\nCONFIG_C=\"x\"\r\nCONFIG_D=n");
  EXPECT_FALSE(config.enabled("A"));
  EXPECT_TRUE(config.enabled("B"));
  EXPECT_EQ(config.value("C"), "x");
  EXPECT_FALSE(config.enabled("D"));
}

TEST(KernelConfig, KeepsUnquotedStringsOfNewerKernels) {
  EXPECT_EQ(make_config("CONFIG_CC_VERSION_TEXT=gcc-14 (Debian 14) 14\n").value("CC_VERSION_TEXT"),
            "gcc-14 (Debian 14) 14");
}

TEST(KernelConfig, TheLastOfTwoCounts) {
  EXPECT_FALSE(make_config("CONFIG_A=y\nCONFIG_A=n\n").enabled("A"));
}

TEST(KernelConfig, RubbishIsNoOption) {
  EXPECT_EQ(make_config(std::string("\0\0CONFIG_\nCONFIG_X\n =\n", 22)).size(), 0U);
  EXPECT_EQ(make_config("").size(), 0U);
}

TEST(ArchOf, EveryMachineOfDebian) {
  const auto arch = [](const char* text) { return arch_of(make_config(text)); };
  EXPECT_EQ(arch("CONFIG_X86=y\nCONFIG_64BIT=y\nCONFIG_X86_64=y\n"), Arch::x86_64);
  EXPECT_EQ(arch("CONFIG_X86=y\nCONFIG_X86_32=y\n"), Arch::x86);
  EXPECT_EQ(arch("CONFIG_ARM64=y\nCONFIG_64BIT=y\n"), Arch::arm64);
  EXPECT_EQ(arch("CONFIG_ARM=y\n"), Arch::arm);
  EXPECT_EQ(arch("CONFIG_PPC64=y\nCONFIG_64BIT=y\n"), Arch::ppc64);
  EXPECT_EQ(arch("CONFIG_S390=y\nCONFIG_64BIT=y\n"), Arch::s390x);
  EXPECT_EQ(arch("CONFIG_MIPS=y\n"), Arch::mips);
  EXPECT_EQ(arch("CONFIG_MIPS=y\nCONFIG_64BIT=y\n"), Arch::mips64);
  EXPECT_EQ(arch("CONFIG_RISCV=y\nCONFIG_64BIT=y\n"), Arch::riscv64);
  EXPECT_EQ(arch("CONFIG_RISCV=y\n"), Arch::unknown);
  EXPECT_EQ(arch("CONFIG_ALPHA=y\nCONFIG_64BIT=y\n"), Arch::unknown);
}

TEST(ByteOrder, FollowsTheConfiguration) {
  const auto big = [](const char* text) { return is_big_endian(make_config(text)); };
  EXPECT_FALSE(big("CONFIG_X86_64=y\n"));
  EXPECT_TRUE(big("CONFIG_S390=y\nCONFIG_64BIT=y\n"));
  EXPECT_TRUE(big("CONFIG_PPC=y\nCONFIG_PPC64=y\nCONFIG_CPU_BIG_ENDIAN=y\n"));
  EXPECT_FALSE(big("CONFIG_PPC=y\nCONFIG_PPC64=y\nCONFIG_CPU_LITTLE_ENDIAN=y\n"));
  EXPECT_FALSE(big("CONFIG_MIPS=y\nCONFIG_CPU_LITTLE_ENDIAN=y\n"));
  EXPECT_TRUE(big("CONFIG_ARM64=y\nCONFIG_CPU_BIG_ENDIAN=y\n"));
  EXPECT_FALSE(big("CONFIG_ARM64=y\n"));
}

}  // namespace
}  // namespace kovet
