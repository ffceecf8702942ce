#include "module/drop_bytes.h"

#include <gtest/gtest.h>

#include "tests/support/facts.h"

namespace kovet {
namespace {

using testing::honest_builder;
using testing::read_built;

TEST(DropBytes, FactsStayAsTheyWere) {
  const Module before = read_built(honest_builder());
  Module after = read_built(honest_builder());
  drop_bytes(after);
  EXPECT_FALSE(after.bytes);
  ASSERT_TRUE(after.kept);
  EXPECT_LE(after.kept->size(), before.bytes->size());
  EXPECT_EQ(after.size, before.bytes->size());

  ASSERT_EQ(after.sections.size(), before.sections.size());
  for (std::size_t i = 0; i < after.sections.size(); ++i) {
    EXPECT_EQ(after.sections[i].name, before.sections[i].name);
    EXPECT_EQ(after.sections[i].size, before.sections[i].size);
    EXPECT_TRUE(after.sections[i].bytes.empty());
  }
  ASSERT_FALSE(before.modinfo.empty());
  ASSERT_EQ(after.modinfo.size(), before.modinfo.size());
  for (std::size_t i = 0; i < after.modinfo.size(); ++i) {
    EXPECT_EQ(after.modinfo[i].key, before.modinfo[i].key);
    EXPECT_EQ(after.modinfo[i].value, before.modinfo[i].value);
  }
  ASSERT_FALSE(before.imports.empty());
  ASSERT_EQ(after.imports.size(), before.imports.size());
  for (std::size_t i = 0; i < after.imports.size(); ++i)
    EXPECT_EQ(after.imports[i].name, before.imports[i].name);
  ASSERT_TRUE(before.versions && !before.versions->entries.empty());
  ASSERT_EQ(after.versions->entries.size(), before.versions->entries.size());
  for (std::size_t i = 0; i < after.versions->entries.size(); ++i) {
    EXPECT_EQ(after.versions->entries[i].name, before.versions->entries[i].name);
    EXPECT_EQ(after.versions->entries[i].crc, before.versions->entries[i].crc);
  }
  EXPECT_EQ(after.this_module->name, before.this_module->name);
  EXPECT_EQ(after.display_name(), before.display_name());
}

TEST(DropBytes, TheCopyPointsNowhereElse) {
  Module module = read_built(honest_builder());
  drop_bytes(module);
  const std::string_view kept = module.kept->text();
  const auto inside = [&](std::string_view view) {
    return view.empty() ||
           (view.data() >= kept.data() && view.data() + view.size() <= kept.data() + kept.size());
  };
  for (const Section& section : module.sections) EXPECT_TRUE(inside(section.name));
  for (const ModinfoEntry& entry : module.modinfo) EXPECT_TRUE(inside(entry.value));
  for (const Symbol& symbol : module.imports) EXPECT_TRUE(inside(symbol.name));
  for (const Parameter& parameter : module.parameters) EXPECT_TRUE(inside(parameter.type));
}

TEST(DropBytes, TwiceIsOnce) {
  Module module = read_built(honest_builder());
  drop_bytes(module);
  const auto kept = module.kept;
  drop_bytes(module);
  EXPECT_EQ(module.kept, kept);
}

}  // namespace
}  // namespace kovet
