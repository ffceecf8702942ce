#include <gmock/gmock.h>

#include <random>

#include "host/machine.h"
#include "host/module_files.h"
#include "tests/unit/host/fake_machine.h"

namespace kovet {
namespace {

using testing::FakeMachine;

/// The file our own order chooses, and the one the real depmod put into its index.
struct Both {
  std::string ours, depmods;
  bool undecided = false;
};

Both choose(const FakeMachine& machine, const std::string& name) {
  const auto root = Root::open(machine.root()).value();
  const auto config = read_depmod_config(root, FakeMachine::release);
  const auto files = list_module_files(root, machine.modules_dir(), config);
  const auto& list = files.at(name);
  const auto choice = choose_module_file(list, machine.modules_dir(), config, false);
  machine.depmod();
  Both both;
  both.ours = choice.winner ? list[*choice.winner].path : "";
  both.undecided = choice.by_directory_order;
  const auto opened = open_machine(
      {.subject = name, .root = machine.root().string(), .release = FakeMachine::release});
  if (const auto line = opened->index.find(name); line != opened->index.end())
    both.depmods = line->second.path;
  return both;
}

TEST(DepmodOrder, UpdatesComeFirstByDefault) {
  KOVET_NEEDS_KMOD();
  FakeMachine machine;
  machine.module("kernel/drivers/foo.ko");
  machine.module("updates/dkms/foo.ko");
  const auto both = choose(machine, "foo");
  EXPECT_EQ(both.ours, machine.modules_dir() + "/updates/dkms/foo.ko");
  EXPECT_EQ(both.ours, both.depmods);
  EXPECT_FALSE(both.undecided);
}

TEST(DepmodOrder, ExtraAgainstKernelIsUndecidedWithoutConfiguration) {
  KOVET_NEEDS_KMOD();
  FakeMachine machine;
  machine.module("kernel/drivers/foo.ko");
  machine.module("extra/foo.ko");
  const auto both = choose(machine, "foo");
  EXPECT_TRUE(both.undecided);
  EXPECT_EQ(both.ours, both.depmods);
}

TEST(DepmodOrder, SearchLine) {
  KOVET_NEEDS_KMOD();
  FakeMachine machine;
  machine.write("/etc/depmod.d/x.conf", "# order\nsearch updates extra built-in\n");
  machine.module("kernel/drivers/foo.ko");
  machine.module("extra/foo.ko");
  const auto both = choose(machine, "foo");
  EXPECT_EQ(both.ours, machine.modules_dir() + "/extra/foo.ko");
  EXPECT_EQ(both.ours, both.depmods);
  machine.depmod();
  const auto report = machine.ask("foo");
  ASSERT_EQ(report.targets.size(), 1u);
  for (const auto& file : report.targets[0].files)
    if (file.chosen) {
      EXPECT_EQ(file.decided_by, (Location{"/etc/depmod.d/x.conf", 2}));
    }
}

TEST(DepmodOrder, OverrideBeatsSearch) {
  KOVET_NEEDS_KMOD();
  FakeMachine machine;
  machine.write("/etc/depmod.d/x.conf",
                "override foo 6.12.* kernel/drivers\noverride foo 5.* updates\n");
  machine.module("kernel/drivers/foo.ko");
  machine.module("updates/foo.ko");
  const auto both = choose(machine, "foo");
  EXPECT_EQ(both.ours, machine.modules_dir() + "/kernel/drivers/foo.ko");
  EXPECT_EQ(both.ours, both.depmods);
}

TEST(DepmodOrder, SeveralCompressionsInOneFolder) {
  KOVET_NEEDS_KMOD();
  FakeMachine machine;
  machine.module("updates/foo.ko");
  machine.module("updates/sub/foo.ko");
  machine.module("kernel/foo.ko");
  const auto both = choose(machine, "foo");
  EXPECT_TRUE(both.undecided);
  EXPECT_EQ(both.ours, both.depmods);
}

TEST(DepmodOrder, AgreesOnMadeUpMachines) {
  KOVET_NEEDS_KMOD();
  std::mt19937 random(7);
  const std::vector<std::string> folders{"updates", "updates/dkms", "extra", "kernel/drivers",
                                         "kernel",  "weak-updates", "misc"};
  const std::vector<std::string> lines{"search updates built-in weak-updates",
                                       "search extra updates built-in",
                                       "search built-in updates",
                                       "search misc external built-in",
                                       "override foo * extra",
                                       "override foo ^6 updates/dkms",
                                       "exclude misc",
                                       "search weak-updates"};
  for (int round = 0; round < 25; ++round) {
    FakeMachine machine;
    std::string text, tree;
    for (const auto& line : lines)
      if (random() % 4 == 0) text += line + "\n";
    machine.write("/etc/depmod.d/m.conf", text);
    machine.module("kernel/other/foo.ko");
    for (const auto& folder : folders)
      if (random() % 2 == 0) {
        machine.module(folder + "/foo.ko");
        tree += folder + " ";
      }
    const auto both = choose(machine, "foo");
    EXPECT_EQ(both.ours, both.depmods) << text << tree;
  }
}

TEST(DepmodConfig, KernelPatternsAndBadLines) {
  DepmodConfig config;
  scan_depmod_text("override a * x\noverride b ^5 y\nexternal * /opt/mods\nsearch a b\nnonsense\n",
                   "f", "6.1.0", config);
  ASSERT_EQ(config.overrides.size(), 1u);
  EXPECT_EQ(config.overrides[0].path, "x/a");
  ASSERT_EQ(config.externals.size(), 1u);
  EXPECT_EQ(config.externals[0].at.line, 3u);
  ASSERT_EQ(config.searches.size(), 2u);
  EXPECT_EQ(config.searches.back().path, "a");
  EXPECT_EQ(config.ignored.size(), 1u);
}

TEST(ListModuleFiles, ExternalFoldersAndLinks) {
  FakeMachine machine;
  machine.write("/etc/depmod.d/x.conf", "external * /opt/mods\nsearch external built-in\n");
  machine.write("/opt/mods/foo.ko", "x");
  machine.module("kernel/foo.ko");
  machine.link(machine.modules_dir() + "/weak-updates/bar.ko", "/opt/mods/foo.ko");
  machine.link(machine.modules_dir() + "/kernel/loop", "..");
  machine.link(machine.modules_dir() + "/build", "/");
  const auto root = Root::open(machine.root()).value();
  const auto config = read_depmod_config(root, FakeMachine::release);
  const auto files = list_module_files(root, machine.modules_dir(), config);
  const auto& foo = files.at("foo");
  const auto choice = choose_module_file(foo, machine.modules_dir(), config, false);
  EXPECT_EQ(foo.at(*choice.winner).path, "/opt/mods/foo.ko");
  EXPECT_EQ(files.at("bar").front().here, machine.root() / "opt/mods/foo.ko");
}

}  // namespace
}  // namespace kovet
