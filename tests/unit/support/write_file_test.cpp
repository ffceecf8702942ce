#include "support/write_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

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
  EXPECT_EQ(written.error().hint,
            "make its folder: mkdir -p '" + (dir.path() / "no/such").string() + "'");
}

TEST(WriteFile, MayWriteAsksAndLeavesNothing) {
  testing::TempDir dir;
  const auto file = dir.path() / "report", there = dir.write("there", "before");
  EXPECT_TRUE(may_write(file));
  EXPECT_TRUE(may_write(there));
  EXPECT_TRUE(may_write("/dev/null"));
  EXPECT_FALSE(may_write(dir.path()));
  EXPECT_FALSE(may_write(dir.path() / "no/report"));
  EXPECT_EQ(testing::read_text(there), "before");
  std::filesystem::remove(there);
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(WriteFile, FullDiskIsAnError) {
  const auto written = write_file("/dev/full", "x");
  ASSERT_FALSE(written.has_value());
  EXPECT_NE(written.error().what.find("No space left"), std::string::npos);
}

/// As /dev/stdout is where the output goes to a file that was deleted.
TEST(WriteFile, ALinkToADeletedFileStaysALink) {
  const testing::TempDir dir;
  const auto file = dir.path() / "deleted", link = dir.path() / "link";
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_GE(fd, 0);
  std::filesystem::create_symlink("/proc/self/fd/" + std::to_string(fd), link);
  std::filesystem::remove(file);
  EXPECT_TRUE(write_file(link, "text"));
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  std::string found(8, '\0');
  const ssize_t count = ::pread(fd, found.data(), found.size(), 0);
  ::close(fd);
  EXPECT_EQ(found.substr(0, count > 0 ? static_cast<std::size_t>(count) : 0), "text");
}

TEST(WriteFile, LeavesNoTemporaryBehind) {
  testing::TempDir dir;
  ASSERT_TRUE(write_file(dir.path() / "a", "x").has_value());
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(dir.path()))
    ++files;
  EXPECT_EQ(files, 1U);
}

}  // namespace
}  // namespace kovet
