#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "host/modprobe_config.h"
#include "tests/unit/host/fake_machine.h"
#include "tests/unit/host/modprobe_words.h"

// The answer is held against the real modprobe on the same made-up root.

namespace kovet {
namespace {

using ::testing::ElementsAre;
using testing::FakeMachine;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::modprobes_steps;
using ::testing::Not;
using testing::our_steps;

class AgreementTest : public ::testing::Test {
 protected:
  void SetUp() override {
    KOVET_NEEDS_KMOD();
    machine.module("kernel/base.ko", FakeMachine::provider("base"));
    auto middle = FakeMachine::user("middle", {"base"});
    middle.export_symbol("middle_symbol", {.crc = 2});
    machine.module("kernel/middle.ko", middle);
    auto top = FakeMachine::user("top", {"middle", "base"});
    top.parameter("level", "int").modinfo("alias", "pci:v00001234d*");
    machine.module("updates/top.ko", top);
    machine.module("kernel/friend.ko");
    machine.module("kernel/later.ko");
    machine.depmod();
  }

  HostReport check(const std::string& name) {
    auto report = machine.ask(name);
    EXPECT_EQ(our_steps(machine, report), modprobes_steps(machine.modprobe({"-n", "-v", name})))
        << name;
    EXPECT_TRUE(report.agrees_with_libkmod) << ::testing::PrintToString(report.disagreements);
    return report;
  }

  FakeMachine machine;
};

TEST_F(AgreementTest, Dependencies) {
  const auto report = check("top");
  EXPECT_EQ(report.answer, HostAnswer::would_load);
  EXPECT_THAT(report.sentence, HasSubstr("updates/top.ko, after base, middle"));
}

TEST_F(AgreementTest, OptionsSoftdepsAndInstallCommands) {
  machine.write("/etc/modprobe.d/a.conf",
                "options top level=3\nsoftdep top pre: friend missing post: later\n"
                "install base /bin/false\noptions base x=1\n");
  machine.write("/usr/lib/modprobe.d/b.conf", "options top level=4 y=\"a b\"\n");
  const auto report = check("top");
  EXPECT_EQ(report.answer, HostAnswer::blocked);
  ASSERT_EQ(report.targets[0].decided_by.size(), 1u);
  EXPECT_EQ(report.targets[0].decided_by[0], (Location{"/etc/modprobe.d/a.conf", 3}));
}

TEST_F(AgreementTest, BlacklistDoesNotStopModprobeByNameOrDependencies) {
  machine.write("/etc/modprobe.d/a.conf", "blacklist top\nblacklist base\n");
  const auto report = check("top");
  EXPECT_EQ(report.answer, HostAnswer::would_load);
  EXPECT_TRUE(FakeMachine::finding(report, "blacklist-only-aliases"));
}

TEST_F(AgreementTest, BlacklistStopsAliases) {
  machine.write("/etc/modprobe.d/a.conf", "\nblacklist top\n");
  const std::string alias = "pci:v00001234d00005678";
  EXPECT_EQ(machine.modprobe({"-n", "-v", alias}), "");
  const auto report = machine.ask(alias);
  EXPECT_EQ(report.answer, HostAnswer::blocked);
  EXPECT_EQ(report.targets.at(0).decided_by.at(0), (Location{"/etc/modprobe.d/a.conf", 2}));
}

TEST_F(AgreementTest, AliasesOfBothKinds) {
  check("pci:v00001234d00005678");
  machine.write("/etc/modprobe.d/a.conf",
                "alias my-nic top\nalias my-* friend\noptions my-nic level=1\n");
  const auto report = check("my-nic");
  EXPECT_EQ(report.targets.size(), 2u);
  EXPECT_EQ(report.targets[0].alias_at, (Location{"/etc/modprobe.d/a.conf", 1}));
}

TEST_F(AgreementTest, RemoveLinesDoNotConcernLoading) {
  machine.write("/etc/modprobe.d/a.conf", "remove top /bin/false\nremove t* /bin/true\n");
  const auto report = check("top");
  EXPECT_EQ(report.answer, HostAnswer::would_load);
  const auto* first = FakeMachine::finding(report, "remove-not-rmmod");
  const auto* second = FakeMachine::finding(report, "remove-line-ignored");
  ASSERT_TRUE(first && second);
  EXPECT_THAT(first->message, HasSubstr("run '/bin/false' instead"));
  EXPECT_EQ(second->at, (Location{"/etc/modprobe.d/a.conf", 2}));
  // modprobe -r has the first line too.
  EXPECT_THAT(machine.modprobe({"-n", "-v", "-r", "top"}), HasSubstr("/bin/false"));
}

TEST_F(AgreementTest, ASoftDependencyOnANameThatHasAnInstallLineAlone) {
  machine.write("/etc/modprobe.d/a.conf",
                "install ghost /bin/true\nsoftdep ghost pre: friend\nsoftdep top pre: ghost\n");
  EXPECT_THAT(host_text(machine.ask("ghost"), false, false),
              HasSubstr("ghost is in no index: there is nothing to insert"));
}

TEST_F(AgreementTest, ALongChainOfSoftDependenciesEnds) {
  std::string lines;
  // Each of them has lines of its own: looking through all lines for each would take minutes.
  for (int i = 0; i < 10000; ++i)
    lines += fmt::format("install c{0} /bin/true\nsoftdep c{0} pre: c{1}\n", i, i + 1);
  machine.write("/etc/modprobe.d/a.conf", lines);
  EXPECT_EQ(machine.ask("c0").targets.at(0).steps.size(), 10000u);
}

// "alias NAME off" was a way of forbidding a module; distributions' files still have it.
TEST_F(AgreementTest, AnAliasThatLeadsToNoModule) {
  machine.write("/etc/modprobe.d/a.conf", "# old\nalias top off\n");
  const auto report = check("top");
  EXPECT_EQ(report.answer, HostAnswer::blocked);
  EXPECT_EQ(
      report.sentence,
      "blocked by /etc/modprobe.d/a.conf:2: 'alias top off' leads to off, and there is no such "
      "module");
  const auto* finding = FakeMachine::finding(report, "blocked");
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->at, (Location{"/etc/modprobe.d/a.conf", 2}));
  EXPECT_THAT(finding->hint, HasSubstr("remove that line"));
}

TEST_F(AgreementTest, AnAliasThatNamesAModuleTwice) {
  machine.write("/etc/modprobe.d/a.conf",
                "alias twice top\nalias tw* top\nalias twic? friend\n"
                "options top level=1\noptions twice level=2\noptions tw* level=3\n");
  const auto report = check("twice");
  ASSERT_EQ(report.targets.size(), 3u);
  EXPECT_EQ(report.targets[0].via_alias, "twice");
  EXPECT_EQ(report.targets[1].via_alias, "tw*");
  EXPECT_TRUE(report.targets[1].repeated);
  EXPECT_EQ(report.targets[1].answer, HostAnswer::already_loaded);
  EXPECT_THAT(report.targets[1].sentence,
              HasSubstr("named again by the alias tw* (/etc/modprobe.d/a.conf:2)"));
  EXPECT_THAT(report.sentence, HasSubstr("an alias of 2 modules: top: would load "));
  EXPECT_THAT(report.sentence, Not(HasSubstr("named again")));
}

// Its soft dependency needs it: libkmod gives the alias' options to the module that was asked for
// alone.
TEST_F(AgreementTest, AnAliasThatReachesAModuleWhichIsADependencyToo) {
  auto top = FakeMachine::user("top", {});
  top.parameter("level", "int").export_symbol("top_symbol", {.crc = 3});
  machine.module("updates/top.ko", top);
  machine.module("extra/need_top.ko", FakeMachine::user("need_top", {"top"}));
  machine.write("/etc/modprobe.d/a.conf",
                "alias nick top\noptions nick mode=asked\nsoftdep top pre: need_top\n");
  machine.depmod();
  const auto report = check("nick");
  const auto by_cmdline = machine.ask("nick", "nick.level=4");
  ASSERT_EQ(by_cmdline.targets.size(), 1u);
  std::vector<std::string> options;
  for (const auto& step : by_cmdline.targets[0].steps)
    if (step.name == "top") options.push_back(step.option_text);
  EXPECT_EQ(options, (std::vector<std::string>{"", "mode=asked level=4"}));
}

// Only what would load can be there by the second time.
TEST_F(AgreementTest, ARepeatedModuleWhoseFirstOptionsAreRefused) {
  machine.write("/etc/modprobe.d/a.conf",
                "alias twice top\nalias tw* top\noptions twice level=x\n");
  const auto report = check("twice");
  EXPECT_EQ(report.answer, HostAnswer::would_load);
  ASSERT_EQ(report.targets.size(), 2u);
  EXPECT_EQ(report.targets[0].answer, HostAnswer::blocked);
  EXPECT_EQ(report.targets[1].answer, HostAnswer::would_load);
}

TEST_F(AgreementTest, AModuleWithTwoAliasesThatFitOneDevice) {
  auto card = FakeMachine::tiny("card");
  card.modinfo("alias", "pci:v00008086d*").modinfo("alias", "pci:v*d00001234*");
  machine.module("kernel/card.ko", card);
  machine.depmod();
  const auto report = check("pci:v00008086d00001234");
  EXPECT_EQ(report.targets.size(), 2u);
  EXPECT_THAT(report.sentence,
              ::testing::StartsWith("would load /lib/modules/6.12.0-fake/kernel/card.ko"));
}

TEST_F(AgreementTest, OptionsOfAnAliasThatASoftDependencyNames) {
  machine.write("/etc/modprobe.d/a.conf",
                "alias my-nic friend\noptions my-nic level=1\noptions friend level=\"2\"\n"
                "softdep top pre: my-nic\n");
  const auto report = check("top");
  const auto& steps = report.targets.at(0).steps;
  const auto step = std::ranges::find(steps, "friend", &HostStep::name);
  ASSERT_NE(step, steps.end());
  EXPECT_EQ(step->option_text, "level=1 level=\"2\"");
  check("friend");
  check("my-nic");
}

TEST_F(AgreementTest, ASoftDependencyThatNamesTheModuleItself) {
  // By its name it gets its own options alone, by the alias those of the alias too.
  machine.write("/etc/modprobe.d/a.conf",
                "alias my-nic top\noptions my-nic level=1\nsoftdep friend pre: top\n"
                "softdep top pre: friend\n");
  EXPECT_EQ(check("my-nic").disagreements, std::vector<std::string>{});
}

TEST_F(AgreementTest, TheTextNamesARepeatedModuleOnce) {
  machine.write("/etc/modprobe.d/a.conf",
                "alias my-nic top\nsoftdep friend pre: top\nsoftdep top pre: friend\n");
  const auto report = check("my-nic");
  const auto text = host_text(report, false, false);
  EXPECT_THAT(text, HasSubstr("[loaded by then]"));
  const auto first = report.sentence.find("base");
  EXPECT_EQ(report.sentence.find("base", first + 1), std::string::npos) << report.sentence;
}

TEST_F(AgreementTest, InstallBesideSoftdepIsIgnoredOnlyWhenItResolves) {
  machine.write("/etc/modprobe.d/a.conf", "install top /bin/false\nsoftdep top pre: missing\n");
  EXPECT_EQ(check("top").answer, HostAnswer::blocked);
  machine.write("/etc/modprobe.d/a.conf", "install top /bin/false\nsoftdep top pre: friend\n");
  const auto report = check("top");
  const bool ignored = report.answer == HostAnswer::would_load;
  EXPECT_EQ(FakeMachine::finding(report, "install-ignored") != nullptr, ignored);
}

TEST_F(AgreementTest, OnlyTheFirstSoftdepLineCounts) {
  machine.write("/etc/modprobe.d/a.conf", "softdep top pre: friend\nsoftdep top pre: later\n");
  const auto report = check("top");
  const auto* finding = FakeMachine::finding(report, "softdep-ignored");
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->at, (Location{"/etc/modprobe.d/a.conf", 2}));
}

TEST_F(AgreementTest, InstallLineForAModuleWithoutFile) {
  machine.write("/etc/modprobe.d/a.conf", "install nofile /bin/true\ninstall w* /bin/echo hello\n");
  EXPECT_EQ(check("nofile").answer, HostAnswer::blocked);
}

TEST_F(AgreementTest, UnknownCommandsAreNotJudged) {
  machine.write("/etc/modprobe.d/a.conf", "install top /usr/local/bin/load-top $CMDLINE_OPTS\n");
  EXPECT_EQ(check("top").answer, HostAnswer::command_decides);
  machine.write("/etc/modprobe.d/a.conf", "install top /sbin/modprobe -i top $CMDLINE_OPTS\n");
  EXPECT_EQ(check("top").answer, HostAnswer::would_load);
}

TEST_F(AgreementTest, MergedUsrWithAnAbsoluteLink) {
  FakeMachine merged;
  std::filesystem::create_directories(merged.root() / "usr");
  std::filesystem::rename(merged.root() / "lib", merged.root() / "usr/lib");
  merged.link("/lib", "/usr/lib");
  merged.write("/usr" + merged.modules_dir() + "/kernel/foo.ko", FakeMachine::tiny("foo").build());
  merged.write("/usr/lib/modprobe.d/x.conf", "blacklist foo\n");
  // depmod itself would follow /lib out of the root: it is told the real folder.
  FakeMachine plain;
  plain.module("kernel/foo.ko");
  plain.depmod();
  for (const auto& item :
       std::filesystem::directory_iterator(plain.root() / "lib/modules" / FakeMachine::release))
    if (item.path().extension() == ".bin")
      std::filesystem::copy(item.path(), merged.root() / "usr/lib/modules" / FakeMachine::release);
  const auto report = merged.ask("foo");
  EXPECT_EQ(report.answer, HostAnswer::would_load);
  EXPECT_EQ(report.targets[0].path, machine.modules_dir() + "/kernel/foo.ko");
  EXPECT_FALSE(FakeMachine::finding(report, "stale-index"));
  EXPECT_EQ(report.targets[0].lines.size(), 1u);
  EXPECT_TRUE(report.agrees_with_libkmod);
}

TEST_F(AgreementTest, LinkedConfigurationIsReadInsideTheRoot) {
  machine.write("/etc/alternatives/a.conf", "install top /bin/false\nsoftdep base pre: friend\n");
  machine.link("/etc/modprobe.d/a.conf", "/etc/alternatives/a.conf");
  const auto report = machine.ask("top");
  EXPECT_EQ(report.answer, HostAnswer::blocked);
  EXPECT_EQ(report.targets[0].decided_by.at(0), (Location{"/etc/modprobe.d/a.conf", 1}));
  EXPECT_TRUE(report.agrees_with_libkmod) << ::testing::PrintToString(report.disagreements);
}

TEST_F(AgreementTest, TheScanHasWhatModprobeShows) {
  machine.write("/etc/modprobe.d/a.conf",
                "options top a=1 \\\n b=2\nblacklist x-y\nalias a-[0-9] top\n"
                "install q /bin/echo  two  spaces\nremove q /bin/true\nsoftdep top pre: friend\n"
                "bad line\noptions\n");
  const auto root = Root::open(machine.root()).value();
  const auto config = scan_modprobe_config(root, machine.modules_dir());
  const auto shown = machine.modprobe({"-c"});
  for (const auto& entry : config.entries) {
    std::string line = std::string(to_string(entry.kind)) + " " + entry.name;
    if (!entry.value.empty()) line += " " + entry.value;
    EXPECT_THAT(shown, HasSubstr(line + "\n"));
  }
  EXPECT_EQ(config.ignored.size(), 2u);
  EXPECT_THAT(machine.ask("top").disagreements, IsEmpty());
}

}  // namespace
}  // namespace kovet
