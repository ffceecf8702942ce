#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernel/read_kernel.h"
#include "kernel_root.h"
#include "tests/support/temp_dir.h"

namespace kovet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::KernelRoot;
using testing::TempDir;

/// The only gap of the tree, as "what -> hint"; says so when there are more or none.
std::string only_gap(const KernelRoot& tree) {
  const auto kernel = read_kernel(tree.release(), tree.root());
  if (!kernel) return "error: " + to_string(kernel.error());
  std::string text;
  for (const Gap& gap : kernel->gaps) text += gap.what + " -> " + gap.hint + "\n";
  if (kernel->gaps.size() != 1) return fmt::format("{} gaps\n{}", kernel->gaps.size(), text);
  return text;
}

class Gaps : public ::testing::Test {
 protected:
  std::string headers_package() const { return "linux-headers-" + tree.release(); }
  void remove_header(const std::string& file) {
    tree.remove("usr/src/" + headers_package() + "/" + file);
  }
  void expect_gap(const std::string& what, const std::string& hint) const {
    const std::string gap = only_gap(tree);
    EXPECT_THAT(gap, HasSubstr(what));
    EXPECT_THAT(gap, HasSubstr("-> " + hint));
  }
  KernelRoot tree;
};

TEST_F(Gaps, NoSymvers) {
  remove_header("Module.symvers");
  expect_gap("no Module.symvers in ", "apt install --reinstall " + headers_package());
}

TEST_F(Gaps, EmptySymvers) {
  tree.write_header("Module.symvers", "\n");
  expect_gap("Module.symvers is empty", "apt install --reinstall " + headers_package());
}

TEST_F(Gaps, SymversWithoutVmlinux) {
  tree.write_header("Module.symvers", "0x00000001\ta\tdrivers/x\tEXPORT_SYMBOL\t\n");
  expect_gap("has no symbol of vmlinux", "apt install");
}

TEST_F(Gaps, NoAutoConf) {
  remove_header("include/config/auto.conf");
  tree.write_header(".config", "CONFIG_64BIT=y\nCONFIG_X86_64=y\n");
  expect_gap("no include/config/auto.conf in ", "apt install");
}

TEST_F(Gaps, NoKernelRelease) {
  remove_header("include/config/kernel.release");
  expect_gap("no include/config/kernel.release in ", "apt install --reinstall " + headers_package());
}

TEST_F(Gaps, NoGeneratedHeadersOfTheMachine) {
  remove_header("arch");
  expect_gap("no arch/x86/include/generated in ", "apt install --reinstall " + headers_package());
}

TEST_F(Gaps, NoMakefileOfTheMachine) {
  const std::string common = "linux-headers-6.12.30+deb13-common";
  tree.remove("usr/src/" + common + "/arch");
  expect_gap("no arch/x86/Makefile in " + (tree.root() / "usr/src" / common).string(),
             "apt install --reinstall " + common);
}

// What is missing of a configuration would read as "is not set": better none of it.
TEST_F(Gaps, AutoConfThatWasCutShort) {
  const auto whole = read_kernel(tree.release(), tree.root());
  ASSERT_TRUE(whole && whole->config);
  tree.write_header("include/config/auto.conf", "CONFIG_X86=y\nCONFIG_X86_64=y\nCONFIG_MODULE_SI");
  expect_gap("include/config/auto.conf was cut short", "apt install --reinstall " + headers_package());
  const auto cut = read_kernel(tree.release(), tree.root());
  ASSERT_TRUE(cut);
  EXPECT_FALSE(cut->config);
  EXPECT_FALSE(cut->vermagic);
  tree.write_header(".config", "CONFIG_64BIT=y\nCONFIG_X86_64=y\n");
  const auto other = read_kernel(tree.release(), tree.root());
  ASSERT_TRUE(other && other->config);
  EXPECT_THAT(other->config.origin, HasSubstr("/.config"));
}

TEST_F(Gaps, NoUtsrelease) {
  remove_header("include/generated/utsrelease.h");
  expect_gap("no include/generated/utsrelease.h in ", "apt install");
}

TEST_F(Gaps, ReleaseContradictsTheFolder) {
  tree.write_header("include/generated/utsrelease.h", "#define UTS_RELEASE \"6.12.31-other\"\n");
  expect_gap("says 6.12.31-other, but the folder is named " + tree.release(), "name the kernel");
}

TEST_F(Gaps, MissingTools) {
  tree.remove("usr/lib/linux-kbuild-6.12.30+deb13/scripts/mod/modpost");
  expect_gap("no scripts/mod/modpost in ", "apt install --reinstall linux-kbuild-6.12.30+deb13");
}

TEST_F(Gaps, ToolsPackageNotInstalled) {
  tree.remove("usr/lib/linux-kbuild-6.12.30+deb13");
  expect_gap("scripts leads to ", "apt install linux-kbuild-6.12.30+deb13");
}

TEST_F(Gaps, CommonHeadersNotInstalled) {
  tree.remove("usr/src/linux-headers-6.12.30+deb13-common");
  const auto kernel = read_kernel(tree.release(), tree.root());
  ASSERT_TRUE(kernel.has_value());
  ASSERT_EQ(kernel->gaps.size(), 2U);  // the source link, and what the Makefile includes
  EXPECT_EQ(kernel->gaps[0].hint, "apt install linux-headers-6.12.30+deb13-common");
  EXPECT_THAT(kernel->gaps[1].what,
              HasSubstr("Makefile includes /usr/src/linux-headers-6.12.30+deb13-common"));
  EXPECT_EQ(kernel->gaps[1].hint, "apt install linux-headers-6.12.30+deb13-common");
}

TEST_F(Gaps, DanglingBuildLink) {
  tree.remove("usr/src/" + headers_package());
  const std::string gap = only_gap(tree);
  EXPECT_THAT(gap,
              HasSubstr("build leads to /usr/src/" + headers_package() + ", which is not there"));
  EXPECT_THAT(gap, HasSubstr("-> apt install " + headers_package()));
}

TEST_F(Gaps, ALinkThatLeadsInCirclesIsDangling) {
  tree.remove("usr/src/" + headers_package());
  tree.link("usr/src/" + headers_package(), headers_package());
  EXPECT_THAT(only_gap(tree), HasSubstr("which is not there"));
}

TEST(TreeOfLinks, WhoseTargetsAreGoneIsToldSo) {
  TempDir dir;
  for (const char* const name : {"Makefile", "include", "Module.symvers"})
    std::filesystem::create_symlink(std::string("/gone/tree/") + name, dir.path() / name);
  std::filesystem::create_symlink("/gone/linux-headers-6.1.0-1-amd64/.config",
                                  dir.path() / ".config");
  const auto kernel = read_kernel(dir.path().string(), "/");
  ASSERT_TRUE(kernel.has_value());
  std::string all;
  for (const auto& gap : kernel->gaps) all += gap.what + " -> " + gap.hint + "\n";
  EXPECT_THAT(all, HasSubstr("Makefile leads to /gone/tree/Makefile, which is not there -> put back"));
  EXPECT_THAT(all, HasSubstr("include leads to /gone/tree/include, which is not there -> put back"));
  EXPECT_THAT(all, HasSubstr(".config leads to /gone/linux-headers-6.1.0-1-amd64/.config, which is "
                             "not there -> apt install linux-headers-6.1.0-1-amd64"));
  EXPECT_THAT(all, Not(HasSubstr("no include/")));
  EXPECT_THAT(all, Not(HasSubstr("no Makefile")));
}

TEST_F(Gaps, LinksOutOfTheRootStayInside) {
  // The link must not lead to this machine's own files.
  tree.remove("usr/src/" + headers_package());
  tree.link("lib/modules/" + tree.release() + "/build", "/etc");
  EXPECT_THAT(only_gap(tree), HasSubstr("build leads to /etc, which is not there"));
}

}  // namespace
}  // namespace kovet
