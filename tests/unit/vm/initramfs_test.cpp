#include "vm/initramfs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"
#include "vm/guest_init.h"

namespace kovet::vm {
namespace {

using ::testing::HasSubstr;

TEST(Initramfs, ListsTheJobsInOrder) {
  testing::TempDir dir;
  const std::vector<LoadJob> jobs{{.file = dir.write("a b.ko", "first"), .parameters = "p=1 q=2"},
                                  {.file = dir.write("c.ko", "second"), .flags = 3}};
  const std::vector<PlannedGroup> groups{
      {.before = {{{.file = dir.write("dep.ko", "third")}, std::nullopt}}, .jobs = {0}},
      {.before = {{jobs[0], 0}}, .jobs = {1}}};
  const auto file = dir.path() / "archive";
  ASSERT_TRUE(write_initramfs(file, groups, jobs, std::chrono::seconds(7), true).has_value());
  const auto text = testing::read_text(file);
  EXPECT_THAT(text, HasSubstr("L\nD -1 7 0 /m/0-dep.ko\t\nM 0 7 0 /m/1-a_b.ko\tp=1 q=2\nG\n"
                              "D 0 7 0 /m/1-a_b.ko\tp=1 q=2\nM 1 7 3 /m/2-c.ko\t\nG\n"));
  EXPECT_THAT(text, HasSubstr(guest_init()));
}

TEST(Initramfs, NamesAModuleThatCannotBeRead) {
  testing::TempDir dir;
  const std::vector<LoadJob> jobs{{.file = dir.path() / "none.ko"}};
  const std::vector<PlannedGroup> groups{{.jobs = {0}}};
  const auto written =
      write_initramfs(dir.path() / "archive", groups, jobs, std::chrono::seconds(1), false);
  ASSERT_TRUE(written.has_error());
  EXPECT_EQ(written.error().where, jobs[0].file);
}

}  // namespace
}  // namespace kovet::vm
