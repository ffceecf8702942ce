#include <elf.h>

#include "tests/unit/gates/judging.h"

// Kernels of which a Module.symvers alone is known, or no more than a machine: what all of them
// refuse.

namespace kovet::testing {
namespace {

Kernel lone_symvers() {
  Kernel kernel;
  kernel.symvers = honest_kernel().symvers;
  kernel.release = Fact<std::string>::absent("a lone Module.symvers", "a release");
  kernel.arch = Fact<Arch>::absent("a lone Module.symvers", "a build directory");
  return kernel;
}

/// All is known but which release it is.
Kernel without_release() {
  Kernel kernel = honest_kernel();
  kernel.release = Fact<std::string>::absent("no utsrelease.h", "modules_prepare");
  kernel.version.reset();
  return kernel;
}

Verdict judge(const Kernel& kernel, const Module& module) {
  return kovet::judge({module, kernel, {}, {}, {}, {}});
}

void expect_refused(const Verdict& verdict, std::string_view reason) {
  EXPECT_EQ(to_string(verdict.answer), "reject");
  EXPECT_EQ(errno_name(verdict.error), "ENOEXEC");
  EXPECT_THAT(row(verdict, "elf").reason, ::testing::HasSubstr(reason));
}

/// Refused by a kernel of unknown release, and by one of which nothing but exports is known.
void expect_refused_by_all(const std::string& bytes, std::string_view reason) {
  const Module module = read_bytes(bytes);
  for (const Kernel& kernel : {lone_symvers(), without_release()}) {
    const Verdict verdict = judge(kernel, module);
    expect_refused(verdict, reason);
    EXPECT_FALSE(verdict.log_known);  // kernels before 5.17 say less
    EXPECT_TRUE(verdict.log.empty());
  }
}

TEST(ElfOfAnyKernel, WhatIsNoModuleIsRefused) {
  expect_refused_by_all(std::string(100, 'x'), "not an ELF file");
  expect_refused_by_all(std::string(20, 'x'), "too few for an ELF header");
  const std::string whole = honest_builder().build();
  expect_refused_by_all(whole.substr(0, 60), "too few for an ELF header");
  expect_refused_by_all(whole.substr(0, whole.size() - 1), "outside the file");
  ElfBuilder shared = honest_builder();
  shared.type(ET_DYN);
  expect_refused_by_all(shared.build(), "no relocatable object");
}

TEST(ElfOfAnyKernel, ASectionOutsideTheFileIsRefused) {
  ElfBuilder builder = honest_builder();
  builder.section(".text").size = std::uint64_t{1} << 40;
  expect_refused_by_all(builder.build(), "a section lies outside the file");
}

TEST(ElfOfAnyKernel, WhatSomeKernelsDoNotLookAtIsUnknown) {
  ElfBuilder builder = honest_builder();
  builder.shstrndx(0);  // before 5.12
  for (const Kernel& kernel : {lone_symvers(), without_release()}) {
    const Verdict verdict = judge(kernel, read_built(builder));
    EXPECT_EQ(to_string(verdict.answer), "unknown");
    EXPECT_EQ(row(verdict, "elf").status, GateStatus::unknown);
  }
}

TEST(ElfOfAnyKernel, TheLinesAreThereWhereOnlyTheMachineIsNotKnown) {
  Kernel kernel = honest_kernel();
  kernel.arch = lone_symvers().arch;
  kernel.config = Fact<KernelConfig>::absent("no configuration", "headers");
  const Verdict verdict = judge(kernel, read_bytes(std::string(100, 'x')));
  expect_refused(verdict, "not an ELF file");
  EXPECT_EQ(verdict.log, std::vector<std::string>{"Invalid ELF header magic: != \x7f"
                                                  "ELF"});
  // 60 bytes hold a header of 32 bits: such a kernel finds no magic, the others too few bytes.
  const Verdict brief = judge(kernel, read_bytes(std::string(60, 'x')));
  expect_refused(brief, "");
  EXPECT_FALSE(brief.log_known);
}

TEST(ElfOfAnyKernel, AnObjectThatWasNotFinishedIsRefused) {
  ElfBuilder builder = honest_builder();
  builder.remove_section(".gnu.linkonce.this_module");
  expect_refused_by_all(builder.build(), "not finished by modpost");
}

TEST(ElfOfAnyKernel, WithoutSymbolsItIsRefusedInTheWordsOfAll) {
  Case test;
  test.builder.section(".symtab").type = SHT_PROGBITS;
  const Verdict verdict = judge(without_release(), read_built(test.builder));
  EXPECT_EQ(row(verdict, "elf").status, GateStatus::pass);
  expect_reject(verdict, ENOEXEC, {"honest: module has no symbols (stripped?)"});
  expect_refused(judge(lone_symvers(), read_built(test.builder)), "symbol table is gone");
}

TEST(ElfOfAnyKernel, AnotherMachineIsRefusedWhereTheMachineIsKnown) {
  expect_refused(judge(without_release(), read_built(honest_builder(Arch::arm64))),
                 "built for aarch64");
  const Verdict verdict = judge(lone_symvers(), read_built(honest_builder(Arch::arm64)));
  EXPECT_EQ(row(verdict, "elf").reason, "the kernel's architecture is not known");
}

TEST(ElfOfAnyKernel, AMachineThatKovetDoesNotKnowMayBeTheKernels) {
  std::string bytes = honest_builder().build();
  bytes[18] = EM_SPARCV9;
  const Module module = read_bytes(bytes);
  EXPECT_EQ(row(judge(lone_symvers(), module), "elf").status, GateStatus::unknown);
  expect_refused(judge(without_release(), module), "");
  bytes[16] = ET_DYN;
  expect_refused(judge(lone_symvers(), read_bytes(bytes)), "no relocatable object");
}

TEST(ElfOfAnyKernel, AnHonestModulePassesWhereAllAgree) {
  const Verdict verdict = judge(without_release(), honest_module());
  EXPECT_EQ(row(verdict, "elf").status, GateStatus::pass);
  EXPECT_EQ(row(verdict, "elf-symbols").status, GateStatus::pass);
  EXPECT_EQ(to_string(judge(lone_symvers(), honest_module()).answer), "unknown");
}

TEST(ElfOfOldKernels, SayLessThanThoseSince517) {
  Case test;
  const Module text = read_bytes(std::string(100, 'x'));
  for (const KernelVersion version : {KernelVersion{4, 19, 0}, KernelVersion{5, 15, 0}}) {
    test.kernel.version = version;
    const Verdict verdict = test.judge_module(text);
    expect_refused(verdict, "not an ELF file");
    EXPECT_FALSE(verdict.log_known);
  }
  test.kernel.version = KernelVersion{5, 17, 0};
  EXPECT_TRUE(test.judge_module(text).log_known);
}

TEST(ElfOfOldKernels, Before512TheFirstSectionIsNotLookedAt) {
  Case test;
  std::string bytes = test.builder.build();
  const Module before = read_bytes(bytes);
  bytes[before.header->shoff + 32] = 1;  // its sh_size
  const Module module = read_bytes(bytes);
  test.kernel.version = KernelVersion{5, 15, 0};
  EXPECT_EQ(row(test.judge_module(module), "elf").status, GateStatus::fail);
  test.kernel.version = KernelVersion{4, 19, 0};
  EXPECT_EQ(row(test.judge_module(module), "elf").status, GateStatus::unknown);
}

TEST(ElfOfOldKernels, TwoFaultsThatTwoOrdersFindAreRefusedEitherWay) {
  Case test;
  test.builder.shstrndx(0x7fff);
  std::string bytes = test.builder.build();
  bytes[read_bytes(bytes).header->shoff + 32] = 1;
  test.kernel.version = KernelVersion{6, 8, 0};  // section 0 first, or the table of names
  const Verdict verdict = test.judge_module(read_bytes(bytes));
  EXPECT_EQ(errno_name(verdict.error), "ENOEXEC");
  EXPECT_FALSE(verdict.log_known);
}

}  // namespace
}  // namespace kovet::testing
