#include <elf.h>
#include <gmock/gmock.h>

#include "tests/support/facts.h"

namespace kovet {
namespace {

using testing::ElfBuilder;
using testing::honest_builder;
using ::testing::IsEmpty;
using testing::read_built;

TEST(Exports, WithoutModversionsThereIsNoCrc) {
  const Module module = read_built(honest_builder().export_symbol("f"));
  ASSERT_EQ(module.exports.size(), 1U);
  EXPECT_EQ(module.exports[0].crc, std::nullopt);
}

// Before relative CRC tables, genksyms left the CRC as the value of an absolute symbol.
TEST(Exports, AbsoluteCrcSymbol) {
  ElfBuilder builder = honest_builder().export_symbol("f").symbol(
      {.name = "__crc_f", .shndx = SHN_ABS, .value = 0xcafe1234});
  for (const std::size_t width : {std::size_t{4}, std::size_t{8}}) {
    ElfBuilder with_table = builder;
    with_table.section("__kcrctab").content.assign(width, '\0');
    with_table.relocation("__kcrctab", 0, builder.pointer_relocation(), "__crc_f");
    EXPECT_EQ(read_built(with_table).exports.at(0).crc, 0xcafe1234U) << width;
  }
}

// With CONFIG_MODULE_REL_CRCS the table says where the number lies.
TEST(Exports, RelativeCrcTable) {
  ElfBuilder builder = honest_builder().export_symbol("f");
  builder.section(".rodata.crc").content = "abcd" + builder.number(0xcafe1234, 4);
  builder.symbol({.name = "__crc_f", .section = ".rodata.crc", .value = 4});
  builder.section("__kcrctab").content.assign(4, '\0');
  builder.relocation("__kcrctab", 0, builder.relative_relocation(), "__crc_f");
  EXPECT_EQ(read_built(builder).exports.at(0).crc, 0xcafe1234U);
}

TEST(Exports, TheTableAloneIsGoneBy) {
  ElfBuilder builder = honest_builder()
                           .export_symbol("a", {.crc = 1})
                           .export_symbol("b", {.crc = 2, .symbol_namespace = "NS"})
                           .export_symbol("c", {.crc = 3, .gpl_only = true});
  for (const auto* name : {"a", "b", "c"})
    for (const auto* prefix : {"__ksymtab_", "__crc_"})
      builder.remove_symbol(std::string(prefix) + name);
  const Module module = read_built(builder);
  ASSERT_EQ(module.exports.size(), 3U);
  EXPECT_EQ(module.exports[0].name, "a");
  EXPECT_EQ(module.exports[1].symbol_namespace, "NS");
  EXPECT_EQ(module.exports[1].crc, 2U);
  EXPECT_EQ(module.exports[2].name, "c");
  EXPECT_TRUE(module.exports[2].gpl_only);
  EXPECT_EQ(module.exports[2].crc, 3U);
  EXPECT_FALSE(module.exports_unclear);
}

TEST(Exports, TheSectionOfTheirNamesMayHaveAnyName) {
  ElfBuilder builder = honest_builder()
                           .export_symbol("a", {.crc = 1})
                           .export_symbol("b", {.crc = 2, .symbol_namespace = "NS"});
  builder.section("__ksymtab_strings").name_offset = 0;
  const Module module = read_built(builder);
  ASSERT_EQ(module.exports.size(), 2U);
  EXPECT_EQ(module.exports[0].name, "a");
  EXPECT_EQ(module.exports[1].name, "b");
  EXPECT_EQ(module.exports[1].symbol_namespace, "NS");
}

TEST(Exports, NoSymbolIsInATableThatIsNotAllocated) {
  ElfBuilder builder = honest_builder().export_symbol("a").export_symbol("b", {.gpl_only = true});
  builder.section("__ksymtab").flags = 0;
  const Module module = read_built(builder);
  ASSERT_EQ(module.exports.size(), 1U);
  EXPECT_EQ(module.exports[0].name, "b");
}

TEST(Exports, CrcsThatAreNotAllocatedAreNone) {
  ElfBuilder builder = honest_builder().export_symbol("a", {.crc = 5});
  builder.section("__kcrctab").flags = 0;
  EXPECT_EQ(read_built(builder).exports.at(0).crc, std::nullopt);
  EXPECT_FALSE(read_built(builder).exports.at(0).crc_outside);
}

TEST(Exports, EntriesBehindThoseOfTheCompiler) {
  ElfBuilder builder = honest_builder().export_symbol("a", {.crc = 5});
  builder.section("__ksymtab").content += std::string(11, 'x');
  EXPECT_EQ(read_built(builder).exports.size(), 1U);
  EXPECT_FALSE(read_built(builder).exports_unclear);
  builder.section("__ksymtab").content += 'x';
  EXPECT_TRUE(read_built(builder).exports_unclear);
  builder.section("__ksymtab").content.assign(24, '\0');
  const Module module = read_built(builder);
  EXPECT_FALSE(module.exports_unclear);
  ASSERT_EQ(module.exports.size(), 2U);
  EXPECT_EQ(module.exports[1].name, "");
  EXPECT_TRUE(module.exports[1].crc_outside);
}

TEST(Exports, CrcOutsideItsSection) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{4}}) {
    ElfBuilder builder = honest_builder().export_symbol("f", {.crc = 0x78787878});
    builder.section("__kcrctab").content.resize(size);
    const Export symbol = read_built(builder).exports.at(0);
    EXPECT_EQ(symbol.crc_outside, size < 4) << size;
    EXPECT_EQ(symbol.crc.has_value(), size == 4) << size;
  }
}

TEST(Exports, WhatTheKernelDoesNotFindByHalving) {
  ElfBuilder builder = honest_builder();
  for (const auto* name : {"m", "b", "c", "d", "a"}) builder.export_symbol(name);
  std::string found;
  for (const Export& symbol : read_built(builder).exports)
    if (symbol.found) found += symbol.name;
  EXPECT_EQ(found, "bc");  // of 5 entries the kernel looks at c, then at a or b
  ElfBuilder twice = honest_builder().export_symbol("a");
  twice.export_symbol("b");
  twice.section("__ksymtab_strings").content.replace(3, 1, "a");
  const Module module = read_built(twice);
  ASSERT_EQ(module.exports.size(), 2U);
  EXPECT_EQ(module.exports[1].name, "a");
  EXPECT_FALSE(module.exports[0].found);
  EXPECT_TRUE(module.exports[1].found);
}

TEST(Exports, PointersInsteadOfOffsets) {
  for (const Arch arch :
       {Arch::arm, Arch::mips, Arch::mips64, Arch::s390x, Arch::arm64, Arch::x86}) {
    ElfBuilder builder = honest_builder(arch);
    builder.export_symbol("a", {.crc = 7, .symbol_namespace = "NS"}).export_symbol("b", {.crc = 8});
    for (const auto* name : {"a", "b"}) builder.remove_symbol(std::string("__ksymtab_") + name);
    const Module module = read_built(builder);
    ASSERT_EQ(module.exports.size(), 2U) << to_string(arch);
    EXPECT_EQ(module.exports[0].name, "a") << to_string(arch);
    EXPECT_EQ(module.exports[0].symbol_namespace, "NS") << to_string(arch);
    EXPECT_EQ(module.exports[1].name, "b") << to_string(arch);
    EXPECT_EQ(module.exports[1].crc, 8U) << to_string(arch);
  }
}

TEST(Exports, NamespaceOutsideItsSectionIsNone) {
  ElfBuilder builder = honest_builder().export_symbol("f", {.symbol_namespace = "NS"});
  builder.remove_symbol("__kstrtabns_f");
  builder.symbol(
      {.name = "__kstrtabns_f", .section = "__ksymtab_strings", .value = std::uint64_t{1} << 60});
  builder.relocation("__ksymtab", 8, builder.relative_relocation(), "__kstrtabns_f");
  const Module module = read_built(builder);
  ASSERT_EQ(module.exports.size(), 1U);
  EXPECT_EQ(module.exports[0].symbol_namespace, "");
  EXPECT_TRUE(module.exports_unclear);
}

TEST(Exports, ASymbolNamedLikeAnExportIsNone) {
  ElfBuilder builder = honest_builder();
  builder.symbol({.name = "__ksymtab_fake", .section = ".text"});
  builder.symbol({.name = "__ksymtab_", .section = ".text"});
  builder.import("__ksymtab_undefined");
  EXPECT_THAT(read_built(builder).exports, IsEmpty());
}

TEST(Exports, ManyKeepTheOrderOfTheTable) {
  ElfBuilder builder = honest_builder();
  for (int i = 99; i >= 0; --i)
    builder.export_symbol("symbol_" + std::to_string(i), {.crc = static_cast<std::uint32_t>(i)});
  const Module module = read_built(builder);
  ASSERT_EQ(module.exports.size(), 100U);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(module.exports[i].name, "symbol_" + std::to_string(99 - i));
    EXPECT_EQ(module.exports[i].crc, static_cast<std::uint32_t>(99 - i));
  }
}

}  // namespace
}  // namespace kovet
