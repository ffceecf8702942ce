#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernel/read_kernel.h"
#include "kernel_root.h"
#include "tests/support/facts.h"

namespace kovet {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::KernelRoot;

TEST(ListKernels, OneWholeKernel) {
  KernelRoot tree;
  tree.write("boot/vmlinuz-" + tree.release(), "MZ");
  tree.add_module("crc7", testing::fixture_vermagic(), 1344);
  const auto kernels = list_kernels(tree.root());
  ASSERT_EQ(kernels.size(), 1U);
  EXPECT_EQ(kernels[0].release, tree.release());
  EXPECT_EQ(kernels[0].arch, "x86_64");
  EXPECT_EQ(kernels[0].build_directory, tree.headers());
  EXPECT_EQ(kernels[0].modules_dir, tree.release_dir());
  EXPECT_THAT(kernels[0].image, EndsWith("boot/vmlinuz-" + tree.release()));
  EXPECT_THAT(kernels[0].gaps, IsEmpty());
}

TEST(ListKernels, SortsByVersionAndSeesEveryTrace) {
  KernelRoot tree("6.12.30-b");
  tree.write("boot/vmlinuz-6.9.1", "MZ");
  tree.write("boot/vmlinuz-6.9.1.old", "MZ");
  tree.write("boot/vmlinuz-0-rescue", "MZ");
  tree.write("lib/modules/6.100.2/kernel/x", "");
  tree.write("usr/src/linux-headers-6.12.4-a/.config", "CONFIG_ARM64=y\nCONFIG_64BIT=y\n");
  tree.write("usr/src/linux-headers-6.12.4/Makefile", "");
  tree.write("usr/src/kernels/6.8.5-301.fc40.x86_64/.config", "");
  tree.write("lib/modules/notes.txt", "");
  std::vector<std::string> releases;
  for (const KernelListing& kernel : list_kernels(tree.root())) releases.push_back(kernel.release);
  EXPECT_THAT(releases,
              ElementsAre("6.8.5-301.fc40.x86_64", "6.9.1", "6.12.4-a", "6.12.30-b", "6.100.2"));
}

TEST(ListKernels, WhatIsMissingIsEmptyAndAGap) {
  KernelRoot tree;
  tree.remove("usr");
  tree.remove("lib");
  tree.write("boot/vmlinuz-6.9.1", "MZ");
  const auto kernels = list_kernels(tree.root());
  ASSERT_EQ(kernels.size(), 1U);
  EXPECT_EQ(kernels[0].arch, "");
  EXPECT_EQ(kernels[0].build_directory, "");
  EXPECT_EQ(kernels[0].modules_dir, "");
  ASSERT_EQ(kernels[0].gaps.size(), 1U);
  EXPECT_THAT(kernels[0].gaps[0].what, HasSubstr("no headers of 6.9.1"));
}

TEST(ListKernels, AnEmptyRootHasNone) {
  testing::TempDir dir;
  EXPECT_THAT(list_kernels(dir.path()), IsEmpty());
  EXPECT_THAT(list_kernels(dir.path() / "missing"), IsEmpty());
}

}  // namespace
}  // namespace kovet
