#include <elf.h>
#include <gmock/gmock.h>

#include "tests/support/facts.h"

namespace kovet {
namespace {

using testing::ElfBuilder;
using testing::honest_builder;
using ::testing::IsEmpty;
using testing::read_built;

TEST(VersionTable, WholeUnsignedLongIsTheCrc) {
  const Module wide = read_built(ElfBuilder().version("f", 0x1'0000'0005));
  ASSERT_TRUE(wide.versions.has_value());
  EXPECT_EQ(wide.versions->entries.at(0).crc, 0x1'0000'0005U);
  const Module narrow = read_built(ElfBuilder(Arch::x86).version("f", 5));
  ASSERT_TRUE(narrow.versions.has_value());
  EXPECT_EQ(narrow.versions->entries.at(0).crc, 5U);
}

TEST(VersionTable, LongestNameThatFits) {
  const std::string longest(55, 'n');
  const Module module = read_built(ElfBuilder().version(longest, 1).version("after", 2));
  ASSERT_EQ(module.versions->entries.size(), 2U);
  EXPECT_EQ(module.versions->entries[0].name, longest);
  EXPECT_EQ(module.versions->entries[1].name, "after");
}

TEST(VersionTable, OnlyAnAllocatedSectionCounts) {
  ElfBuilder builder = honest_builder();
  builder.section("__versions").flags = 0;
  EXPECT_FALSE(read_built(builder).versions.has_value());
}

TEST(VersionTable, PresentButEmptyIsNotAbsent) {
  ElfBuilder builder = honest_builder();
  builder.section("__versions").content.clear();
  const Module module = read_built(builder);
  ASSERT_TRUE(module.versions.has_value());
  EXPECT_THAT(module.versions->entries, IsEmpty());
  EXPECT_EQ(module.versions->size, 0U);
}

TEST(VersionTable, CutShortEverywhere) {
  const std::string whole = honest_builder().section("__versions").content;
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    ElfBuilder builder = honest_builder();
    builder.section("__versions").content = whole.substr(0, length);
    const Module module = read_built(builder);
    ASSERT_TRUE(module.versions.has_value()) << length;
    EXPECT_EQ(module.versions->entries.size(), length / 64) << length;
    EXPECT_EQ(module.versions->trailing_bytes, length % 64) << length;
    EXPECT_EQ(module.versions->size, length);
  }
}

TEST(VersionTable, SizeBeyondTheFileGivesNoEntries) {
  ElfBuilder builder = honest_builder();
  builder.section("__versions").size = std::uint64_t{1} << 40;
  const Module module = read_built(builder);
  ASSERT_TRUE(module.versions.has_value());
  EXPECT_THAT(module.versions->entries, IsEmpty());
}

TEST(VersionTable, OneExtendedSectionAlone) {
  ElfBuilder builder = honest_builder().extended_version("_printk", 1);
  EXPECT_FALSE(read_built(builder).lone_extended_section);
  ElfBuilder names = builder;
  names.remove_section("__version_ext_crcs");
  EXPECT_TRUE(read_built(names).lone_extended_section);
  EXPECT_FALSE(read_built(names).extended_versions.has_value());
  ElfBuilder crcs = builder;
  crcs.remove_section("__version_ext_names");
  EXPECT_TRUE(read_built(crcs).lone_extended_section);
}

TEST(VersionTable, FewerExtendedNamesThanCrcs) {
  ElfBuilder builder = honest_builder().extended_version("a", 1).extended_version("b", 2);
  builder.append("__version_ext_crcs", builder.number(3, 4));
  const Module module = read_built(builder);
  ASSERT_TRUE(module.extended_versions.has_value());
  EXPECT_EQ(module.extended_versions->entries.size(), 2U);
  EXPECT_EQ(module.extended_versions->size, 12U);
  EXPECT_NE(module.extended_versions->trailing_bytes, 0U);
}

TEST(VersionTable, ExtendedNamesWithoutFinalNul) {
  ElfBuilder builder = honest_builder();
  builder.append("__version_ext_crcs", builder.number(3, 4)).append("__version_ext_names", "abc");
  const Module module = read_built(builder);
  ASSERT_TRUE(module.extended_versions.has_value());
  ASSERT_EQ(module.extended_versions->entries.size(), 1U);
  EXPECT_EQ(module.extended_versions->entries[0].name, "abc");
}

}  // namespace
}  // namespace kovet
