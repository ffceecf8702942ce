#include <elf.h>
#include <gmock/gmock.h>

#include "tests/support/facts.h"

namespace kovet {
namespace {

using ::testing::ElementsAre;
using testing::ElfBuilder;
using testing::honest_builder;
using ::testing::IsEmpty;
using testing::read_built;
using Kind = OddTable::Kind;
using Kinds = std::vector<Kind>;

Kinds kinds_of(const ElfBuilder& builder) {
  Kinds kinds;
  for (const OddTable& odd : read_built(builder).odd_tables) kinds.push_back(odd.kind);
  return kinds;
}

/// The honest module with a table of `size` bytes and one relocation in it. Its .text begins with
/// calls of _printk and __fentry__, each of five bytes.
Kinds kinds_of_table(std::string_view table, std::uint32_t type, std::string_view symbol,
                     std::int64_t addend, std::size_t size = 8, std::uint64_t at = 0) {
  ElfBuilder builder = honest_builder(Arch::x86_64);
  builder.add_section({.name = std::string(table), .content = std::string(size, '\0')});
  return kinds_of(builder.relocation(table, at, type, symbol, addend));
}

TEST(FollowedTables, OfAnHonestModuleAreNotOdd) {
  EXPECT_THAT(kinds_of(honest_builder(Arch::x86_64)), IsEmpty());
}

TEST(FollowedTables, McountSitesAreCallsOfFentry) {
  EXPECT_THAT(kinds_of_table("__mcount_loc", R_X86_64_64, "init_module", 5), IsEmpty());
  for (const std::int64_t addend : {0, 4, 6, 11, 1 << 30})
    EXPECT_THAT(kinds_of_table("__mcount_loc", R_X86_64_64, "init_module", addend),
                ElementsAre(Kind::call_site))
        << addend;
  EXPECT_THAT(kinds_of_table("__mcount_loc", R_X86_64_64, "_printk", 5),
              ElementsAre(Kind::call_site));
}

TEST(FollowedTables, EveryEntryIsFilledInItsPlace) {
  const auto mcount = [](std::size_t size, std::uint64_t at) {
    return kinds_of_table("__mcount_loc", R_X86_64_64, "init_module", 5, size, at);
  };
  EXPECT_THAT(mcount(8, 0), IsEmpty());
  EXPECT_THAT(mcount(16, 0), ElementsAre(Kind::unfilled));
  EXPECT_THAT(mcount(12, 4), ElementsAre(Kind::unfilled));
  EXPECT_THAT(mcount(8, 4), ElementsAre(Kind::unfilled));
}

TEST(FollowedTables, EveryEntryHasAPlaceOfItsOwn) {
  const auto with_two = [](std::int64_t first, std::int64_t second) {
    ElfBuilder builder = honest_builder(Arch::x86_64);
    std::string& code = builder.section(".text").content;
    const auto place = static_cast<std::int64_t>(code.size());
    code += std::string("\xe8\0\0\0\0", 5);
    builder.relocation(".text", static_cast<std::uint64_t>(place) + 1, R_X86_64_PLT32, "__fentry__",
                       -4);
    builder.add_section({.name = "__mcount_loc", .content = std::string(16, '\0')});
    for (const auto& [at, which] : {std::pair{0U, first}, {8U, second}})
      builder.relocation("__mcount_loc", at, R_X86_64_64, "init_module",
                         which == 0 ? std::int64_t{5} : place);
    return kinds_of(builder);
  };
  EXPECT_THAT(with_two(0, 1), IsEmpty());
  EXPECT_THAT(with_two(1, 0), IsEmpty());
  EXPECT_THAT(with_two(0, 0), ElementsAre(Kind::twice));
  EXPECT_THAT(with_two(1, 1), ElementsAre(Kind::twice));
}

TEST(FollowedTables, WithoutRelocationsWhateverTheirHeaderSays) {
  for (const char* name : {"__mcount_loc", ".return_sites", "__param"}) {
    ElfBuilder builder = honest_builder(Arch::x86_64);
    builder.remove_section("__param").remove_section(".rela__param");
    builder.add_section(
        {.name = name, .content = std::string(40, '\0'), .info = std::uint32_t{0x7fffffff}});
    EXPECT_THAT(kinds_of(builder), ElementsAre(Kind::unfilled)) << name;
  }
}

TEST(FollowedTables, ReturnSitesAreJumpsToTheThunk) {
  const auto returning = [](std::string_view symbol, std::int64_t addend, char opcode = '\xe9') {
    ElfBuilder builder = honest_builder(Arch::x86_64);
    std::string& code = builder.section(".text").content;
    const std::size_t place = code.size();
    code += std::string(1, opcode) + std::string(4, '\0');
    builder.relocation(".text", place + 1, R_X86_64_PLT32, symbol, addend);
    builder.add_section({.name = ".return_sites", .content = std::string(4, '\0')});
    builder.relocation(".return_sites", 0, R_X86_64_PC32, "init_module",
                       static_cast<std::int64_t>(place));
    return kinds_of(builder);
  };
  EXPECT_THAT(returning("__x86_return_thunk", -4), IsEmpty());
  EXPECT_THAT(returning("__x86_return_thunk", -3), ElementsAre(Kind::return_site));
  EXPECT_THAT(returning("_printk", -4), ElementsAre(Kind::return_site));
  EXPECT_THAT(returning("__x86_return_thunk", -4, '\xe8'), ElementsAre(Kind::return_site));
}

Kinds leading_to(std::string_view table, std::string_view code) {
  ElfBuilder builder = honest_builder(Arch::x86_64);
  std::string& text = builder.section(".text").content;
  const auto place = static_cast<std::int64_t>(text.size());
  text += code;
  const bool sites = table == ".return_sites";
  builder.add_section({.name = std::string(table), .content = std::string(sites ? 4 : 8, '\0')});
  builder.relocation(table, 0, sites ? R_X86_64_PC32 : R_X86_64_64, "init_module", place);
  return kinds_of(builder);
}

TEST(FollowedTables, NopsAreLeftWhereFentryWasCalled) {
  constexpr std::string_view nop("\x0f\x1f\x44\0\0", 5), other("\x0f\x1f\x44\0\1", 5);
  EXPECT_THAT(leading_to("__mcount_loc", nop), ElementsAre(Kind::nop_site));
  EXPECT_THAT(leading_to("__mcount_loc", other), ElementsAre(Kind::call_site));
  EXPECT_THAT(leading_to("__mcount_loc", nop.substr(0, 4)), ElementsAre(Kind::call_site));
  EXPECT_THAT(leading_to(".return_sites", nop), ElementsAre(Kind::return_site));
}

TEST(FollowedTables, StructModuleNamesInitAndExit) {
  const auto filled = [](std::uint64_t at, std::string_view symbol, std::int64_t addend = 0) {
    ElfBuilder builder = honest_builder(Arch::x86_64);
    builder.symbol({.name = "cleanup_module", .section = ".text", .type = STT_FUNC, .size = 5});
    builder.relocation(".gnu.linkonce.this_module", at, R_X86_64_64, symbol, addend);
    return kinds_of(builder);
  };
  EXPECT_THAT(filled(0x148, "cleanup_module"), IsEmpty());
  EXPECT_THAT(filled(0x130, "cleanup_module"), ElementsAre(Kind::init_pointers));  // before init
  EXPECT_THAT(filled(0x148, "init_module"), ElementsAre(Kind::init_pointers));     // once more
  EXPECT_THAT(filled(0x148, "cleanup_module", 5), ElementsAre(Kind::init_pointers));
  EXPECT_THAT(filled(0x148, "_printk"), ElementsAre(Kind::init_pointers));
  EXPECT_THAT(filled(0x14c, "cleanup_module"), ElementsAre(Kind::init_pointers));
  EXPECT_THAT(filled(0x48, "cleanup_module"), ElementsAre(Kind::init_pointers));
}

/// The honest module with a second parameter, one of whose fields is another, or none.
ElfBuilder with_field(std::uint64_t at, std::string_view symbol, std::int64_t addend = 0) {
  ElfBuilder builder = honest_builder(Arch::x86_64);
  builder.section("__param").content.resize(80);
  for (const auto& [field, name] :
       {std::pair{0U, "__param_str_width"}, {8U, "__this_module"}, {16U, "param_ops_int"}})
    if (field != at) builder.relocation("__param", 40 + field, R_X86_64_64, name);
  if (!symbol.empty()) builder.relocation("__param", 40 + at, R_X86_64_64, symbol, addend);
  return builder;
}

TEST(FollowedTables, ParametersNameTheirModuleAndOperations) {
  EXPECT_THAT(kinds_of(with_field(8, "__this_module")), IsEmpty());
  EXPECT_THAT(kinds_of(with_field(8, "")), IsEmpty());  // compiled into the kernel, they have none
  EXPECT_THAT(kinds_of(with_field(16, "_printk")), IsEmpty());  // whatever the kernel exports
  EXPECT_THAT(kinds_of(with_field(32, "init_module")), IsEmpty());
  const auto odd = ElementsAre(Kind::parameter);
  EXPECT_THAT(kinds_of(with_field(8, "__this_module", 8)), odd);
  EXPECT_THAT(kinds_of(with_field(8, "__param_str_width")), odd);
  EXPECT_THAT(kinds_of(with_field(16, "init_module")), odd);
  EXPECT_THAT(kinds_of(with_field(0, "init_module")), odd);
  EXPECT_THAT(kinds_of(with_field(0, "_printk")), odd);
  EXPECT_THAT(kinds_of(with_field(24, "__param_str_width")), odd);
  EXPECT_THAT(kinds_of(with_field(16, "")), ElementsAre(Kind::unfilled));
  ElfBuilder held = with_field(8, "");
  held.section("__param").content[48] = '\1';
  EXPECT_THAT(kinds_of(held), odd);
}

TEST(FollowedTables, OfOtherMachinesAreNotLookedAt) {
  ElfBuilder builder = honest_builder(Arch::arm64);
  builder.add_section({.name = "__mcount_loc", .content = std::string(8, '\0')});
  EXPECT_THAT(kinds_of(builder), IsEmpty());
}

}  // namespace
}  // namespace kovet
