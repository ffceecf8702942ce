#include <elf.h>

#include "tests/unit/gates/judging.h"

namespace kovet::testing {
namespace {

TEST(Percpu, TheReserveIsTheLimit) {
  Case test;
  SectionSpec& data = test.builder.section(".data..percpu");
  data.flags = SHF_ALLOC | SHF_WRITE;
  data.content.assign(8192, '\0');
  expect_accept(test.judge());
  data.content.assign(8193, '\0');
  expect_reject(test.judge(), ENOMEM,
                {"percpu: allocation failed, size=8196 align=4 atomic=0, alloc from reserved chunk "
                 "failed",
                 "honest: Could not allocate 8193 bytes percpu data"});
  data.content.assign(32769, '\0');
  expect_reject(test.judge(), ENOMEM,
                {"illegal size (32772) or align (4) for percpu allocation",
                 "honest: Could not allocate 32769 bytes percpu data"});
}

TEST(Percpu, WhatTheFileDoesNotHoldIsUnknown) {
  Case test;
  SectionSpec& data = test.builder.section(".data..percpu");
  data.flags = SHF_ALLOC | SHF_WRITE;
  data.type = SHT_NOBITS;
  data.size = 64;
  data.offset = 64;
  expect_accept(test.judge());  // the kernel copies what the file has there
  const std::uint64_t length = test.builder.build().size();
  for (const auto& [offset, inside] : {std::pair{length - 64, true}, std::pair{length - 63, false},
                                       std::pair{length, false}, std::pair{~std::uint64_t{0}, false}}) {
    data.offset = offset;
    EXPECT_EQ(row(test.judge(), "percpu").status,
              inside ? GateStatus::pass : GateStatus::unknown)
        << offset;
  }
}

SectionSpec bss_of(std::uint64_t size, std::uint64_t alignment = 1) {
  return {.name = ".bss2",
          .type = SHT_NOBITS,
          .flags = SHF_ALLOC | SHF_WRITE,
          .addralign = alignment,
          .size = size};
}

GateResult allocation_of(Case test, std::uint64_t size, std::uint64_t alignment = 1) {
  test.builder.add_section(bss_of(size, alignment));
  return row(test.judge(), "allocation");
}

TEST(Allocation, FewMiBAreThereAndAllOfThemAreNot) {
  constexpr std::uint64_t mib = 1 << 20;
  Case test;
  test.config("CONFIG_RANDOMIZE_BASE=y\n");
  test.kernel.version = KernelVersion{6, 12, 0};
  EXPECT_EQ(allocation_of(test, 63 * mib).status, GateStatus::pass);
  EXPECT_EQ(allocation_of(test, 65 * mib).status, GateStatus::unknown);
  EXPECT_EQ(allocation_of(test, 1007 * mib).status, GateStatus::unknown);
  const GateResult refused = allocation_of(test, 1008 * mib + 1);
  EXPECT_EQ(refused.error, ENOMEM);
  EXPECT_THAT(refused.log, ::testing::ElementsAre("execmem: unable to allocate memory"));
  test.kernel.version = KernelVersion{6, 1, 0};
  EXPECT_EQ(allocation_of(test, 1008 * mib + 1).error, ENOMEM);
  EXPECT_THAT(allocation_of(test, 1008 * mib + 1).log, ::testing::IsEmpty());
}

TEST(Allocation, WithoutKaslrThereAreMoreAddresses) {
  constexpr std::uint64_t mib = 1 << 20;
  Case test;
  test.config("# CONFIG_RANDOMIZE_BASE is not set\n");
  EXPECT_EQ(allocation_of(test, 1519 * mib).status, GateStatus::unknown);
  EXPECT_EQ(allocation_of(test, 1520 * mib + 1).error, ENOMEM);
}

TEST(Allocation, EachKindOfMemoryCountsForItself) {
  constexpr std::uint64_t mib = 1 << 20;
  Case test;
  test.builder.add_section(bss_of(900 * mib));
  SectionSpec constants = bss_of(900 * mib);
  constants.flags = SHF_ALLOC;
  test.builder.add_section(constants);
  test.kernel.version = KernelVersion{6, 12, 0};
  EXPECT_EQ(row(test.judge(), "allocation").status, GateStatus::unknown);
  test.kernel.version = KernelVersion{6, 1, 0};  // one piece
  EXPECT_EQ(row(test.judge(), "allocation").error, ENOMEM);
  SectionSpec elsewhere = bss_of(3000 * mib);
  elsewhere.flags = SHF_WRITE;
  Case test2;
  test2.builder.add_section(elsewhere);
  EXPECT_EQ(row(test2.judge(), "allocation").status, GateStatus::pass);
}

TEST(Allocation, ThirtyTwoBitsAreNotEnough) {
  const Case test;
  for (const std::uint64_t size : {std::uint64_t{1} << 32, std::uint64_t{1} << 40,
                                   ~std::uint64_t{0}, (std::uint64_t{1} << 32) - 4096})
    EXPECT_EQ(allocation_of(test, size).status, GateStatus::unknown) << size;
  EXPECT_EQ(allocation_of(test, 8, std::uint64_t{1} << 32).status, GateStatus::unknown);
  EXPECT_EQ(allocation_of(test, 8, std::uint64_t{1} << 31).error, ENOMEM);
  EXPECT_EQ(allocation_of(test, 8, std::uint64_t{1} << 20).status, GateStatus::pass);
}

TEST(Relocations, CodeThatIsNotInTheFile) {
  Case test;
  SectionSpec& text = test.builder.section(".text");
  text.type = SHT_NOBITS;
  text.size = text.content.size();
  EXPECT_EQ(row(test.judge(), "relocations").status, GateStatus::unknown);
}

TEST(Relocations, CodeThatIsNotLoaded) {
  Case test;
  test.builder.section(".exit.text").content.assign(8, '\0');
  test.builder.symbol({.name = "cleanup_module", .section = ".exit.text"});
  test.builder.relocation(".gnu.linkonce.this_module", 0x180, test.builder.pointer_relocation(),
                          "cleanup_module");
  EXPECT_EQ(row(test.judge(), "relocations").status, GateStatus::pass);
  test.builder.section(".exit.text").flags = SHF_EXECINSTR;
  EXPECT_EQ(row(test.judge(), "relocations").status, GateStatus::unknown);
}

TEST(Relocations, ThoseThatAreNotAppliedToWhatTheyAreNamedAfter) {
  const Case test;
  const std::string whole = test.builder.build();
  const Module module = read_bytes(whole);
  const Section* of_text = module.section(".rela.text");
  ASSERT_NE(of_text, nullptr);
  const std::size_t header = static_cast<std::size_t>(module.header->shoff) +
                             static_cast<std::size_t>(of_text - module.sections.data()) * 64;
  for (const auto& [place, value] : {std::pair{44, '\0'}, std::pair{44, '\x7f'}, std::pair{4, '\1'}}) {
    std::string odd = whole;
    odd[header + static_cast<std::size_t>(place)] = value;  // sh_info, sh_type
    EXPECT_EQ(row(test.judge_module(read_bytes(odd)), "relocations").status, GateStatus::unknown)
        << place;
  }
  EXPECT_EQ(row(test.judge(), "relocations").status, GateStatus::pass);
}

TEST(Constructors, BothKinds) {
  Case test;
  test.builder.add_section({.name = ".ctors"}).add_section({.name = ".init_array"});
  expect_accept(test.judge());
  test.config("CONFIG_CONSTRUCTORS=y\n");
  expect_reject(test.judge(), EINVAL, {"honest: has both .ctors and .init_array."});
}

TEST(ExportVersions, ExportsWithoutCrcs) {
  Case test;
  test.builder.export_symbol("mine");
  expect_accept(test.judge());  // FORCE_LOAD
  test.without("CONFIG_MODULE_FORCE_LOAD=y");
  expect_reject(test.judge(), ENOEXEC, {});
}

TEST(DuplicateExports, TheKernelHasItAlready) {
  Case test;
  test.builder.export_symbol("kmalloc_noprof", {.crc = 1});
  expect_reject(test.judge(), ENOEXEC,
                {"honest: exports duplicate symbol kmalloc_noprof (owned by kernel)"});
}

TEST(DuplicateExports, AnInTreeModuleIsNotLoadedYet) {
  Case test;
  test.builder.export_symbol("usb_stor_probe1", {.crc = 1});
  expect_accept(test.judge());
}

TEST(DuplicateExports, NamesThatTheFileDoesNotHold) {
  Case test;
  test.builder.export_symbol("mine", {.crc = 1});
  test.builder.section("__ksymtab").content += std::string(12, 'x');
  EXPECT_EQ(row(test.judge(), "duplicate-exports").status, GateStatus::unknown);
  EXPECT_EQ(to_string(test.judge().answer), "unknown");
}

TEST(ModuleNamespaceImport, From616On) {
  Case test;
  test.builder.modinfo("import_ns", "module:kvm");
  expect_accept(test.judge());
  test.kernel.version = KernelVersion{6, 17, 0};
  EXPECT_EQ(row(test.judge(), "module-namespace-import").error, EPERM);
}

TEST(Relocations, PlacesThatOverlap) {
  Case test;
  test.builder.section(".text").content.resize(64);
  test.builder.relocation(".text", 32, R_X86_64_64, "_printk", 0);
  test.builder.relocation(".text", 40, R_X86_64_64, "_printk", 0);
  expect_accept(test.judge());
  test.builder.relocation(".text", 44, R_X86_64_64, "_printk", 0);
  EXPECT_EQ(row(test.judge(), "relocations").status, GateStatus::unknown);
}

TEST(Relocations, UnknownType) {
  Case test;
  test.builder.relocation(".text", 12, R_X86_64_GOTPCREL, "_printk", 0);
  expect_reject(test.judge(), ENOEXEC, {"module: honest: Unknown rela relocation: 9"});
}

TEST(Relocations, TargetThatIsNotZero) {
  Case test;
  test.builder.section(".text").content[1] = '\x01';
  expect_reject(test.judge(), ENOEXEC,
                {"module: x86/modules: Invalid relocation target, existing value is nonzero for type 4, "
                 "loc <address>, val <address>"});
}

TEST(Relocations, A32BitAddressCannotHoldAKernelAddress) {
  Case test;
  test.builder.relocation(".text", 12, R_X86_64_32, "_printk", 0);
  const Verdict verdict = test.judge();
  expect_reject(verdict, ENOEXEC,
                {"module: overflow in relocation type 10 val <address>",
                 "module: `honest' likely not compiled with -mcmodel=kernel"});
  Case sign_extended;
  sign_extended.builder.relocation(".text", 12, R_X86_64_32S, "_printk", 0);
  expect_accept(sign_extended.judge());
}

TEST(Relocations, OutsideItsSectionIsUnknown) {
  Case test;
  test.builder.relocation(".text", 13, R_X86_64_PC32, "_printk", 0);
  EXPECT_EQ(to_string(test.judge().answer), "unknown");
}

TEST(Btf, MattersOnlyWhereAMismatchIsRefused) {
  Case test;
  test.builder.add_section({.name = ".BTF", .flags = 0, .content = "btf"});
  EXPECT_EQ(to_string(test.judge().answer), "reject");
  test.config("CONFIG_MODULE_ALLOW_BTF_MISMATCH=y\n");
  expect_accept(test.judge());
}

}  // namespace
}  // namespace kovet::testing
