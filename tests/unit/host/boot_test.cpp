#include <gmock/gmock.h>

#include "tests/unit/host/fake_machine.h"

namespace kovet {
namespace {

using testing::FakeMachine;
using ::testing::HasSubstr;

class BootTest : public ::testing::Test {
 protected:
  void SetUp() override {
    KOVET_NEEDS_KMOD();
    machine.module("kernel/my-mod.ko");
    machine.depmod();
  }
  FakeMachine machine;
};

TEST_F(BootTest, ModulesLoadFoldersMaskEachOther) {
  machine.write("/usr/lib/modules-load.d/a.conf", "my-mod\n");
  machine.write("/etc/modules-load.d/b.conf", "# comment\n; other\n  my_mod  \n");
  auto report = machine.ask("my_mod");
  ASSERT_EQ(report.targets[0].boot.size(), 2u);
  EXPECT_EQ(report.targets[0].boot[1].at, (Location{"/etc/modules-load.d/b.conf", 3}));
  machine.write("/etc/modules-load.d/a.conf", "");
  EXPECT_EQ(machine.ask("my_mod").targets[0].boot.size(), 1u);
}

TEST_F(BootTest, BlacklistedModulesAreSkipped) {
  machine.write("/etc/modules-load.d/a.conf", "my-mod\n");
  machine.write("/etc/modprobe.d/a.conf", "blacklist my-mod\n");
  const auto report = machine.ask("my_mod");
  EXPECT_THAT(report.targets[0].boot.at(0).effect, HasSubstr("skipped"));
  EXPECT_TRUE(FakeMachine::finding(report, "boot-load-blacklisted"));
}

TEST_F(BootTest, OldListsAndTheCommandLine) {
  machine.write("/etc/modules", "my-mod\n");
  machine.write("/etc/initramfs-tools/modules", "my_mod opt=1\n");
  const auto report = machine.ask("my_mod", "modules_load=x,my_mod");
  EXPECT_EQ(report.targets[0].boot.size(), 3u);
  // Debian links it into modules-load.d: then it is one list, not two.
  machine.link("/etc/modules-load.d/modules.conf", "../modules");
  const auto linked = machine.ask("my_mod");
  ASSERT_EQ(linked.targets[0].boot.size(), 2u);
  EXPECT_EQ(linked.targets[0].boot[0].at.file, "/etc/modules-load.d/modules.conf");
}

TEST_F(BootTest, AListedModuleWithOptionsIsNotFound) {
  machine.write("/etc/modules-load.d/a.conf", "my-mod level=1\n");
  const auto report = machine.ask("my_mod");
  ASSERT_EQ(report.targets[0].boot.size(), 1u);
  EXPECT_THAT(report.targets[0].boot[0].effect, HasSubstr("not loaded"));
  const auto* finding = FakeMachine::finding(report, "boot-line-with-options");
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->at, (Location{"/etc/modules-load.d/a.conf", 1}));
}

TEST_F(BootTest, WhatAsksForAMissingModuleIsNamed) {
  machine.write("/etc/modules-load.d/a.conf", "\nno-such\n");
  const auto report = machine.ask("no_such");
  EXPECT_EQ(report.answer, HostAnswer::not_found);
  ASSERT_EQ(report.targets[0].boot.size(), 1u);
  EXPECT_EQ(report.targets[0].boot[0].at, (Location{"/etc/modules-load.d/a.conf", 2}));
  EXPECT_THAT(host_text(report, false, false), HasSubstr("/etc/modules-load.d/a.conf:2: "));
}

TEST_F(BootTest, GrubDefaultsAreNamedButNotTrusted) {
  machine.write("/etc/default/grub", "A=1\nGRUB_CMDLINE_LINUX=\"module_blacklist=my_mod\"\n");
  const auto report = machine.ask("my_mod");
  EXPECT_EQ(report.answer, HostAnswer::would_load);
  EXPECT_THAT(report.assumptions, ::testing::Contains(HasSubstr("/etc/default/grub:2")));
}

}  // namespace
}  // namespace kovet
