#include <elf.h>
#include <gmock/gmock.h>

#include "module/read_module.h"
#include "tests/support/facts.h"

// What is wrong with the ELF structures is a fact for the ELF gate, never an error of the reader.

namespace kovet {
namespace {

using testing::ElfBuilder;
using testing::honest_builder;
using ::testing::IsEmpty;
using testing::read_built;
using testing::read_bytes;

TEST(MalformedElf, ShorterThanAHeaderHasNoHeader) {
  for (const std::string_view content : {"", "x",
                                         "\x7f"
                                         "ELF",
                                         "#!/bin/sh\nexit 0\n"}) {
    const Module module = read_bytes(content);
    EXPECT_FALSE(module.header.has_value()) << content;
    EXPECT_EQ(module.elf_size, content.size());
    EXPECT_THAT(module.sections, IsEmpty());
  }
}

TEST(MalformedElf, TextIsReadAsAHeaderWithoutMagic) {
  const Module module = read_bytes(std::string(4096, 't'));
  EXPECT_TRUE(!module.header || !module.header->magic_ok);
  EXPECT_THAT(module.sections, IsEmpty());
  EXPECT_THAT(module.imports, IsEmpty());
}

TEST(MalformedElf, WrongMagic) {
  const Module module = read_built(honest_builder().ident(EI_MAG1, 'F'));
  ASSERT_TRUE(module.header.has_value());
  EXPECT_FALSE(module.header->magic_ok);
}

TEST(MalformedElf, ExecutableIsReadAsFarAsItGoes) {
  for (const int type : {ET_NONE, ET_EXEC, ET_DYN, ET_CORE}) {
    const Module module = read_built(honest_builder().type(static_cast<std::uint16_t>(type)));
    ASSERT_TRUE(module.header.has_value());
    EXPECT_EQ(module.header->type, type);
  }
}

TEST(MalformedElf, EntrySizeOfAnotherClassLeavesNoSections) {
  for (const int size : {0, 1, 40, 63, 65, 65535}) {
    const Module module = read_built(honest_builder().shentsize(static_cast<std::uint16_t>(size)));
    ASSERT_TRUE(module.header.has_value());
    EXPECT_EQ(module.header->shentsize, size);
    EXPECT_THAT(module.sections, IsEmpty());
  }
}

TEST(MalformedElf, SectionTableAtTheLimitOfTheFile) {
  const std::string whole = honest_builder().build();
  EXPECT_FALSE(read_bytes(whole).sections.empty());
  const Module cut = read_bytes(whole.substr(0, whole.size() - 1));
  ASSERT_TRUE(cut.header.has_value());
  EXPECT_THAT(cut.sections, IsEmpty());
}

TEST(MalformedElf, SectionTableFarOutside) {
  for (const std::uint64_t offset :
       {std::uint64_t{1} << 32, ~std::uint64_t{0}, ~std::uint64_t{0} - 63, std::uint64_t{1} << 63})
    EXPECT_THAT(read_built(honest_builder().shoff(offset)).sections, IsEmpty());
}

TEST(MalformedElf, TooManySections) {
  const Module module = read_built(honest_builder().shnum(65535));
  ASSERT_TRUE(module.header.has_value());
  EXPECT_EQ(module.header->shnum, 65535);
  EXPECT_THAT(module.sections, IsEmpty());
}

TEST(MalformedElf, NoSectionsAtAll) {
  const Module module = read_built(honest_builder().shnum(0));
  EXPECT_THAT(module.sections, IsEmpty());
  EXPECT_FALSE(module.versions.has_value());
}

TEST(MalformedElf, NameTableIndexOutOfRangeLeavesNamesEmpty) {
  for (const int index : {0, 65535, 40000}) {
    const Module module = read_built(honest_builder().shstrndx(static_cast<std::uint16_t>(index)));
    ASSERT_FALSE(module.sections.empty());
    EXPECT_EQ(module.section(".text"), nullptr);
    EXPECT_FALSE(module.this_module.has_value());
  }
}

TEST(MalformedElf, SectionNameOutOfRangeIsEmpty) {
  ElfBuilder builder = honest_builder();
  builder.add_section({.name = "odd", .name_offset = 0xfffffff0});
  const Module module = read_built(builder);
  EXPECT_EQ(module.section("odd"), nullptr);
  EXPECT_NE(module.section(".text"), nullptr);
}

TEST(MalformedElf, SectionOutsideTheFileHasNoBytes) {
  const std::uint64_t far = ~std::uint64_t{0};
  for (const auto& [offset, size] :
       std::vector<std::pair<std::uint64_t, std::uint64_t>>{{far, 1},
                                                            {1, far},
                                                            {far, far},
                                                            {far - 1, 2},
                                                            {std::uint64_t{1} << 40, 0},
                                                            {64, 1 << 30}}) {
    ElfBuilder builder = honest_builder();
    builder.add_section({.name = "far", .offset = offset, .size = size});
    const Module module = read_built(builder);
    const Section* section = module.section("far");
    ASSERT_NE(section, nullptr);
    EXPECT_EQ(section->offset, offset);
    EXPECT_EQ(section->size, size);
    EXPECT_TRUE(section->bytes.empty());
  }
}

TEST(MalformedElf, NobitsHasASizeAndNoBytes) {
  ElfBuilder builder = honest_builder();
  builder.add_section({.name = ".bss", .type = SHT_NOBITS, .size = std::uint64_t{1} << 50});
  const Module module = read_built(builder);
  const Section* section = module.section(".bss");
  ASSERT_NE(section, nullptr);
  EXPECT_TRUE(section->bytes.empty());
}

TEST(MalformedElf, ThisModuleWithoutContent) {
  ElfBuilder builder = honest_builder().remove_modinfo("name");
  builder.section(".gnu.linkonce.this_module").type = SHT_NOBITS;
  const Module module = read_built(builder);
  ASSERT_TRUE(module.this_module.has_value());
  EXPECT_EQ(module.this_module->name, "");
  EXPECT_EQ(module.display_name(), "honest");
}

TEST(MalformedElf, NoSymbolTable) {
  ElfBuilder builder = honest_builder();
  builder.add_section({.name = ".symtab"});
  const Module module = read_built(builder);
  EXPECT_EQ(module.symbol_tables, 0U);
  EXPECT_THAT(module.imports, IsEmpty());
}

TEST(MalformedElf, TwoSymbolTablesAreCountedAndTheFirstIsRead) {
  ElfBuilder builder = honest_builder();
  builder.add_section({.name = ".symtab2", .type = SHT_SYMTAB});
  EXPECT_EQ(read_built(builder).symbol_tables, 2U);
}

TEST(MalformedElf, SymbolTableOfHalfAnEntry) {
  for (std::size_t length : {0, 1, 23, 24, 25, 47}) {
    ElfBuilder builder = honest_builder();
    builder.add_section(
        {.name = ".symtab", .type = SHT_SYMTAB, .content = std::string(length, '\0'), .link = 1});
    EXPECT_THAT(read_built(builder).imports, IsEmpty()) << length;
  }
}

TEST(MalformedElf, SymbolTableLinkedToNothing) {
  for (const std::uint32_t link : {0U, 5000U, 0xffffffffU}) {
    ElfBuilder builder;
    const std::string entry =
        builder.number(1, 4) + builder.number(0x10, 1) + std::string(19, '\0');
    builder.add_section({.name = ".symtab",
                         .type = SHT_SYMTAB,
                         .content = std::string(24, '\0') + entry,
                         .link = link});
    const Module module = read_built(builder);
    ASSERT_EQ(module.imports.size(), 1U) << link;
    EXPECT_EQ(module.imports[0].name, "");
  }
}

TEST(MalformedElf, SymbolNameOutOfRangeIsEmptyAndItsOffsetKept) {
  ElfBuilder builder = honest_builder();
  builder.symbol({.name = "ghost", .name_offset = 0xfffffff0});
  const Module module = read_built(builder);
  ASSERT_EQ(module.imports.size(), 4U);
  EXPECT_EQ(module.imports[3].name, "");
  EXPECT_EQ(module.imports[3].name_offset, 0xfffffff0U);
}

TEST(MalformedElf, SymbolInASectionThatIsNotThere) {
  const Module module = read_built(honest_builder()
                                       .symbol({.name = "lost", .shndx = 4000})
                                       .symbol({.name = "reserved", .shndx = SHN_XINDEX}));
  ASSERT_GE(module.bad_section_symbols.size(), 1U);
  EXPECT_EQ(module.bad_section_symbols[0].name, "lost");
  EXPECT_EQ(module.bad_section_symbols[0].section, 4000);
}

TEST(MalformedElf, MissingFileIsAnError) {
  const auto read = read_module("/nonexistent/module.ko");
  ASSERT_FALSE(read.has_value());
  EXPECT_NE(read.error().where.find("/nonexistent/module.ko"), std::string::npos);
}

TEST(MalformedElf, FolderAndDeviceAreErrors) {
  EXPECT_FALSE(read_module("/").has_value());
  EXPECT_FALSE(read_module("/dev/null").has_value());
}

}  // namespace
}  // namespace kovet
