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

TEST(Modinfo, RepeatedKeysAreAllKeptAndTheFirstWins) {
  const Module module = read_built(ElfBuilder()
                                       .modinfo("license", "GPL")
                                       .modinfo("import_ns", "A")
                                       .modinfo("license", "Proprietary")
                                       .modinfo("import_ns", "B"));
  EXPECT_EQ(module.first("license"), "GPL");
  EXPECT_THAT(module.all("license"), ElementsAre("GPL", "Proprietary"));
  EXPECT_THAT(module.all("import_ns"), ElementsAre("A", "B"));
  EXPECT_EQ(module.first("absent"), std::nullopt);
  EXPECT_THAT(module.all("absent"), IsEmpty());
}

TEST(Modinfo, ValuesMayBeEmptyAndHoldEqualSigns) {
  const Module module = read_built(
      ElfBuilder().modinfo("depends", "").modinfo("description", "a=b=c").modinfo("", "no key"));
  EXPECT_EQ(module.first("depends"), "");
  EXPECT_EQ(module.first("description"), "a=b=c");
}

TEST(Modinfo, TrailingSpaceBelongsToTheVermagic) {
  const Module module = read_built(honest_builder().set_modinfo("vermagic", "6.1.0 SMP "));
  EXPECT_EQ(module.first("vermagic"), "6.1.0 SMP ");
}

TEST(Modinfo, EntryWithoutEqualSignIsNoEntry) {
  ElfBuilder builder;
  builder.append(".modinfo", std::string("license\0name=x\0", 15));
  const Module module = read_built(builder);
  EXPECT_EQ(module.first("license"), std::nullopt);
  EXPECT_EQ(module.first("name"), "x");
}

TEST(Modinfo, PaddingBetweenEntries) {
  ElfBuilder builder;
  builder.append(".modinfo", std::string("\0\0name=x\0\0\0\0license=GPL\0", 24));
  const Module module = read_built(builder);
  EXPECT_EQ(module.first("name"), "x");
  EXPECT_EQ(module.first("license"), "GPL");
}

TEST(Modinfo, LastEntryWithoutNulDoesNotEscapeTheFile) {
  ElfBuilder builder;
  builder.append(".modinfo", "name=x");
  const Module module = read_built(builder);
  ASSERT_TRUE(module.first("name").has_value());
  EXPECT_TRUE(module.first("name")->starts_with("x"));
}

TEST(Modinfo, AllocationIsAFact) {
  ElfBuilder builder = honest_builder();
  EXPECT_TRUE(read_built(builder).modinfo_allocated);
  builder.section(".modinfo").flags = 0;
  const Module module = read_built(builder);
  EXPECT_FALSE(module.modinfo_allocated);
  EXPECT_EQ(module.first("license"), "GPL");
}

TEST(Modinfo, ParametersWithAndWithoutDescription) {
  const Module module =
      read_built(ElfBuilder().parameter("a", "int").parameter("b", "charp", "what: b does"));
  ASSERT_EQ(module.parameters.size(), 2U);
  EXPECT_EQ(module.parameters[0].name, "a");
  EXPECT_EQ(module.parameters[0].description, "");
  EXPECT_EQ(module.parameters[1].type, "charp");
  EXPECT_EQ(module.parameters[1].description, "what: b does");
}

TEST(Modinfo, EmptySectionHasNoEntries) {
  ElfBuilder builder;
  builder.section(".modinfo");
  EXPECT_THAT(read_built(builder).modinfo, IsEmpty());
  EXPECT_THAT(read_built(ElfBuilder()).modinfo, IsEmpty());
}

TEST(Modinfo, TheFirstStringIsReadBeforeTheSizeIsLookedAt) {
  ElfBuilder builder;
  builder.modinfo("license", "GPL").modinfo("vermagic", "6.1.0 ");
  for (const std::uint64_t size : {0U, 1U}) {
    builder.section(".modinfo").size = size;
    const Module module = read_built(builder);
    ASSERT_EQ(module.modinfo.size(), 1U) << size;
    EXPECT_EQ(module.first("license"), "GPL");
  }
}

}  // namespace
}  // namespace kovet
