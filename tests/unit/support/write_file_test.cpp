#include "support/write_file.h"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace kovet {
namespace {

TEST(WriteFile, WritesAndReplaces) {
  testing::TempDir dir;
  const auto file = dir.path() / "report.json";
  ASSERT_TRUE(write_file(file, "one").has_value());
  ASSERT_TRUE(write_file(file, "two").has_value());
  EXPECT_EQ(testing::read_text(file), "two");
}

TEST(WriteFile, MissingFolderIsAnErrorThatNamesTheFile) {
  testing::TempDir dir;
  const auto written = write_file(dir.path() / "no/such/report", "x");
  ASSERT_FALSE(written.has_value());
  EXPECT_NE(written.error().where.find("no/such/report"), std::string::npos);
}

TEST(WriteFile, FullDiskIsAnError) {
  const auto written = write_file("/dev/full", "x");
  ASSERT_FALSE(written.has_value());
  EXPECT_NE(written.error().what.find("No space left"), std::string::npos);
}

TEST(WriteFile, LeavesNoTemporaryBehind) {
  testing::TempDir dir;
  ASSERT_TRUE(write_file(dir.path() / "a", "x").has_value());
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(dir.path())) ++files;
  EXPECT_EQ(files, 1U);
}

}  // namespace
}  // namespace kovet
