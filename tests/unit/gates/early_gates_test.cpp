#include <elf.h>

#include "gates/evaluate.h"
#include "tests/unit/gates/judging.h"

namespace kovet::testing {
namespace {

TEST(Blacklist, ComparesTheWholeName) {
  Case test;
  test.assumptions.blacklist = {"hones", "honestly"};
  expect_accept(test.judge());
  test.assumptions.blacklist = {"other", "honest"};
  expect_reject(test.judge(), EPERM, {"Module honest is blacklisted"});
}

TEST(ModuleLayout, WrongCrc) {
  Case test;
  test.builder.section("__versions").content[0] ^= 1;
  expect_reject(test.judge(), ENOEXEC, {"honest: disagrees about version of symbol module_layout"});
}

TEST(ModuleLayout, TheHighBitsOfTheLongCount) {
  Case test;
  test.builder.section("__versions").content[4] = 1;
  expect_reject(test.judge(), ENOEXEC, {"honest: disagrees about version of symbol module_layout"});
}

TEST(ModuleLayout, NoTableIsForcedOrRefusedSilently) {
  Case test;
  test.builder.remove_section("__versions");
  expect_accept(test.judge());
  test.without("CONFIG_MODULE_FORCE_LOAD=y");
  expect_reject(test.judge(), ENOEXEC, {});
}

TEST(ModuleLayout, ATableThatIsNotAllocatedIsNotThere) {
  Case test;
  test.builder.section("__versions").flags = 0;
  test.without("CONFIG_MODULE_FORCE_LOAD=y");
  expect_reject(test.judge(), ENOEXEC, {});
}

TEST(ModuleLayout, AnEmptyTableRejectsOnDebianOnly) {
  Case test;
  test.builder.section("__versions").content.clear();
  expect_reject(test.judge(), ENOEXEC, {"honest: no symbol version for module_layout"});
  test.kernel.distribution = Distribution::fedora;
  expect_accept(test.judge());
  test.kernel.distribution = Distribution::unknown;
  EXPECT_EQ(to_string(test.judge().answer), "unknown");
}

TEST(ModuleLayout, AKernelWithoutModversionsDoesNotLook) {
  Case test;
  test.without("CONFIG_MODVERSIONS=y");
  test.kernel.vermagic =
      Fact<std::string>::known("6.12.117-honest-amd64 SMP preempt mod_unload ", "test");
  test.builder.set_modinfo("vermagic", "6.12.117-honest-amd64 SMP preempt mod_unload ");
  test.builder.section("__versions").content[0] ^= 1;
  expect_accept(test.judge());
}

TEST(ModuleLayout, WithoutSymversItIsUnknown) {
  Case test;
  test.kernel.symvers = Fact<Symvers>::absent("no Module.symvers", "apt install headers");
  const Verdict verdict = test.judge();
  EXPECT_EQ(to_string(verdict.answer), "unknown");
  EXPECT_EQ(row(verdict, "module-layout").hint, "apt install headers");
}

TEST(ModuleLayout, ExtendedTableOverridesFrom614On) {
  Case test;
  test.builder.section("__versions").content[0] ^= 1;
  test.builder.extended_version("module_layout", 0x2f9b2b9a);
  expect_reject(test.judge(), ENOEXEC, {"honest: disagrees about version of symbol module_layout"});
  test.kernel.version = KernelVersion{6, 14, 0};
  EXPECT_EQ(row(test.judge(), "module-layout").status, GateStatus::pass);
}

TEST(Order, SizeOfStructModuleComesBeforeTheLayout) {
  Case test;
  test.builder.section("__versions").content[0] ^= 1;
  test.builder.section(".gnu.linkonce.this_module").content.resize(64);
  EXPECT_THAT(test.judge().log.at(0), ::testing::HasSubstr("struct module size at run time"));
}

TEST(Order, LayoutComesBeforeVermagic) {
  Case test;
  test.builder.section("__versions").content[0] ^= 1;
  test.builder.set_modinfo("vermagic", "nonsense");
  expect_reject(test.judge(), ENOEXEC, {"honest: disagrees about version of symbol module_layout"});
}

TEST(Order, TheBlacklistComesBeforeTheLayout) {
  Case test;
  test.assumptions.blacklist = {"honest"};
  test.builder.section("__versions").content[0] ^= 1;
  expect_reject(test.judge(), EPERM, {"Module honest is blacklisted"});
}

TEST(Order, SectionsComeBeforeTheLoadedNameUpTo63) {
  Case test;
  test.assumptions.loaded = {"honest"};
  test.builder.section(".text").flags = SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR;
  expect_reject(test.judge(), EEXIST, {});
  test.kernel.version = KernelVersion{6, 1, 192};
  EXPECT_EQ(errno_name(test.judge().error), "ENOEXEC");
}

TEST(AlreadyLoaded, IsUnknownWhereTheOtherMayHaveBeenRefused) {
  Case test;
  const Module same = read_built(test.builder);
  const Module* const peer = &same;
  const Kernel kernel = honest_kernel();
  const Assumptions assumptions;
  GateInput input{same, kernel, assumptions, {&peer, 1}, {}, std::nullopt};
  EXPECT_EQ(gate::already_loaded(input).error, EEXIST);
  input.uncertain = {&peer, 1};
  EXPECT_EQ(gate::already_loaded(input).status, GateStatus::unknown);
}

TEST(Livepatch, NeedsSupport) {
  Case test;
  test.builder.modinfo("livepatch", "Y");
  EXPECT_EQ(row(test.judge(), "livepatch").status, GateStatus::pass);
  test.without("CONFIG_LIVEPATCH=y");
  expect_reject(
      test.judge(), ENOEXEC,
      {"honest: module is marked as livepatch module, but livepatch support is disabled"});
}

TEST(WriteExec, AnySectionWithBothFlags) {
  Case test;
  test.builder.add_section({.name = ".odd", .flags = SHF_WRITE | SHF_EXECINSTR});
  const Verdict verdict = test.judge();
  EXPECT_EQ(verdict.error, ENOEXEC);
  EXPECT_THAT(verdict.log.at(0),
              ::testing::MatchesRegex("honest: section .odd \\(index [0-9]+\\) has invalid "
                                      "WRITE\\|EXEC flags"));
  test.without("CONFIG_STRICT_MODULE_RWX=y");
  expect_accept(test.judge());
}

TEST(Compression, OnlyWhereTheKernelIsHandedTheFile) {
  Case test;
  Module module = read_built(test.builder);
  module.compression = Compression::zstd;
  expect_accept(test.judge_module(module));
  test.assumptions.compressed_input = true;
  expect_reject(test.judge_module(module), EOPNOTSUPP, {});
  test.config("CONFIG_MODULE_DECOMPRESS=y\nCONFIG_MODULE_COMPRESS_XZ=y\n");
  expect_reject(test.judge_module(module), EINVAL, {"not an xz compressed module"});
  module.compression = Compression::xz;
  module.packed_start = std::string(
      "\xfd"
      "7zXZ\0\0\x04",
      8);
  expect_reject(test.judge_module(module), EINVAL, {"decompression failed with status 6"});
  module.packed_start[7] = '\x01';
  expect_accept(test.judge_module(module));
  module.joined_streams = true;
  const Verdict verdict = test.judge_module(module);
  EXPECT_EQ(verdict.answer, Answer::unknown);
}

}  // namespace
}  // namespace kovet::testing
