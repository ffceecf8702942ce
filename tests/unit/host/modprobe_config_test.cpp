#include "host/modprobe_config.h"
#include "host/config_index.h"

#include <gmock/gmock.h>

#include "tests/unit/host/fake_machine.h"

namespace kovet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ModprobeConfig scan(std::string_view text) {
  ModprobeConfig config;
  scan_modprobe_text(text, "f", config);
  return config;
}

TEST(ScanModprobeText, EveryKindWithItsLine) {
  const auto config = scan(
      "# comment\n"
      "alias pci:v1* my-mod\n"
      "blacklist snd-pcsp\n"
      "options my-mod a=1\tb=2\n"
      "install bad /bin/false # why\n"
      "remove bad /bin/true\n"
      "softdep a pre: b\n"
      "weakdep a c\n");
  ASSERT_EQ(config.entries.size(), 7u);
  EXPECT_EQ(config.entries[0].kind, ConfigKind::alias);
  EXPECT_EQ(config.entries[0].name, "pci:v1*");
  EXPECT_EQ(config.entries[0].value, "my_mod");
  EXPECT_EQ(config.entries[0].at, (Location{"f", 2}));
  EXPECT_EQ(config.entries[1].name, "snd_pcsp");
  EXPECT_EQ(config.entries[2].value, "a=1 b=2");
  EXPECT_EQ(config.entries[3].value, "/bin/false # why");
  EXPECT_EQ(config.entries[6].kind, ConfigKind::weakdep);
  EXPECT_THAT(config.ignored, IsEmpty());
}

TEST(ScanModprobeText, JoinedLinesCountFromTheFirst) {
  const auto config = scan("options a \\\n  x=1 \\\n  y=2\nblacklist b");
  ASSERT_EQ(config.entries.size(), 2u);
  EXPECT_EQ(config.entries[0].at.line, 1u);
  EXPECT_EQ(split_words(config.entries[0].value), (std::vector<std::string>{"x=1", "y=2"}));
  EXPECT_EQ(config.entries[1].at.line, 4u);
}

TEST(ScanModprobeText, BadLinesAreKeptAsIgnored) {
  const auto config =
      scan("options a\nalias x\nblacklist\n  # indented\ninclude y\nblacklist a]\n");
  EXPECT_THAT(config.entries, IsEmpty());
  EXPECT_EQ(config.ignored.size(), 6u);
}

TEST(ScanModprobeText, SurvivesAnything) {
  using namespace std::string_view_literals;
  for (const auto text : {""sv, "\\"sv, "\\\n"sv, "a\0b\n"sv, "alias [ ["sv, "options \t\t\t"sv})
    EXPECT_THAT(scan(text).entries, IsEmpty());
}

TEST(Softdep, SplitsBeforeAndAfter) {
  const auto softdep = parse_softdep("x pre: a b post: c pre: d");
  EXPECT_THAT(softdep.pre, ElementsAre("a", "b", "d"));
  EXPECT_THAT(softdep.post, ElementsAre("c"));
  EXPECT_EQ(to_string(softdep), "pre: a b d post: c");
}

TEST(Names, Underscores) {
  EXPECT_EQ(with_underscores("a-b"), "a_b");
  EXPECT_EQ(with_underscores("a[0-9]-b"), "a[0-9]_b");
  EXPECT_FALSE(with_underscores("a]"));
  EXPECT_FALSE(with_underscores("a[b"));
  EXPECT_EQ(module_name_of("/x/snd-hda.ko.xz"), "snd_hda");
}

TEST(ScanModprobeConfig, FirstFolderWinsAndFilesAreSorted) {
  testing::FakeMachine machine;
  machine.write("/usr/lib/modprobe.d/b.conf", "blacklist from_usr\n");
  machine.write("/usr/lib/modprobe.d/a.conf", "blacklist a\n");
  machine.write("/etc/modprobe.d/b.conf", "blacklist from_etc\n");
  machine.write("/etc/modprobe.d/ignored.txt", "blacklist x\n");
  machine.write("/etc/modprobe.d/.hidden.conf", "blacklist x\n");
  machine.write(machine.modules_dir() + "/modules.softdep", "softdep s pre: t\n");
  const auto root = Root::open(machine.root()).value();
  const auto config = scan_modprobe_config(root, machine.modules_dir());
  std::vector<std::string> names;
  for (const auto& entry : config.entries) names.push_back(entry.name);
  EXPECT_THAT(names, ElementsAre("a", "from_etc", "s"));
  ASSERT_EQ(config.files.size(), 4u);
  EXPECT_EQ(config.files.back().path, "/usr/lib/modprobe.d/b.conf");
  EXPECT_EQ(config.files.back().masked_by, "/etc/modprobe.d/b.conf");
  EXPECT_FALSE(config.links_leave_root);
}

TEST(ScanModprobeConfig, ALinkToNullMasksAndIsNoFault) {
  testing::FakeMachine machine;
  machine.module("kernel/bar.ko", testing::FakeMachine::tiny("bar"));
  machine.depmod();
  machine.link("/etc/modprobe.d/a.conf", "/dev/null");
  machine.write("/lib/modprobe.d/a.conf", "install bar /bin/false\n");
  const auto report = machine.ask("bar");
  EXPECT_EQ(report.answer, HostAnswer::would_load);
  EXPECT_FALSE(testing::FakeMachine::finding(report, "unreadable-config"));
  ASSERT_FALSE(report.config_files.empty());
  EXPECT_EQ(report.config_files.back().path, "/lib/modprobe.d/a.conf");
  EXPECT_EQ(report.config_files.back().masked_by, "/etc/modprobe.d/a.conf");
}

TEST(ScanModprobeConfig, AFolderMasksNothing) {
  testing::FakeMachine machine;
  machine.write("/run/modprobe.d/a.conf/inner.conf", "blacklist inner\n");
  machine.write("/lib/modprobe.d/a.conf", "blacklist outer\n");
  machine.write("/etc/depmod.d/a.conf/inner.conf", "search extra\n");
  machine.write("/lib/depmod.d/a.conf", "search weak-updates\n");
  const auto root = Root::open(machine.root()).value();
  const auto config = scan_modprobe_config(root, machine.modules_dir());
  ASSERT_EQ(config.entries.size(), 1u);
  EXPECT_EQ(config.entries[0].name, "outer");
  const auto depmod = read_depmod_config(root, testing::FakeMachine::release);
  ASSERT_EQ(depmod.searches.size(), 1u);
  EXPECT_EQ(depmod.searches[0].path, "weak-updates");
}

TEST(ScanModprobeConfig, AbsoluteLinksAreFollowedInside) {
  testing::FakeMachine machine;
  machine.write("/etc/alternatives/x.conf", "blacklist inside\n");
  machine.link("/etc/modprobe.d/x.conf", "/etc/alternatives/x.conf");
  const auto root = Root::open(machine.root()).value();
  const auto config = scan_modprobe_config(root, machine.modules_dir());
  ASSERT_EQ(config.entries.size(), 1u);
  EXPECT_EQ(config.entries[0].name, "inside");
  EXPECT_TRUE(config.links_leave_root);
}

TEST(ConfigIndexTest, FindsWhatGoingThroughAllLinesFinds) {
  ModprobeConfig config;
  scan_modprobe_text(
      "install b* one\ninstall bar two\ninstall [ab]ar three\nsoftdep ba? pre: x\nsoftdep bar pre: "
      "y\n"
      "options bar a=1\noptions b* b=2\nblacklist bar\nblacklist b*\nremove * four\noptions bar "
      "c=3\n",
      "f", config);
  const ConfigIndex index(config.entries);
  using Places = std::vector<std::uint32_t>;
  EXPECT_EQ(index.find(ConfigKind::install, "bar"), (Places{0, 1, 2}));
  EXPECT_EQ(index.find(ConfigKind::install, "aar"), (Places{2}));
  EXPECT_EQ(index.find(ConfigKind::softdep, "bar"), (Places{3, 4}));
  EXPECT_EQ(index.find(ConfigKind::options, "bar"), (Places{5, 10}));
  EXPECT_EQ(index.find(ConfigKind::blacklist, "bar"), (Places{7}));
  EXPECT_EQ(index.find(ConfigKind::blacklist, "baz"), (Places{}));
  EXPECT_EQ(index.find(ConfigKind::remove, "bar"), (Places{9}));
}

}  // namespace
}  // namespace kovet
