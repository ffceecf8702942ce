#include <elf.h>
#include <gmock/gmock.h>

#include "tests/support/facts.h"

namespace kovet {
namespace {

using testing::ElfBuilder;
using testing::honest_builder;
using ::testing::IsEmpty;
using testing::read_built;
using Kind = RelocationIssue::Kind;

/// An honest module with room in .text, and one more relocation there.
ElfBuilder with_relocation(Arch arch, std::uint32_t type, std::string_view symbol,
                           std::int64_t addend = 0, std::uint64_t offset = 32) {
  ElfBuilder builder = honest_builder(arch);
  builder.section(".text").content.resize(64);
  return builder.relocation(".text", offset, type, symbol, addend);
}

TEST(Relocations, TypesThatX86_64Takes) {
  for (const std::uint32_t type :
       {R_X86_64_NONE, R_X86_64_64, R_X86_64_32S, R_X86_64_PC32, R_X86_64_PLT32, R_X86_64_PC64})
    EXPECT_THAT(read_built(with_relocation(Arch::x86_64, type, "_printk")).relocation_issues,
                IsEmpty())
        << type;
}

TEST(Relocations, TypesThatX86_64DoesNotTake) {
  for (const std::uint32_t type :
       {std::uint32_t{R_X86_64_GOTPCREL}, std::uint32_t{R_X86_64_16}, std::uint32_t{R_X86_64_8},
        std::uint32_t{R_X86_64_REX_GOTPCRELX}, std::uint32_t{200}}) {
    const Module module = read_built(with_relocation(Arch::x86_64, type, "_printk"));
    ASSERT_EQ(module.relocation_issues.size(), 1U) << type;
    EXPECT_EQ(module.relocation_issues[0].kind, Kind::unknown_type);
    EXPECT_EQ(module.relocation_issues[0].type, type);
    EXPECT_EQ(module.relocation_issues[0].offset, 32U);
  }
}

TEST(Relocations, TargetBytesMustBeZeroOnX86_64) {
  ElfBuilder builder = with_relocation(Arch::x86_64, R_X86_64_PC32, "_printk");
  builder.section(".text").content[35] = '\1';
  const Module module = read_built(builder);
  ASSERT_EQ(module.relocation_issues.size(), 1U);
  EXPECT_EQ(module.relocation_issues[0].kind, Kind::nonzero_target);
  ElfBuilder after = with_relocation(Arch::x86_64, R_X86_64_PC32, "_printk");
  after.section(".text").content[36] = '\1';
  EXPECT_THAT(read_built(after).relocation_issues, IsEmpty());
}

using Kinds = std::vector<Kind>;

Kinds kinds_of(const ElfBuilder& builder) {
  Kinds kinds;
  for (const RelocationIssue& issue : read_built(builder).relocation_issues)
    kinds.push_back(issue.kind);
  return kinds;
}

/// The honest module with a table of `size` bytes and one relocation in it. Its .text begins with
/// calls of _printk and __fentry__, each of five bytes.
Kinds kinds_of_table(std::string_view table, std::uint32_t type, std::string_view symbol,
                     std::int64_t addend, std::size_t size = 8) {
  ElfBuilder builder = honest_builder(Arch::x86_64);
  builder.add_section({.name = std::string(table), .content = std::string(size, '\0')});
  return kinds_of(builder.relocation(table, 0, type, symbol, addend));
}

/// What the loader follows must lead somewhere; elsewhere a compiler may write what it likes.
TEST(Relocations, OfTablesThatTheKernelFollows) {
  EXPECT_THAT(kinds_of_table("__mcount_loc", R_X86_64_64, "init_module", 5), IsEmpty());
  EXPECT_THAT(kinds_of_table(".data", R_X86_64_64, "init_module", 1 << 30), IsEmpty());
  for (const Kinds& found : {kinds_of_table("__mcount_loc", R_X86_64_64, "init_module", 1 << 30),
                             kinds_of_table("__mcount_loc", R_X86_64_64, "init_module", -9),
                             kinds_of_table("__mcount_loc", R_X86_64_PC32, "init_module", 0),
                             kinds_of_table("__mcount_loc", R_X86_64_NONE, "init_module", 0),
                             kinds_of_table("__jump_table", R_X86_64_32S, "init_module", 0),
                             kinds_of_table("__mcount_loc", R_X86_64_64, "_printk", -1),
                             kinds_of_table(".return_sites", R_X86_64_64, "init_module", 0),
                             kinds_of_table(".return_sites", R_X86_64_PC32, "init_module", 0, 5)}) {
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found[0], Kind::out_of_bounds);
  }
}

TEST(Relocations, OutsideTheSection) {
  for (const std::uint64_t offset :
       {std::uint64_t{61}, std::uint64_t{64}, ~std::uint64_t{0}, ~std::uint64_t{0} - 3}) {
    const Module module =
        read_built(with_relocation(Arch::x86_64, R_X86_64_PC32, "_printk", 0, offset));
    ASSERT_EQ(module.relocation_issues.size(), 1U) << offset;
    EXPECT_EQ(module.relocation_issues[0].kind, Kind::out_of_bounds);
  }
  EXPECT_THAT(
      read_built(with_relocation(Arch::x86_64, R_X86_64_PC32, "_printk", 0, 60)).relocation_issues,
      IsEmpty());
}

// It is read before the type is looked at.
TEST(Relocations, SymbolBehindTheTable) {
  for (const std::uint32_t type : {std::uint32_t{R_X86_64_NONE}, std::uint32_t{R_X86_64_PC32},
                                   std::uint32_t{R_X86_64_GOTPCREL}}) {
    ElfBuilder builder = honest_builder();
    builder.section(".text").content.resize(64);
    std::string entry(24, '\0');
    entry[0] = 32;
    entry[8] = static_cast<char>(type);
    entry[14] = '\1';
    builder.add_section({.name = ".rela.odd", .type = SHT_RELA, .flags = 0, .content = entry});
    const Module before = read_built(builder);
    builder.section(".rela.odd").info =
        static_cast<std::uint32_t>(before.section(".text") - before.sections.data());
    const Module module = read_built(builder);
    ASSERT_EQ(module.relocation_issues.size(), 1U) << type;
    EXPECT_EQ(module.relocation_issues[0].kind, Kind::out_of_bounds);
  }
}

TEST(Relocations, UnsignedThirtyTwoBitsCannotHoldAKernelAddress) {
  const Module module = read_built(with_relocation(Arch::x86_64, R_X86_64_32, "_printk"));
  ASSERT_EQ(module.relocation_issues.size(), 1U);
  EXPECT_EQ(module.relocation_issues[0].kind, Kind::overflow);
}

TEST(Relocations, AbsoluteValuesAtTheLimit) {
  const auto issues = [](std::uint32_t type, std::uint64_t value) {
    ElfBuilder builder = honest_builder();
    builder.section(".text").content.resize(64);
    builder.symbol({.name = "fixed", .shndx = SHN_ABS, .value = value});
    return read_built(builder.relocation(".text", 32, type, "fixed")).relocation_issues.size();
  };
  EXPECT_EQ(issues(R_X86_64_32, 0xffffffff), 0U);
  EXPECT_EQ(issues(R_X86_64_32, 0x100000000), 1U);
  EXPECT_EQ(issues(R_X86_64_32S, 0x7fffffff), 0U);
  EXPECT_EQ(issues(R_X86_64_32S, 0x80000000), 1U);
  EXPECT_EQ(issues(R_X86_64_32S, 0xffffffff80000000), 0U);
  EXPECT_EQ(issues(R_X86_64_32S, 0xffffffff7fffffff), 1U);
}

TEST(Relocations, OnlyAllocatedSectionsAreRelocated) {
  ElfBuilder builder = honest_builder();
  builder.add_section({.name = ".debug_info", .flags = 0, .content = std::string(8, 'x')});
  builder.relocation(".debug_info", 0, R_X86_64_32, "_printk");
  EXPECT_THAT(read_built(builder).relocation_issues, IsEmpty());
}

TEST(Relocations, RelWhereTheMachineTakesRela) {
  ElfBuilder builder = honest_builder();
  builder.add_section({.name = ".rel.text",
                       .type = SHT_REL,
                       .content = std::string(16, '\0'),
                       .entsize = 16,
                       .info = 1});
  const Module module = read_built(builder);
  ASSERT_EQ(module.relocation_issues.size(), 1U);
  EXPECT_EQ(module.relocation_issues[0].kind, Kind::unsupported_format);

  ElfBuilder other = honest_builder(Arch::x86);
  other.add_section({.name = ".rela.text",
                     .type = SHT_RELA,
                     .content = std::string(12, '\0'),
                     .entsize = 12,
                     .info = 1});
  ASSERT_EQ(read_built(other).relocation_issues.size(), 1U);
}

TEST(Relocations, TypesOfOtherMachines) {
  EXPECT_THAT(read_built(with_relocation(Arch::x86, R_386_PC32, "_printk")).relocation_issues,
              IsEmpty());
  EXPECT_EQ(
      read_built(with_relocation(Arch::x86, R_386_GOTOFF, "_printk")).relocation_issues.size(), 1U);
  EXPECT_THAT(
      read_built(with_relocation(Arch::arm64, R_AARCH64_ABS64, "_printk")).relocation_issues,
      IsEmpty());
  EXPECT_EQ(read_built(with_relocation(Arch::arm64, R_AARCH64_ADR_GOT_PAGE, "_printk"))
                .relocation_issues.size(),
            1U);
}

TEST(Relocations, ThousandsOfIssuesAreBounded) {
  ElfBuilder builder = honest_builder();
  builder.section(".text").content.assign(16384, '\0');
  for (std::uint64_t at = 0; at < 16000; at += 4)
    builder.relocation(".text", at, R_X86_64_GOTPCREL, "_printk");
  const Module module = read_built(builder);
  EXPECT_GE(module.relocation_issues.size(), 1U);
  EXPECT_LE(module.relocation_issues.size(), 64U);
}

}  // namespace
}  // namespace kovet
