#include <elf.h>
#include <fmt/format.h>

#include <cstring>

#include "tests/unit/gates/judging.h"

namespace kovet::testing {
namespace {

TEST(ElfGate, HonestModuleIsAccepted) {
  expect_accept(Case().judge());
}

TEST(ElfGate, TextIsNoModule) {
  const Verdict verdict = Case().judge_module(read_bytes(std::string(100, 'x')));
  expect_reject(verdict, ENOEXEC,
                {"Invalid ELF header magic: != \x7f"
                 "ELF"});
}

TEST(ElfGate, AnEmptyFileIsNotEvenRead) {
  expect_reject(Case().judge_module(read_bytes("")), EINVAL, {});
}

TEST(ElfGate, ShorterThanAHeader) {
  const std::string whole = honest_builder().build();
  for (const std::size_t length : {std::size_t{1}, std::size_t{19}, std::size_t{63}}) {
    const Verdict verdict = Case().judge_module(read_bytes(whole.substr(0, length)));
    expect_reject(verdict, ENOEXEC, {"Invalid ELF header len " + std::to_string(length)});
  }
}

TEST(ElfGate, CutShort) {
  const std::string whole = honest_builder().build();
  const Verdict verdict = Case().judge_module(read_bytes(whole.substr(0, whole.size() - 1)));
  expect_reject(verdict, ENOEXEC, {"Invalid ELF section header overflow"});
}

TEST(ElfGate, NotRelocatable) {
  Case test;
  test.builder.type(ET_DYN);
  expect_reject(test.judge(), ENOEXEC, {"Invalid ELF header type: 3 != 1"});
}

TEST(ElfGate, AnotherMachine) {
  Case test;
  test.builder = honest_builder(Arch::arm64);
  expect_reject(test.judge(), ENOEXEC, {"Invalid architecture in ELF header: 183"});
}

TEST(ElfGate, TheOrderAndWordsOfBefore612117) {
  Case test;
  test.builder.remove_section(".gnu.linkonce.this_module");
  const auto log = [&](KernelVersion version) {
    test.kernel.version = version;
    return row(test.judge(), "elf").log;
  };
  const std::string rest = " one .gnu.linkonce.this_module section must exist.";
  EXPECT_EQ(log({6, 12, 115}), std::vector<std::string>{"module honest: Only" + rest});
  EXPECT_EQ(log({6, 12, 117}), std::vector<std::string>{"module honest: Exactly" + rest});
}

TEST(ElfGate, ANameOutsideTheFileIsReadBeforeItIsCheckedFrom64To612115) {
  Case test;
  const auto elf = [&](std::uint32_t name_offset, KernelVersion version) {
    test.builder.section(".text").name_offset = name_offset;
    test.kernel.version = version;
    return row(test.judge(), "elf");
  };
  constexpr std::uint32_t far = 0x7ffffff0;
  for (const KernelVersion version : {KernelVersion{6, 1, 0}, KernelVersion{6, 12, 117}})
    EXPECT_EQ(elf(far, version).status, GateStatus::fail);
  for (const KernelVersion version : {KernelVersion{6, 4, 0}, KernelVersion{6, 12, 115}})
    EXPECT_EQ(elf(far, version).status, GateStatus::unknown);
}

TEST(ElfGate, AbiOfPowerpc) {
  Case test;
  test.builder = honest_builder(Arch::ppc64);
  test.kernel.arch = Fact<Arch>::known(Arch::ppc64, "test");
  const auto elf = [&](std::uint32_t abi, KernelVersion version) {
    test.builder.flags(abi);
    test.kernel.version = version;
    return row(test.judge(), "elf");
  };
  EXPECT_EQ(elf(1, {6, 12, 0}).status, GateStatus::pass);
  EXPECT_EQ(elf(2, {6, 12, 0}).log,
            std::vector<std::string>{"Invalid module architecture in ELF header: 21"});
  test.config("CONFIG_PPC64_ELF_ABI_V2=y\n");
  EXPECT_EQ(elf(2, {6, 12, 0}).status, GateStatus::pass);
  EXPECT_EQ(elf(1, {6, 12, 0}).status, GateStatus::fail);
  EXPECT_EQ(elf(1, {6, 6, 0}).status, GateStatus::unknown);
  EXPECT_EQ(elf(1, {6, 1, 0}).status, GateStatus::pass);
}

TEST(ElfGate, ClassAndByteOrderInTheHeaderAreNotLookedAt) {
  for (const std::size_t index : {std::size_t{EI_CLASS}, std::size_t{EI_DATA}}) {
    Case test;
    test.builder.ident(index, index == EI_CLASS ? ELFCLASS32 : ELFDATA2MSB);
    expect_accept(test.judge());
    test.builder.ident(index, 77);
    expect_accept(test.judge());
  }
}

TEST(ElfGate, SectionOutsideTheFile) {
  Case test;
  test.builder.section(".text").size = std::uint64_t{1} << 40;
  const Verdict verdict = test.judge();
  EXPECT_EQ(verdict.error, ENOEXEC);
  ASSERT_EQ(verdict.log.size(), 1U);
  EXPECT_THAT(verdict.log[0], ::testing::StartsWith("Invalid ELF section in module (section "));
}

TEST(ElfGate, SectionTableEntrySize) {
  Case test;
  test.builder.shentsize(63);
  expect_reject(test.judge(), ENOEXEC, {"Invalid ELF section header size"});
}

TEST(ElfGate, NameIndex) {
  Case test;
  test.builder.shstrndx(0);
  const Verdict verdict = test.judge();
  EXPECT_EQ(verdict.error, ENOEXEC);
  ASSERT_EQ(verdict.log.size(), 1U);
  EXPECT_THAT(verdict.log[0],
              ::testing::StartsWith("Invalid ELF section name index: 0 || e_shstrndx (0) >= "));
}

/// Kernels that count sections along with their check spare those without content.
TEST(ElfGate, ModinfoWithoutContentIsNotSeenByAll) {
  Case test;
  test.builder.section(".modinfo").type = SHT_NOBITS;
  for (const auto& [version, status] : {std::pair{KernelVersion{6, 12, 115}, GateStatus::unknown},
                                        std::pair{KernelVersion{6, 12, 117}, GateStatus::pass},
                                        std::pair{KernelVersion{6, 1, 192}, GateStatus::pass}}) {
    test.kernel.version = version;
    EXPECT_EQ(row(test.judge(), "elf").status, status) << version.minor << '.' << version.patch;
  }
}

TEST(ElfGate, TwoModinfoSectionsMatterFrom64On) {
  Case test;
  test.builder.add_section({.name = ".modinfo", .content = std::string("name=other\0", 11)});
  expect_reject(test.judge(), ENOEXEC, {"Only one .modinfo section must exist."});
  test.kernel.version = KernelVersion{6, 1, 192};
  expect_accept(test.judge());
}

TEST(ElfGate, MissingStructModule) {
  Case test;
  test.builder.remove_section(".gnu.linkonce.this_module");
  expect_reject(test.judge(), ENOEXEC,
                {"module honest: Exactly one .gnu.linkonce.this_module section must exist."});
  test.kernel.version = KernelVersion{6, 1, 192};
  expect_reject(test.judge(), ENOEXEC, {"honest: No module found in object"});
}

TEST(ElfGate, StructModuleSizeFrom64On) {
  for (const std::uint64_t size : {honest_struct_size - 1, honest_struct_size + 1}) {
    Case test;
    test.builder.section(".gnu.linkonce.this_module").content.resize(size);
    expect_reject(test.judge(), ENOEXEC,
                  {"module honest: .gnu.linkonce.this_module section size must match the kernel's "
                   "built struct module size at run time"});
    test.kernel.version = KernelVersion{6, 1, 192};
    expect_accept(test.judge());
  }
}

TEST(ElfGate, StructModuleSizeWithoutEvidence) {
  Case test;
  test.kernel.struct_module_size = Fact<std::uint64_t>::absent("no module", "a module");
  expect_accept(test.judge());  // the CRC of module_layout stands for it
  test.builder.section(".gnu.linkonce.this_module").content.resize(honest_struct_size + 1);
  EXPECT_EQ(to_string(test.judge().answer), "unknown");  // no compiler makes that size
}

TEST(ElfGate, Stripped) {
  Case test;
  test.builder.section(".symtab").type = SHT_PROGBITS;
  const Verdict verdict = test.judge();
  EXPECT_EQ(verdict.error, ENOEXEC);
}

TEST(ElfGate, UnknownMachineOfTheKernelIsUnknown) {
  Case test;
  test.kernel.arch = Fact<Arch>::absent("a lone Module.symvers", "a build directory");
  EXPECT_EQ(to_string(test.judge().answer), "unknown");
}

TEST(ElfSymbols, StringsSince613) {
  const auto ask = [](KernelVersion version, const auto& change) {
    Case test;
    test.kernel.version = version;
    std::string bytes = test.builder.build();
    const Module before = read_bytes(bytes);
    const Section& symtab = *std::find_if(before.sections.begin(), before.sections.end(),
                                          [](const Section& s) { return s.type == SHT_SYMTAB; });
    change(bytes, before.sections[symtab.link], symtab);
    return row(test.judge_module(read_bytes(bytes)), "elf-symbols");
  };
  const auto first = [](std::string& b, const Section& strings, const Section&) {
    b[strings.offset] = 'x';
  };
  const auto last = [](std::string& b, const Section& strings, const Section&) {
    b[strings.offset + strings.size - 1] = 'x';
  };
  const auto name = [](std::string& b, const Section& strings, const Section& symtab) {
    const auto outside = static_cast<std::uint32_t>(strings.size);
    std::memcpy(b.data() + symtab.offset + symtab.entsize, &outside, sizeof outside);
  };
  using Lines = std::vector<std::string>;
  EXPECT_EQ(ask({6, 13, 0}, first).log, Lines{"symbol string table missing leading NUL"});
  EXPECT_EQ(ask({6, 13, 0}, last).log, Lines{"symbol string table isn't NUL terminated"});
  EXPECT_EQ(ask({6, 13, 0}, name).log, Lines{"symbol name out of bounds in string table"});
  EXPECT_EQ(ask({6, 12, 117}, first).status, GateStatus::pass);
  EXPECT_EQ(ask({6, 12, 117}, last).status, GateStatus::pass);
  EXPECT_EQ(ask({6, 12, 117}, name).status, GateStatus::unknown);  // it would read what follows
}

TEST(ElfSymbols, StructModuleThatCannotBeWrittenIsNotVouchedFor) {
  Case test;
  test.builder.section(".gnu.linkonce.this_module").flags = SHF_ALLOC;
  EXPECT_EQ(row(test.judge(), "elf-symbols").status, GateStatus::unknown);
}

TEST(ElfSymbols, ExtendedVersionsSince614) {
  Case test;
  test.kernel.version = KernelVersion{6, 14, 0};
  test.builder.add_section({.name = "__version_ext_crcs", .content = std::string(8, '\1')});
  expect_reject(test.judge(), ENOEXEC, {"extended version crc+name presence does not match"});
  test.builder.add_section({.name = "__version_ext_names", .content = std::string("a\0", 2)});
  expect_reject(test.judge(), ENOEXEC, {"more extended version crcs than names"});
}

TEST(StructModuleSize, HeadersAlone) {
  Case test;
  test.kernel.struct_module_size = Fact<std::uint64_t>::absent("no module", "linux-image");
  expect_accept(test.judge());  // the CRC of module_layout agrees
  test.builder.section(".gnu.linkonce.this_module").content.append(64, '\0');
  EXPECT_EQ(row(test.judge(), "struct-module-size").status, GateStatus::unknown);
}

TEST(Elf, WithoutSectionsTheFirstIsLookedAtAllTheSame) {
  Case test;
  test.builder.shnum(0);
  const std::string whole = test.builder.build();
  const auto number = [&](std::size_t at, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes; i-- > 0;)
      value = value << 8 | static_cast<unsigned char>(whole[at + i]);
    return value;
  };
  const std::uint64_t table = number(40, 8), names = number(62, 2);
  test.kernel.version = KernelVersion{6, 13, 0};
  const std::vector<std::string> no_names{fmt::format(
      "Invalid ELF section name index: {} || e_shstrndx ({}) >= e_shnum (0)", names, names)};
  expect_reject(test.judge(), ENOEXEC, no_names);
  std::string odd = whole;
  odd[table + 32] = 1;  // sh_size, as where the number of sections does not fit e_shnum
  expect_reject(test.judge_module(read_bytes(odd)), ENOEXEC,
                {"ELF Spec violation: section 0 type(0)!=SH_NULL or non-zero len or addr"});
  const auto cut = test.judge_module(read_bytes(whole.substr(0, table + 63)));
  EXPECT_EQ(row(cut, "elf").status, GateStatus::unknown);
  test.kernel.version = KernelVersion{6, 1, 0};
  expect_reject(test.judge_module(read_bytes(odd)), ENOEXEC, no_names);
}

TEST(Elf, TablesThatTheLoaderReadsOutsideTheFile) {
  for (const auto* name : {".modinfo", "__versions"}) {
    Case test;
    SectionSpec& table = test.builder.section(name);
    table.type = SHT_NOBITS;
    table.size = 64;
    table.offset = 1 << 30;
    EXPECT_EQ(row(test.judge(), "elf-symbols").status, GateStatus::unknown) << name;
  }
  Case test;
  test.builder.add_section({.name = ".odd", .type = SHT_NULL, .size = 64}).section(".odd").offset =
      1 << 30;
  EXPECT_EQ(row(test.judge(), "elf-symbols").status, GateStatus::unknown);
  test.builder.section(".odd").flags = 0;
  expect_accept(test.judge());
}

}  // namespace
}  // namespace kovet::testing
