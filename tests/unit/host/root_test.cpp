#include "host/root.h"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace kovet {
namespace {

namespace fs = std::filesystem;

class RootTest : public ::testing::Test {
 protected:
  testing::TempDir dir;
  Root root() const { return Root::open(dir.path()).value(); }
};

TEST_F(RootTest, AbsoluteLinksStayInside) {
  dir.write("usr/lib/modules/x/file", "inside");
  fs::create_symlink("/usr/lib", dir.path() / "lib");
  EXPECT_EQ(root().resolve("/lib/modules/x/file"), dir.path() / "usr/lib/modules/x/file");
  EXPECT_EQ(root().read("/lib/modules/x/file").value(), "inside");
}

TEST_F(RootTest, DotsDoNotLeaveTheRoot) {
  dir.write("etc/passwd-of-root", "mine");
  fs::create_directories(dir.path() / "a/b");
  fs::create_symlink("../../../../../../etc/passwd-of-root", dir.path() / "a/b/up");
  EXPECT_EQ(root().read("/a/b/up").value(), "mine");
  EXPECT_FALSE(root().resolve("/../../../../../proc/self"));
}

TEST_F(RootTest, LoopsAndDanglingLinksAreNothing) {
  fs::create_symlink("/loop", dir.path() / "loop");
  fs::create_symlink("/nowhere", dir.path() / "dangling");
  EXPECT_FALSE(root().resolve("/loop"));
  EXPECT_FALSE(root().resolve("/dangling"));
}

TEST_F(RootTest, ShowsPathsOfTheMachine) {
  EXPECT_EQ(root().on_machine(dir.path() / "etc/x"), "/etc/x");
  EXPECT_EQ(root().on_machine("/elsewhere"), "/elsewhere");
}

TEST_F(RootTest, ReadIsBounded) {
  dir.write("big", std::string(1000, 'x'));
  EXPECT_EQ(root().read("/big", 1000).value().size(), 1000u);
  EXPECT_FALSE(root().read("/big", 999));
  EXPECT_FALSE(root().read("/"));
  EXPECT_FALSE(root().read("/missing"));
}

TEST(RootOpen, NeedsAFolder) {
  EXPECT_FALSE(Root::open("/no/such/folder"));
  EXPECT_FALSE(Root::open("/etc/hostname"));
  EXPECT_TRUE(Root::open("/").value().is_running_machine());
}

}  // namespace
}  // namespace kovet
