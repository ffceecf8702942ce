#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernel/read_kernel.h"
#include "kernel/release_clash.h"
#include "kernel_root.h"
#include "tests/support/compress.h"
#include "tests/support/facts.h"
#include "tests/support/temp_dir.h"

namespace kovet {
namespace {

using testing::gzip;
using ::testing::HasSubstr;
using testing::honest_config_text;
using testing::honest_symbols;
using testing::KernelRoot;
using ::testing::Not;
using testing::symvers_text;
using testing::TempDir;
using testing::xz;
using testing::zstd;

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
  expect_gap("no include/config/kernel.release in ",
             "apt install --reinstall " + headers_package());
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
  expect_gap("include/config/auto.conf was cut short",
             "apt install --reinstall " + headers_package());
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

TEST_F(Gaps, FilesOfTheConfigurationWithoutOptions) {
  tree.write_header(".config", honest_config_text());
  tree.write_header("include/config/auto.conf", "");
  expect_gap("include/config/auto.conf has no option of the configuration in it",
             "apt install --reinstall " + headers_package());
  tree.write_header("include/config/auto.conf", honest_config_text());
  tree.write_header("include/generated/autoconf.h", "/* interrupted */\n");
  expect_gap("include/generated/autoconf.h has no option of the configuration in it",
             "apt install --reinstall " + headers_package());
}

TEST_F(Gaps, SymversThatOnlyKovetCanRead) {
  const std::string plain = symvers_text(honest_symbols());
  for (const auto& [packed, program] : {std::pair{xz(plain), "xz"}, std::pair{zstd(plain), "zstd"},
                                        std::pair{gzip(plain), "gzip"}}) {
    const auto file = tree.headers() / "Module.symvers";
    tree.write_header("Module.symvers", packed);
    expect_gap(
        fmt::format("{} is packed with {}: modpost reads plain text", file.string(), program),
        fmt::format("{} -dc {}", program, file.string()));
    const auto kernel = read_kernel(tree.release(), tree.root());
    ASSERT_TRUE(kernel && kernel->symvers);
    EXPECT_FALSE(kernel->symvers->symbols.empty());
    EXPECT_EQ(list_kernels(tree.root()).at(0).gaps.size(), 1U);
  }
}

TEST(TreeWithoutARelease, IsToldToBeMadeReady) {
  TempDir dir;
  dir.write("Makefile", "VERSION = 6\n");
  dir.write("include/config/auto.conf", "CONFIG_X86_64=y\n");
  const auto kernel = read_kernel(dir.path().string(), "/");
  ASSERT_TRUE(kernel);
  EXPECT_EQ(kernel->symvers.supply, "make -C " + dir.path().string() + " modules_prepare");
  EXPECT_EQ(kernel->release.supply, "make -C " + dir.path().string() + " modules_prepare");
}

TEST_F(Gaps, UtsreleaseAndKernelReleaseOfTwoKernels) {
  tree.write_header("include/config/kernel.release", "6.12.31+deb13-amd64\n");
  expect_gap("include/generated/utsrelease.h says " + tree.release() + ", but ",
             "apt install --reinstall " + headers_package());
  EXPECT_THAT(only_gap(tree), HasSubstr("include/config/kernel.release says 6.12.31+deb13-amd64: "
                                        "files of two kernels are mixed in one tree"));
  // No module of that kernel tells which of them it is.
  const auto kernel = read_kernel(tree.release(), tree.root());
  ASSERT_TRUE(kernel);
  EXPECT_FALSE(kernel->vermagic);
  EXPECT_THAT(kernel->vermagic.origin, HasSubstr("which kernel the tree is of is not known"));
  // The list of kernels says the same.
  const auto listed = list_kernels(tree.root());
  ASSERT_EQ(listed.size(), 1U);
  ASSERT_EQ(listed[0].gaps.size(), 1U);
  EXPECT_EQ(listed[0].gaps[0].what, kernel->gaps[0].what);
}

TEST_F(Gaps, TheReleaseOfTheOtherFileIsNoNameOfAPackage) {
  tree.write_header("include/generated/utsrelease.h", "#define UTS_RELEASE \"6.12.31-other\"\n");
  const auto kernel = read_kernel(tree.release(), tree.root());
  ASSERT_TRUE(kernel && !kernel->gaps.empty());
  EXPECT_EQ(kernel->gaps[0].hint, "apt install --reinstall " + headers_package());
}

TEST_F(Gaps, HeadersOfAnotherSeries) {
  tree.write_header("include/generated/uapi/linux/version.h",
                    "#define LINUX_VERSION_CODE 393664\n#define LINUX_VERSION_MAJOR 6\n"
                    "#define LINUX_VERSION_PATCHLEVEL 1\n#define LINUX_VERSION_SUBLEVEL 192\n");
  expect_gap("version.h says 6.1.192: files of two kernels", "apt install");
}

/// What a tree of 6.1.0-56-amd64 says of itself, as Debian's packages have it or not.
std::string clash_of(const std::string& kernel_release, const std::string& version_h,
                     const std::string& utsrelease = "6.1.0-56-amd64") {
  TempDir dir;
  dir.write("include/generated/utsrelease.h", "#define UTS_RELEASE \"" + utsrelease + "\"\n");
  dir.write("include/config/kernel.release", kernel_release + "\n");
  if (!version_h.empty()) dir.write("include/generated/uapi/linux/version.h", version_h);
  const auto clash = release_clash(dir.path());
  return clash ? clash->second : "none";
}

TEST(ReleaseClash, DebianNamesUtsreleaseAfterItsAbi) {
  const std::string numbers =
      "#define LINUX_VERSION_CODE 393664\n#define LINUX_VERSION_MAJOR 6\n"
      "#define LINUX_VERSION_PATCHLEVEL 1\n#define LINUX_VERSION_SUBLEVEL 192\n";
  const std::string code = "#define LINUX_VERSION_CODE 393664\n";  // 6.1.192, without the names
  EXPECT_EQ(clash_of("6.1.192", numbers), "none");
  EXPECT_EQ(clash_of("6.1.192", code), "none");
  EXPECT_EQ(clash_of("6.1.192", ""), "none");
  EXPECT_EQ(clash_of("6.1.192-rt53", numbers, "6.1.0-56-rt-amd64"), "none");
  EXPECT_EQ(clash_of("6.1.0-56-amd64", ""), "none");
  EXPECT_EQ(clash_of("6.1.190", numbers), "6.1.190");
  EXPECT_EQ(clash_of("6.12.117+deb12-amd64", numbers), "6.12.117+deb12-amd64");
  EXPECT_EQ(clash_of("6.1.0-55-amd64", numbers), "6.1.0-55-amd64");
  EXPECT_EQ(clash_of("6.1.192-custom", numbers), "6.1.192-custom");
  EXPECT_EQ(clash_of("6.1.192", numbers, "6.1.192-custom"), "6.1.192");
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
  EXPECT_THAT(all,
              HasSubstr("Makefile leads to /gone/tree/Makefile, which is not there -> put back"));
  EXPECT_THAT(all,
              HasSubstr("include leads to /gone/tree/include, which is not there -> put back"));
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
