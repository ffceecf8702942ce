#include "kernel/read_kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "kernel_root.h"
#include "tests/support/facts.h"

namespace kovet {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using testing::fixture_vermagic;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::KernelRoot;

Kernel read(const std::string& spec, const fs::path& root = "/") {
  auto kernel = read_kernel(spec, root);
  if (!kernel) throw Fatal(kernel.error());
  return std::move(*kernel);
}

std::string all_gaps(const Kernel& kernel) {
  std::string text;
  for (const Gap& gap : kernel.gaps) text += gap.what + " -> " + gap.hint + "\n";
  return text;
}

void expect_whole(const Kernel& kernel, const KernelRoot& tree) {
  ASSERT_TRUE(kernel.release);
  EXPECT_EQ(*kernel.release, tree.release());
  EXPECT_THAT(kernel.release.origin, EndsWith("include/generated/utsrelease.h"));
  EXPECT_EQ(kernel.version, (KernelVersion{6, 12, 30}));
  ASSERT_TRUE(kernel.config);
  EXPECT_THAT(kernel.config.origin, EndsWith("include/config/auto.conf"));
  ASSERT_TRUE(kernel.arch);
  EXPECT_EQ(*kernel.arch, Arch::x86_64);
  EXPECT_EQ(kernel.distribution, Distribution::debian);
  ASSERT_TRUE(kernel.symvers);
  EXPECT_EQ(kernel.symvers->symbols.size(), testing::honest_symbols().size());
  ASSERT_TRUE(kernel.vermagic);
  EXPECT_EQ(*kernel.vermagic, fixture_vermagic());
  ASSERT_TRUE(kernel.compiler);
  EXPECT_THAT(*kernel.compiler, HasSubstr("Debian 12.2.0"));
  EXPECT_EQ(fs::canonical(kernel.source), fs::canonical(tree.headers()));
  EXPECT_EQ(all_gaps(kernel), "");
}

TEST(ReadKernel, AReleaseBelowARoot) {
  const KernelRoot tree;
  const Kernel kernel = read(tree.release(), tree.root());
  expect_whole(kernel, tree);
  EXPECT_TRUE(kernel.vermagic_computed);
  EXPECT_EQ(kernel.modules_dir, "");
  EXPECT_FALSE(kernel.struct_module_size);
  EXPECT_THAT(kernel.struct_module_size.supply, HasSubstr("apt install linux-image-"));
}

TEST(ReadKernel, ABuildDirectory) {
  const KernelRoot tree;
  expect_whole(read(tree.headers()), tree);
  expect_whole(read(tree.headers().string() + "/"), tree);
}

TEST(ReadKernel, AModulesFolderOfAnotherRoot) {
  KernelRoot tree;
  tree.add_module("crc7", fixture_vermagic(), 1344);
  const Kernel kernel = read(tree.release_dir());
  expect_whole(kernel, tree);
  EXPECT_EQ(kernel.modules_dir, tree.release_dir());
  EXPECT_FALSE(kernel.vermagic_computed);
  EXPECT_THAT(kernel.vermagic.origin, EndsWith("crc7.ko"));
  ASSERT_TRUE(kernel.struct_module_size);
  EXPECT_EQ(*kernel.struct_module_size, 1344U);
}

TEST(ReadKernel, ABuildDirectoryFindsTheModulesThatLeadBackToIt) {
  KernelRoot tree;
  tree.add_module("crc7", fixture_vermagic(), 1344);
  EXPECT_EQ(read(tree.headers()).modules_dir, tree.release_dir());
}

TEST(ReadKernel, ALoneSymvers) {
  testing::TempDir dir;
  const auto file = dir.write("Module.symvers", testing::symvers_text(testing::honest_symbols()));
  const Kernel kernel = read(file);
  ASSERT_TRUE(kernel.symvers);
  EXPECT_EQ(kernel.symvers->symbols.size(), testing::honest_symbols().size());
  EXPECT_FALSE(kernel.release);
  EXPECT_THAT(kernel.release.origin, HasSubstr("only a Module.symvers"));
  EXPECT_FALSE(kernel.config);
  EXPECT_FALSE(kernel.vermagic);
  EXPECT_FALSE(kernel.arch);
  EXPECT_FALSE(kernel.struct_module_size);
  EXPECT_EQ(all_gaps(kernel), "");
}

TEST(ReadKernel, ARelativeRootAndDotsAreFine) {
  const KernelRoot tree;
  expect_whole(read(tree.release(), tree.root() / "usr/.."), tree);
  expect_whole(read(tree.release(), tree.root().string() + "/"), tree);
}

TEST(ReadKernel, TheExactVersionIsThatOfTheHeaders) {
  KernelRoot tree("6.12.0-7-amd64");
  tree.write_header("include/generated/uapi/linux/version.h",
                    "#define LINUX_VERSION_CODE 1\n#define LINUX_VERSION_MAJOR 6\n"
                    "#define LINUX_VERSION_PATCHLEVEL 12\n#define LINUX_VERSION_SUBLEVEL 192\n");
  EXPECT_EQ(read(tree.headers()).version, (KernelVersion{6, 12, 192}));
  tree.write_header("include/generated/uapi/linux/version.h",
                    "#define LINUX_VERSION_MAJOR 5\n#define LINUX_VERSION_PATCHLEVEL 10\n"
                    "#define LINUX_VERSION_SUBLEVEL 3\n");
  EXPECT_EQ(read(tree.headers()).version, (KernelVersion{6, 12, 0}));
}

TEST(ReadKernel, ModulesOfAnotherBuildAreNoEvidence) {
  KernelRoot tree;
  tree.add_module("a_foreign", "6.12.29+deb13-amd64 SMP preempt mod_unload modversions ", 640);
  tree.add_module("b_out_of_tree", fixture_vermagic(), 640, false);
  tree.add_module("c_right_one_with_a_longer_name", fixture_vermagic(), 1344);
  const Kernel kernel = read(tree.release(), tree.root());
  EXPECT_EQ(kernel.struct_module_size.value, 1344U);
  EXPECT_THAT(kernel.vermagic.origin, HasSubstr("c_right_one"));
}

TEST(ReadKernel, DamagedModulesAreNoEvidence) {
  KernelRoot tree;
  tree.write("lib/modules/" + tree.release() + "/kernel/a.ko", "not ELF");
  tree.write("lib/modules/" + tree.release() + "/kernel/b.ko.xz",
             "\xfd"
             "7zXZ but cut");
  const Kernel kernel = read(tree.release(), tree.root());
  EXPECT_TRUE(kernel.vermagic_computed);
  EXPECT_FALSE(kernel.struct_module_size);
}

TEST(ReadKernel, HeadersAndModulesOfDifferentBuildsAreAGap) {
  KernelRoot tree;
  tree.add_module("crc7", tree.release() + " SMP mod_unload modversions ", 1344);
  const Kernel kernel = read(tree.release(), tree.root());
  EXPECT_EQ(kernel.vermagic.value, tree.release() + " SMP mod_unload modversions ");
  EXPECT_THAT(all_gaps(kernel), HasSubstr("not of one build"));
}

TEST(ReadKernel, ModulesAloneTellWhatTheyCan) {
  KernelRoot tree;
  tree.remove("usr");
  tree.remove("lib/modules/" + tree.release() + "/build");
  tree.remove("lib/modules/" + tree.release() + "/source");
  tree.add_module("crc7", fixture_vermagic(), 1344);
  const Kernel kernel = read(tree.release(), tree.root());
  EXPECT_EQ(kernel.release.value, tree.release());
  EXPECT_EQ(kernel.vermagic.value, fixture_vermagic());
  EXPECT_EQ(kernel.arch.value, Arch::x86_64);
  EXPECT_FALSE(kernel.config);
  EXPECT_FALSE(kernel.symvers);
  EXPECT_THAT(all_gaps(kernel), HasSubstr("no headers of"));
}

TEST(ReadKernel, TheConfigurationInBootServesWhereHeadersHaveNone) {
  KernelRoot tree;
  tree.remove("usr/src/linux-headers-" + tree.release() + "/include/config");
  tree.write("boot/config-" + tree.release(), testing::honest_config_text());
  const Kernel kernel = read(tree.release(), tree.root());
  ASSERT_TRUE(kernel.config);
  EXPECT_THAT(kernel.config.origin, HasSubstr("boot/config-"));
  EXPECT_THAT(all_gaps(kernel), HasSubstr("no include/config/auto.conf"));
}

TEST(ReadKernel, FindsTheImage) {
  KernelRoot tree;
  tree.write("boot/vmlinuz-" + tree.release(), "MZ");
  EXPECT_THAT(read(tree.release(), tree.root()).image, EndsWith("/boot/vmlinuz-" + tree.release()));
}

TEST(ReadKernel, ReadsCompressedSymversOfFedorasModulesFolder) {
  KernelRoot tree("6.8.5-301.fc40.x86_64");
  tree.remove("usr");
  tree.remove("lib/modules/" + tree.release() + "/source");
  tree.link("lib/modules/" + tree.release() + "/build", "/usr/src/kernels/" + tree.release());
  const std::string text = testing::symvers_text(testing::honest_symbols());
  const auto file = tree.write("lib/modules/" + tree.release() + "/symvers.gz", "");
  gzFile out = gzopen(file.c_str(), "wb");
  gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
  gzclose(out);
  const Kernel kernel = read(tree.release(), tree.root());
  ASSERT_TRUE(kernel.symvers);
  EXPECT_EQ(kernel.symvers->symbols.size(), testing::honest_symbols().size());
  EXPECT_EQ(kernel.distribution, Distribution::fedora);
  EXPECT_THAT(all_gaps(kernel), HasSubstr("dnf install kernel-devel-6.8.5-301.fc40.x86_64"));
}

TEST(ReadKernel, ASelfBuiltKernelOnDebianIsNotDebians) {
  testing::TempDir dir;
  dir.write("linux/Makefile", "VERSION = 6\n");
  dir.write("linux/include/config/auto.conf", testing::honest_config_text());
  dir.write("linux/include/generated/utsrelease.h", "#define UTS_RELEASE \"6.12.1-mine\"\n");
  const Kernel kernel = read((dir.path() / "linux").string());
  EXPECT_EQ(kernel.distribution, Distribution::unknown);
  EXPECT_EQ(kernel.release.value, "6.12.1-mine");
  EXPECT_THAT(all_gaps(kernel),
              HasSubstr("make -C " + fs::canonical(dir.path()).string() + "/linux modules"));
}

TEST(ReadKernel, RandomStructuresTakeTheHashFromTheTree) {
  KernelRoot tree;
  tree.write_header("include/config/auto.conf",
                    testing::honest_config_text() + "CONFIG_RANDSTRUCT=y\n");
  EXPECT_FALSE(read(tree.headers()).vermagic);
  tree.write_header("include/generated/randstruct_hash.h",
                    "#define RANDSTRUCT_HASHED_SEED \"0123abcd\"\n");
  EXPECT_EQ(read(tree.headers()).vermagic.value, fixture_vermagic() + "RANDSTRUCT_0123abcd");
}

TEST(ReadKernel, RealTimeIsDecidedByTheSourceOfTheHeaders) {
  KernelRoot tree;
  tree.write_header("include/config/auto.conf",
                    testing::honest_config_text() + "CONFIG_PREEMPT_RT=y\n");
  EXPECT_EQ(read(tree.release(), tree.root()).vermagic.value, fixture_vermagic());
}

TEST(ReadKernelErrors, AnUnknownReleaseListsWhatIsThere) {
  KernelRoot tree;
  tree.write("etc/os-release", "ID=debian\n");
  const auto kernel = read_kernel("6.99.0-amd64", tree.root());
  ASSERT_FALSE(kernel.has_value());
  EXPECT_EQ(kernel.error().where, "6.99.0-amd64");
  EXPECT_THAT(kernel.error().what, HasSubstr("no such kernel"));
  EXPECT_THAT(kernel.error().hint, HasSubstr(tree.release()));
  EXPECT_THAT(kernel.error().hint, HasSubstr("apt install linux-headers-6.99.0-amd64"));
}

TEST(ReadKernelErrors, NothingInstalledIsSaid) {
  testing::TempDir dir;
  const auto kernel = read_kernel("6.1.0", dir.path());
  ASSERT_FALSE(kernel.has_value());
  EXPECT_THAT(kernel.error().hint, HasSubstr("no kernel is installed below"));
}

TEST(ReadKernelErrors, PathsThatAreNoKernel) {
  testing::TempDir dir;
  dir.write("some/file", "x");
  const auto folder = read_kernel((dir.path() / "some").string());
  ASSERT_FALSE(folder.has_value());
  EXPECT_THAT(folder.error().what, HasSubstr("neither a kernel's build directory nor"));
  const auto missing = read_kernel((dir.path() / "none").string());
  ASSERT_FALSE(missing.has_value());
  EXPECT_THAT(missing.error().what, HasSubstr("no such file or folder"));
  EXPECT_FALSE(read_kernel("/dev/null").has_value());
  EXPECT_FALSE(read_kernel("").has_value());
  EXPECT_FALSE(read_kernel("..", dir.path()).has_value());
  EXPECT_FALSE(read_kernel((dir.path() / "some/file").string()).has_value());
}

TEST(ReadKernelErrors, ARootFolderListsItsKernels) {
  const KernelRoot tree;
  const auto kernel = read_kernel(tree.root().string());
  ASSERT_FALSE(kernel.has_value());
  EXPECT_THAT(kernel.error().hint, HasSubstr(tree.release()));
}

TEST(ReadKernelErrors, AMalformedSymversOfATreeIsAnError) {
  KernelRoot tree;
  tree.write_header("Module.symvers", "garbage\n");
  EXPECT_FALSE(read_kernel(tree.release(), tree.root()).has_value());
}

}  // namespace
}  // namespace kovet
