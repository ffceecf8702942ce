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
  const Module module = read_built(honest_builder().export_symbol("f").symbol(
      {.name = "__crc_f", .shndx = SHN_ABS, .value = 0xcafe1234}));
  ASSERT_EQ(module.exports.size(), 1U);
  EXPECT_EQ(module.exports[0].crc, 0xcafe1234U);
}

TEST(Exports, CrcOutsideItsSectionIsNoCrc) {
  ElfBuilder builder = honest_builder().export_symbol("f");
  builder.section("__kcrctab").content = "abc";
  builder.symbol({.name = "__crc_f", .section = "__kcrctab", .value = 0});
  EXPECT_EQ(read_built(builder).exports.at(0).crc, std::nullopt);
  for (const std::uint64_t place : {std::uint64_t{1}, ~std::uint64_t{0}, ~std::uint64_t{0} - 3}) {
    ElfBuilder far = honest_builder().export_symbol("f");
    far.section("__kcrctab").content = std::string(4, 'x');
    far.symbol({.name = "__crc_f", .section = "__kcrctab", .value = place});
    EXPECT_EQ(read_built(far).exports.at(0).crc, std::nullopt) << place;
  }
}

TEST(Exports, NamespaceOutsideItsSectionIsNone) {
  ElfBuilder builder = honest_builder().export_symbol("f", {.symbol_namespace = "NS"});
  builder.remove_symbol("__kstrtabns_f");
  builder.symbol(
      {.name = "__kstrtabns_f", .section = "__ksymtab_strings", .value = std::uint64_t{1} << 60});
  const Module module = read_built(builder);
  ASSERT_EQ(module.exports.size(), 1U);
  EXPECT_EQ(module.exports[0].symbol_namespace, "");
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
