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

TEST(Percpu, AlignmentsAreToldWithTheirSign) {
  Case test;
  SectionSpec& data = test.builder.section(".data..percpu");
  data.flags = SHF_ALLOC | SHF_WRITE;
  data.content.assign(8, '\0');
  data.addralign = ~std::uint64_t{0};
  EXPECT_EQ(row(test.judge(), "percpu").log,
            std::vector<std::string>{"honest: per-cpu alignment -1 > 4096"});
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
  for (const auto& [offset, inside] :
       {std::pair{length - 64, true}, std::pair{length - 63, false}, std::pair{length, false},
        std::pair{~std::uint64_t{0}, false}}) {
    data.offset = offset;
    EXPECT_EQ(row(test.judge(), "percpu").status, inside ? GateStatus::pass : GateStatus::unknown)
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

// The kernel keeps both, whatever their flags.
TEST(Allocation, TheSymbolTableAndItsStringsCount) {
  for (const auto* name : {".symtab", ".strtab"}) {
    Case test;
    Module module = read_built(test.builder);
    for (Section& section : module.sections)
      if (section.name == name) section.addralign = std::uint64_t{1} << 31;
    const auto ask = [&] {
      return row(judge({module, test.kernel, test.assumptions, {}, {}, {}}), "allocation");
    };
    EXPECT_EQ(ask().error, ENOMEM) << name;
    test.without("CONFIG_KALLSYMS=y");
    EXPECT_EQ(ask().status, GateStatus::pass) << name;
  }
}

/// A table of one relocation of `type` for the symbol table or its strings.
Case with_relocation_of(const std::string& target, std::uint32_t section_type, char type,
                        std::uint64_t offset) {
  Case test;
  std::string entry(24, '\0');
  entry[0] = static_cast<char>(offset);
  entry[8] = type;
  test.builder.add_section({.name = ".odd", .type = section_type, .flags = 0, .content = entry});
  const Module module = read_built(test.builder);
  test.builder.section(".odd").info =
      static_cast<std::uint32_t>(module.section(target) - module.sections.data());
  return test;
}

TEST(Relocations, OfTheSymbolTableAndItsStrings) {
  for (const auto* target : {".symtab", ".strtab"}) {
    Case test = with_relocation_of(target, SHT_RELA, 42, 0);
    expect_reject(test.judge(), ENOEXEC, {"module: honest: Unknown rela relocation: 42"});
    test.without("CONFIG_KALLSYMS=y");
    expect_accept(test.judge());
    expect_reject(with_relocation_of(target, SHT_REL, R_X86_64_64, 0).judge(), ENOEXEC,
                  {"module honest: REL relocation unsupported"});
  }
  expect_reject(
      with_relocation_of(".strtab", SHT_RELA, R_X86_64_64, 1).judge(), ENOEXEC,
      {"module: x86/modules: Invalid relocation target, existing value is nonzero for type 1, "
       "loc <address>, val <address>"});
  EXPECT_EQ(
      row(with_relocation_of(".symtab", SHT_RELA, R_X86_64_PC32, 8).judge(), "relocations").status,
      GateStatus::unknown);
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
  for (const auto& [place, value] :
       {std::pair{44, '\0'}, std::pair{44, '\x7f'}, std::pair{4, '\1'}}) {
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

TEST(DuplicateExports, AnInTreeModuleThatItNeedsIsLoaded) {
  Case test;
  auto symbols = honest_symbols();
  KernelSymbol another = symbols.back();  // of usb-storage too
  another.name = "usb_stor_other";
  symbols.push_back(another);
  another.name = "elsewhere";
  another.module = "drivers/net/mii";
  symbols.push_back(another);
  test.kernel.symvers = Fact<Symvers>::known(make_symvers(symbols), "Module.symvers");
  test.builder.export_symbol("usb_stor_other", {.crc = 1});
  expect_accept(test.judge());
  test.builder.import("usb_stor_probe1").version("usb_stor_probe1", 0x0b0bf5f1);
  test.builder.modinfo("import_ns", "USB_STORAGE");
  expect_reject(test.judge(), ENOEXEC,
                {"honest: exports duplicate symbol usb_stor_other (owned by usb_storage)"});
  test.builder.this_module("usb_storage", honest_struct_size);  // the kernel's own
  EXPECT_EQ(row(test.judge(), "duplicate-exports").status, GateStatus::pass);
}

TEST(DuplicateExports, DependenciesThatModinfoNamesAreLoadedToo) {
  Case test;
  test.builder.export_symbol("usb_stor_probe1", {.crc = 1});
  test.builder.set_modinfo("depends", "usb-storage");
  expect_reject(test.judge(), ENOEXEC,
                {"honest: exports duplicate symbol usb_stor_probe1 (owned by usb_storage)"});
}

TEST(DuplicateExports, WhatTheNeededModulesNeedIsNotKnown) {
  Case test;
  auto symbols = honest_symbols();
  KernelSymbol another = symbols.back();
  another.name = "elsewhere";
  another.module = "drivers/net/mii";
  symbols.push_back(another);
  test.kernel.symvers = Fact<Symvers>::known(make_symvers(symbols), "Module.symvers");
  test.builder.export_symbol("elsewhere", {.crc = 1});
  expect_accept(test.judge());
  test.builder.import("usb_stor_probe1").version("usb_stor_probe1", 0x0b0bf5f1);
  test.builder.modinfo("import_ns", "USB_STORAGE");
  EXPECT_EQ(row(test.judge(), "duplicate-exports").status, GateStatus::unknown);
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

TEST(LivepatchObject, TheNameOfTheKernelItself) {
  Case test;
  test.builder.this_module("vmlinux", honest_struct_size);
  expect_reject(test.judge(), EINVAL, {"livepatch: vmlinux.ko: invalid module name"});
  test.without("CONFIG_LIVEPATCH=y");
  EXPECT_EQ(row(test.judge(), "livepatch-object").status, GateStatus::not_applicable);
  test.config("");
  test.kernel.version = KernelVersion{5, 7, 0};
  EXPECT_EQ(row(test.judge(), "livepatch-object").status, GateStatus::not_applicable);
}

std::uint32_t index_of(const ElfBuilder& builder, std::string_view section) {
  const Module module = read_built(builder);
  return static_cast<std::uint32_t>(module.section(section) - module.sections.data());
}

/// One relocation section with the mark of live patches, SHF_RELA_LIVEPATCH.
GateResult marked_as_livepatch(Case test, const std::string& name, std::size_t entries = 0) {
  constexpr std::uint64_t rela_livepatch = 0x00100000;
  test.builder.add_section({.name = name,
                            .type = SHT_RELA,
                            .flags = SHF_ALLOC | rela_livepatch,
                            .content = std::string(entries * 24, '\0'),
                            .info = index_of(test.builder, ".text")});
  return row(test.judge(), "relocations");
}

TEST(Relocations, AStaticCallWhoseKeyIsCodeIsUnknown) {
  Case test;
  test.config("CONFIG_HAVE_STATIC_CALL_INLINE=y\n");
  test.builder.symbol({.name = "code", .section = ".text"});
  test.builder.symbol({.name = "__SCK__mine", .section = ".rodata"});
  test.builder.add_section({.name = ".static_call_sites", .content = std::string(16, '\0')});
  test.builder.relocation(".static_call_sites", 0, R_X86_64_PC32, "code");
  test.builder.relocation(".static_call_sites", 4, R_X86_64_PC32, "__SCK__mine");
  EXPECT_EQ(row(test.judge(), "relocations").status, GateStatus::pass);
  test.builder.relocation(".static_call_sites", 12, R_X86_64_PC32, "code");
  EXPECT_EQ(row(test.judge(), "relocations").status, GateStatus::unknown);
}

TEST(Relocations, SectionsOfLivePatchesHaveANameOfTheirOwn) {
  const Case test;
  for (const std::string name : {".rela.odd", ".klp.rela.", ".klp.rela..text", ".klp.relaX.a"}) {
    const GateResult found = marked_as_livepatch(test, name);
    EXPECT_EQ(found.error, EINVAL) << name;
    EXPECT_THAT(found.log, ::testing::ElementsAre("livepatch: section " + name +
                                                  " has an incorrectly formatted name"));
  }
  EXPECT_EQ(marked_as_livepatch(test, ".klp.rela.ext4..text", 1).status, GateStatus::pass);
  EXPECT_EQ(marked_as_livepatch(test, ".klp.rela.vmlinux..text").status, GateStatus::pass);
  EXPECT_EQ(marked_as_livepatch(test, ".klp.rela.vmlinux..text", 1).status, GateStatus::unknown);
}

TEST(Relocations, WithoutLivePatchingTheMarkKeepsThemFromBeingApplied) {
  Case test;
  test.without("CONFIG_LIVEPATCH=y");
  EXPECT_EQ(marked_as_livepatch(test, ".odd").status, GateStatus::pass);
  EXPECT_EQ(marked_as_livepatch(test, ".rela.text", 1).status, GateStatus::unknown);
}

TEST(Relocations, PlacesFilledAgainLaterOn) {
  Case test;
  test.builder.section(".text").content.resize(64);
  for (const std::uint64_t at : {32U, 48U, 40U})
    test.builder.relocation(".text", at, R_X86_64_64, "_printk", 0);
  expect_accept(test.judge());  // out of order, and apart
  test.builder.relocation(".text", 35, R_X86_64_64, "_printk", 0);
  EXPECT_EQ(row(test.judge(), "relocations").status, GateStatus::unknown);
}

TEST(Relocations, OnlyTheFirstSectionOfANameIsNotRelocated) {
  for (const char* name : {"__versions", ".data..percpu"}) {
    Case test;
    test.builder.section(name).flags |= SHF_ALLOC;
    test.builder.add_section({.name = ".again", .content = std::string(64, '\0')});
    std::string entry(24, '\0');
    entry[8] = R_X86_64_GOTPCREL;
    test.builder.add_section({.name = ".rela.again",
                              .type = SHT_RELA,
                              .flags = 0,
                              .content = entry,
                              .info = index_of(test.builder, ".again")});
    test.builder.section(".again").name = name;
    EXPECT_EQ(row(test.judge(), "relocations").error, ENOEXEC) << name;
  }
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
  expect_reject(
      test.judge(), ENOEXEC,
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
