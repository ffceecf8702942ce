#include <elf.h>
#include <gmock/gmock.h>

#include "tests/support/facts.h"

// Facts of an honest module, on every machine and in every byte order.

namespace kovet {
namespace {

using ::testing::ElementsAre;
using testing::ElfBuilder;
using testing::honest_builder;
using ::testing::IsEmpty;
using testing::read_built;

struct Machine {
  Arch arch;
  bool big_endian;
};

std::vector<std::string_view> names_of(const std::vector<Symbol>& symbols) {
  std::vector<std::string_view> names;
  for (const Symbol& symbol : symbols) names.push_back(symbol.name);
  return names;
}

class EveryMachine : public ::testing::TestWithParam<Machine> {
 protected:
  ElfBuilder builder() const { return honest_builder(GetParam().arch, GetParam().big_endian); }
};

TEST_P(EveryMachine, HeaderAndSections) {
  const Module module = read_built(builder());
  ASSERT_TRUE(module.header.has_value());
  EXPECT_TRUE(module.header->magic_ok);
  EXPECT_EQ(module.header->type, ET_REL);
  EXPECT_EQ(module.header->machine, elf_machine(GetParam().arch));
  EXPECT_EQ(module.header->shentsize, module.header->shdr_size);
  EXPECT_EQ(module.header->shnum, module.sections.size());
  EXPECT_EQ(module.arch, GetParam().arch);
  EXPECT_EQ(module.big_endian, GetParam().big_endian);
  const Section* text = module.section(".text");
  ASSERT_NE(text, nullptr);
  EXPECT_EQ(text->flags, std::uint64_t{SHF_ALLOC | SHF_EXECINSTR});
  EXPECT_EQ(text->addralign, 16U);
  EXPECT_EQ(text->bytes.size(), text->size);
}

TEST_P(EveryMachine, WhatTheLoaderReads) {
  const Module module = read_built(builder());
  EXPECT_EQ(module.name, "honest");
  EXPECT_EQ(module.first("license"), "GPL");
  EXPECT_EQ(module.first("vermagic"), testing::honest_vermagic);
  ASSERT_TRUE(module.this_module.has_value());
  EXPECT_EQ(module.this_module->size, testing::honest_struct_size);
  EXPECT_EQ(module.this_module->name, "honest");
  EXPECT_THAT(names_of(module.imports), ElementsAre("_printk", "__fentry__", "__x86_return_thunk"));
  ASSERT_TRUE(module.versions.has_value());
  ASSERT_EQ(module.versions->entries.size(), 4U);
  EXPECT_EQ(module.versions->entries[0].name, "module_layout");
  EXPECT_EQ(module.versions->entries[0].crc, 0x2f9b2b9aU);
  EXPECT_EQ(module.versions->trailing_bytes, 0U);
  EXPECT_FALSE(module.extended_versions.has_value());
  ASSERT_EQ(module.parameters.size(), 1U);
  EXPECT_EQ(module.parameters[0].name, "width");
  EXPECT_EQ(module.parameters[0].type, "int");
  EXPECT_EQ(module.parameters[0].description, "a width");
  EXPECT_THAT(module.relocation_issues, IsEmpty());
  EXPECT_FALSE(module.signature.has_value());
  EXPECT_FALSE(module.marker_misplaced);
}

TEST_P(EveryMachine, ExportsWithCrcAndNamespace) {
  const Module module = read_built(
      builder()
          .export_symbol("width_of", {.crc = 0xdeadbeef})
          .export_symbol("width_set", {.crc = 7, .symbol_namespace = "WIDTH", .gpl_only = true}));
  ASSERT_EQ(module.exports.size(), 2U);
  EXPECT_EQ(module.exports[0].name, "width_of");
  EXPECT_EQ(module.exports[0].crc, 0xdeadbeefU);
  EXPECT_EQ(module.exports[0].symbol_namespace, "");
  EXPECT_FALSE(module.exports[0].gpl_only);
  EXPECT_EQ(module.exports[1].name, "width_set");
  EXPECT_EQ(module.exports[1].crc, 7U);
  EXPECT_EQ(module.exports[1].symbol_namespace, "WIDTH");
  EXPECT_TRUE(module.exports[1].gpl_only);
}

TEST_P(EveryMachine, ExtendedVersionTable) {
  const Module module = read_built(
      builder().extended_version("_printk", 0xfffffff0).extended_version(std::string(300, 'n'), 2));
  ASSERT_TRUE(module.extended_versions.has_value());
  ASSERT_EQ(module.extended_versions->entries.size(), 2U);
  EXPECT_EQ(module.extended_versions->entries[0].crc, 0xfffffff0U);
  EXPECT_EQ(module.extended_versions->entries[1].name, std::string(300, 'n'));
}

// The kernel looks at e_machine alone: what EI_CLASS and EI_DATA say does not change the facts.
TEST_P(EveryMachine, IdentityBytesAreNotBelieved) {
  ElfBuilder built = builder();
  // MIPS alone has both word sizes under one machine number.
  if (GetParam().arch != Arch::mips && GetParam().arch != Arch::mips64)
    built.ident(EI_CLASS, is_64_bit(GetParam().arch) ? ELFCLASS32 : ELFCLASS64);
  const Module module = read_built(built);
  EXPECT_EQ(module.arch, GetParam().arch);
  EXPECT_EQ(module.name, "honest");
  EXPECT_EQ(module.imports.size(), 3U);

  built.ident(EI_DATA, GetParam().big_endian ? ELFDATA2LSB : ELFDATA2MSB);
  const Module swapped = read_built(built);
  EXPECT_EQ(swapped.arch, GetParam().arch);
  EXPECT_EQ(swapped.big_endian, GetParam().big_endian);
  EXPECT_EQ(swapped.imports.size(), 3U);
}

INSTANTIATE_TEST_SUITE_P(Machines, EveryMachine,
                         ::testing::Values(Machine{Arch::x86, false}, Machine{Arch::x86_64, false},
                                           Machine{Arch::arm, false}, Machine{Arch::arm64, false},
                                           Machine{Arch::ppc64, false}, Machine{Arch::ppc64, true},
                                           Machine{Arch::s390x, true}, Machine{Arch::mips, false},
                                           Machine{Arch::mips, true}, Machine{Arch::mips64, false},
                                           Machine{Arch::mips64, true},
                                           Machine{Arch::riscv64, false}),
                         [](const auto& tested) {
                           return std::string(to_string(tested.param.arch)) +
                                  (tested.param.big_endian ? "_big" : "");
                         });

TEST(ElfFacts, UnknownMachineIsAFact) {
  const Module module = read_built(honest_builder().machine(EM_SPARCV9));
  ASSERT_TRUE(module.header.has_value());
  EXPECT_EQ(module.header->machine, EM_SPARCV9);
  EXPECT_EQ(module.arch, Arch::unknown);
}

TEST(ElfFacts, ImportsKeepTheirOrderAndBinding) {
  const Module module = read_built(ElfBuilder()
                                       .import("zeta")
                                       .import("alpha", Binding::weak)
                                       .import("local_undefined", Binding::local)
                                       .import("mid"));
  EXPECT_THAT(names_of(module.imports), ElementsAre("local_undefined", "zeta", "alpha", "mid"));
  EXPECT_EQ(module.imports[0].binding, Binding::local);
  EXPECT_EQ(module.imports[1].binding, Binding::global);
  EXPECT_EQ(module.imports[2].binding, Binding::weak);
  EXPECT_EQ(module.imports[0].index, 1U);
  EXPECT_EQ(module.imports[3].index, 4U);
}

TEST(ElfFacts, CommonSymbols) {
  const Module module = read_built(honest_builder().common("counter", 8).common("__gnu_lto_v1", 1));
  EXPECT_THAT(names_of(module.commons), ElementsAre("counter", "__gnu_lto_v1"));
  EXPECT_EQ(module.commons[0].size, 8U);
}

TEST(ElfFacts, FileNameStandsInForAMissingName) {
  ElfBuilder builder = honest_builder().remove_modinfo("name");
  EXPECT_EQ(read_built(builder).name, "honest");  // struct module.name
  builder.this_module("", testing::honest_struct_size);
  EXPECT_EQ(read_built(builder, "/tmp/my-driver.ko.xz").display_name(), "my_driver");
}

TEST(ElfFacts, SizeOfStructModuleIsThatOfItsSection) {
  for (const std::uint64_t size : {0, 1, 64, 896, 1279, 1280, 1281}) {
    const Module module = read_built(
        honest_builder().remove_section(".gnu.linkonce.this_module").this_module("honest", size));
    ASSERT_TRUE(module.this_module.has_value()) << size;
    EXPECT_EQ(module.this_module->size, size);
  }
  const Module without = read_built(honest_builder().remove_section(".gnu.linkonce.this_module"));
  EXPECT_FALSE(without.this_module.has_value());
}

TEST(ElfFacts, SignatureIsNotPartOfTheElfFile) {
  const std::string elf = honest_builder().build();
  const Module module = testing::read_bytes(
      honest_builder().signature("PKCS", {.algo = 1, .hash = 4, .signer_len = 2}).build());
  ASSERT_TRUE(module.signature.has_value());
  EXPECT_EQ(module.elf_size, elf.size());
  EXPECT_EQ(module.signature->sig_len, 4U);
  EXPECT_EQ(module.signature->id_type, 2);
  EXPECT_EQ(module.signature->algo, 1);
  EXPECT_EQ(module.signature->hash, 4);
  EXPECT_EQ(module.signature->signer_len, 2);
  EXPECT_TRUE(module.signature->padding_zero);
  EXPECT_EQ(module.signature->signature.size(), 4U);
  EXPECT_EQ(module.imports.size(), 3U);
}

}  // namespace
}  // namespace kovet
