#include "host/kernel_cmdline.h"

#include <gmock/gmock.h>

#include "tests/support/temp_dir.h"

namespace kovet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

KernelCommandLine parse(std::string_view text) {
  return parse_kernel_cmdline(text, "here");
}

std::vector<std::string> options(std::string_view text) {
  std::vector<std::string> result;
  for (const auto& entry : parse(text).entries)
    result.push_back(std::string(to_string(entry.kind)) + " " + entry.name + " " + entry.value);
  return result;
}

TEST(KernelCommandLine, OptionsAndBlacklists) {
  EXPECT_THAT(
      options("quiet my-mod.debug=1 modprobe.blacklist=a,b-c root=UUID=1.2 x.flag\n"),
      ElementsAre("options my_mod debug=1", "blacklist a ", "blacklist b-c ", "options x flag"));
}

// A disk that is mounted to be mended, with /proc mounted in it for chroot.
TEST(KernelCommandLine, ThatOfTheKernelThatRunsHereIsNotAnotherRoots) {
  testing::TempDir dir;
  dir.write("proc/cmdline", "quiet module_blacklist=hello\n");
  const auto root = Root::open(dir.path()).value();
  EXPECT_THAT(read_kernel_cmdline(root, dir.path() / "proc/cmdline").module_blacklist,
              ElementsAre("hello"));
  const auto mounted = read_kernel_cmdline(root, "/proc/cmdline");
  EXPECT_TRUE(mounted.not_taken);
  EXPECT_THAT(mounted.origin, IsEmpty());
  EXPECT_THAT(mounted.text, IsEmpty());
  const auto own = read_kernel_cmdline(Root::open("/").value(), "/proc/cmdline");
  EXPECT_FALSE(own.not_taken);
  EXPECT_EQ(own.origin, "/proc/cmdline");
}

TEST(KernelCommandLine, QuotesAsGrubWritesThem) {
  EXPECT_THAT(
      options("\"m.dyndbg=file a.c +p\" n.x=\"1 2\" o.y=3"),
      ElementsAre("options m dyndbg=\"file a.c +p\"", "options n x=\"1 2\"", "options o y=3"));
}

TEST(KernelCommandLine, WhatIsNoOption) {
  EXPECT_THAT(options("a=b.c 0.0.0.0:2024 x\".y=1 \"p q.r=1\""), IsEmpty());
}

TEST(KernelCommandLine, TheKernelsOwnWords) {
  const auto line = parse("module_blacklist=a,b modules_load=c,d -- module_blacklist=e nomodule");
  EXPECT_THAT(line.module_blacklist, ElementsAre("a", "b"));
  EXPECT_THAT(line.modules_load, ElementsAre("c", "d"));
  EXPECT_FALSE(line.modules_disabled);
  EXPECT_TRUE(parse("x nomodule").modules_disabled);
  EXPECT_FALSE(parse("nomodule=0").modules_disabled);
}

TEST(SplitArguments, QuotesAndFlags) {
  const auto list = split_arguments("  a=1 b c=\"x y\" \"d=z w\" ");
  ASSERT_EQ(list.size(), 4u);
  EXPECT_EQ(list[0].value, "1");
  EXPECT_FALSE(list[1].has_value);
  EXPECT_EQ(list[2].value, "x y");
  EXPECT_EQ(list[3].name, "d");
  EXPECT_EQ(list[3].value, "z w");
}

}  // namespace
}  // namespace kovet
