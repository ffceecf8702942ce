#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/unit/host/fake_machine.h"

namespace kovet {
namespace {

using testing::FakeMachine;
using ::testing::HasSubstr;

class AnswerTest : public ::testing::Test {
 protected:
  void SetUp() override { KOVET_NEEDS_KMOD(); }
  FakeMachine machine;
};

TEST_F(AnswerTest, AGzippedFileMayBeNoneToDepmod) {
  machine.module("extra/base.ko");
  machine.depmod();
  machine.write(machine.modules_dir() + "/extra/packed.ko.gz", "\x1f\x8b");
  const auto report = machine.ask("packed");
  EXPECT_THAT(report.sentence, HasSubstr("packed.ko.gz is there, but not in modules.dep"));
  ASSERT_TRUE(FakeMachine::finding(report, "not-found"));
  EXPECT_THAT(FakeMachine::finding(report, "not-found")->hint, HasSubstr("zlib"));
}

TEST_F(AnswerTest, NotFoundNamesTheReleaseThatHasIt) {
  machine.module("kernel/other.ko");
  machine.depmod();
  machine.write("/lib/modules/7.0.0/kernel/foo.ko", "x");
  const auto report = machine.ask("foo");
  EXPECT_EQ(report.answer, HostAnswer::not_found);
  EXPECT_THAT(report.sentence, HasSubstr("it is there for 7.0.0"));
}

TEST_F(AnswerTest, WithoutAnIndex) {
  machine.module("updates/foo.ko");
  const auto report = machine.ask("foo");
  EXPECT_EQ(report.answer, HostAnswer::not_found);
  EXPECT_THAT(report.sentence, HasSubstr("no modules.dep.bin"));
  ASSERT_TRUE(FakeMachine::finding(report, "not-found"));
  EXPECT_THAT(FakeMachine::finding(report, "not-found")->hint, HasSubstr("depmod -b"));
}

TEST_F(AnswerTest, StaleIndexes) {
  machine.module("kernel/foo.ko");
  machine.depmod();
  machine.module("updates/foo.ko");
  auto report = machine.ask("foo");
  EXPECT_EQ(report.answer, HostAnswer::would_load);
  ASSERT_TRUE(FakeMachine::finding(report, "stale-index"));
  EXPECT_THAT(FakeMachine::finding(report, "stale-index")->message, HasSubstr("updates/foo.ko"));
  machine.remove(machine.modules_dir() + "/kernel/foo.ko");
  report = machine.ask("foo");
  EXPECT_EQ(report.answer, HostAnswer::not_found);
  EXPECT_THAT(report.sentence, HasSubstr("modules.dep names"));
}

TEST_F(AnswerTest, StaleAliasesAndDependencies) {
  machine.module("kernel/base.ko", FakeMachine::provider("base"));
  machine.module("kernel/foo.ko");
  machine.depmod();
  auto builder = FakeMachine::user("foo", {"base"});
  builder.modinfo("alias", "usb:v1234p*");
  machine.module("kernel/foo.ko", builder);
  const auto report = machine.ask("foo");
  std::string messages;
  for (const auto& finding : report.findings)
    if (finding.id == "stale-index") messages += finding.message;
  EXPECT_THAT(messages, HasSubstr("depends on base"));
  EXPECT_THAT(messages, HasSubstr("usb:v1234p*"));
}

TEST_F(AnswerTest, MissingDependency) {
  machine.module("kernel/base.ko", FakeMachine::provider("base"));
  machine.module("kernel/foo.ko", FakeMachine::user("foo", {"base"}));
  machine.depmod();
  machine.remove(machine.modules_dir() + "/kernel/base.ko");
  const auto report = machine.ask("foo");
  EXPECT_EQ(report.answer, HostAnswer::blocked);
  EXPECT_THAT(report.sentence, HasSubstr("foo needs base"));
}

TEST_F(AnswerTest, BuiltIn) {
  machine.write(machine.modules_dir() + "/modules.builtin", "kernel/drivers/foo.ko\n");
  machine.module("kernel/other.ko");
  machine.depmod();
  EXPECT_EQ(machine.ask("foo").answer, HostAnswer::built_in);
  machine.write("/etc/modprobe.d/a.conf", "options foo x=1\n");
  EXPECT_TRUE(FakeMachine::finding(machine.ask("foo"), "option-of-builtin"));
  machine.module("updates/foo.ko");
  machine.depmod();
  EXPECT_EQ(machine.modprobe({"-n", "-v", "foo"}), "");
  EXPECT_EQ(machine.ask("foo").answer, HostAnswer::shadowed);
}

TEST_F(AnswerTest, FilesWhoseNamesModprobePassesOver) {
  machine.module("kernel/foo.ko");
  machine.depmod();
  machine.write("/etc/modprobe.d/blacklist", "# mine\nblacklist foo\n");
  machine.write("/etc/modprobe.d/old.conf.dpkg-old", "install foo /bin/false\n");
  machine.write("/etc/modprobe.d/README", "install FOO to blacklist it\n");
  machine.write("/etc/modprobe.conf", "options bar x=1\n");
  const auto report = machine.ask("foo");
  EXPECT_EQ(report.answer, HostAnswer::would_load);
  std::vector<std::string> found;
  for (const auto& finding : report.findings)
    if (finding.id == "config-name-ignored")
      found.push_back(std::string(severity_word(finding.severity)) + " " + to_string(finding.at));
  EXPECT_THAT(found, ::testing::ElementsAre("warning /etc/modprobe.d/blacklist:2",
                                            "note /etc/modprobe.d/old.conf.dpkg-old:1"));
  machine.write("/etc/modprobe.conf", "alias eth0 foo\n");
  EXPECT_THAT(host_text(machine.ask("foo"), false, false),
              HasSubstr("'alias eth0 foo' in /etc/modprobe.conf:1 has no effect"));
}

TEST_F(AnswerTest, LineEndsAndByteOrderMarksOfOtherSystems) {
  machine.module("kernel/foo.ko");
  machine.depmod();
  machine.write("/etc/modprobe.d/a.conf", "# comment\r\noptions foo x=1\r\nblacklist foo\r\n");
  machine.write("/etc/modprobe.d/b.conf",
                "\xef\xbb\xbf"
                "blacklist foo\n");
  const auto report = machine.ask("foo");
  const auto* ends = FakeMachine::finding(report, "config-carriage-return");
  ASSERT_TRUE(ends);
  EXPECT_THAT(ends->message,
              HasSubstr("/etc/modprobe.d/a.conf: 2 lines from 2 on end in a carriage return"));
  const auto* bad = FakeMachine::finding(report, "bad-config-line");
  ASSERT_TRUE(bad);
  EXPECT_THAT(bad->message, HasSubstr("for the byte order mark before it: blacklist foo"));
  EXPECT_FALSE(FakeMachine::finding(report, "blacklist-only-aliases"));
}

TEST_F(AnswerTest, KernelCommandLine) {
  machine.module("kernel/base.ko", FakeMachine::provider("base"));
  machine.module("kernel/my-top.ko", FakeMachine::user("my_top", {"base"}));
  machine.depmod();
  EXPECT_EQ(machine.ask("my-top", "quiet").answer, HostAnswer::would_load);
  auto report = machine.ask("my-top", "module_blacklist=base");
  EXPECT_EQ(report.answer, HostAnswer::blocked);
  EXPECT_EQ(report.targets[0].decided_by.at(0).file, "--cmdline");
  report = machine.ask("my-top", "module_blacklist=my-top");
  EXPECT_EQ(report.answer, HostAnswer::would_load);
  EXPECT_TRUE(FakeMachine::finding(report, "cmdline-name-dashed"));
  EXPECT_EQ(machine.ask("my-top", "nomodule").answer, HostAnswer::blocked);
  report = machine.ask("my-top", "my-top.nosuch=1");
  EXPECT_TRUE(FakeMachine::finding(report, "unknown-parameter"));
  EXPECT_THAT(report.sentence, HasSubstr("with the options nosuch=1"));
}

TEST_F(AnswerTest, TheKernelsBlacklistGoesByTheNameInTheFile) {
  machine.module("updates/renamed.ko", FakeMachine::tiny("inner"));
  machine.depmod();
  EXPECT_EQ(machine.ask("renamed", "module_blacklist=renamed").answer, HostAnswer::would_load);
  const auto report = machine.ask("renamed", "module_blacklist=inner");
  EXPECT_EQ(report.answer, HostAnswer::blocked);
  EXPECT_THAT(report.sentence, HasSubstr("blocked by module_blacklist="));
}

TEST_F(AnswerTest, OptionThatTheKernelRefuses) {
  auto builder = FakeMachine::tiny("foo");
  builder.parameter("level", "int");
  machine.module("kernel/foo.ko", builder);
  machine.depmod();
  machine.write("/etc/modprobe.d/a.conf", "# one\noptions foo level=1\noptions foo level=high\n");
  const auto report = machine.ask("foo");
  EXPECT_EQ(report.answer, HostAnswer::blocked);
  EXPECT_EQ(report.targets[0].decided_by.at(0), (Location{"/etc/modprobe.d/a.conf", 3}));
  const auto& options = report.targets[0].steps.at(0).options;
  ASSERT_EQ(options.size(), 2u);
  EXPECT_TRUE(options[0].overridden);
  EXPECT_EQ(options[1].fit.type, "int");
}

TEST_F(AnswerTest, GivenFileAgainstTheInstalledOne) {
  machine.module("kernel/foo.ko");
  machine.depmod();
  auto builder = FakeMachine::tiny("foo");
  builder.modinfo("version", "2");
  machine.write("/home/foo.ko", builder.build());
  const auto mine = (machine.root() / "home/foo.ko").string();
  auto report = machine.ask(mine);
  EXPECT_EQ(report.answer, HostAnswer::shadowed);
  EXPECT_THAT(report.sentence, HasSubstr("shadowed by /lib/modules"));
  EXPECT_EQ(report.given_relation, "other content");
  machine.write("/home/foo.ko", FakeMachine::tiny("foo").build());
  report = machine.ask(mine);
  EXPECT_EQ(report.answer, HostAnswer::would_load);
  EXPECT_EQ(report.given_relation, "same content");
  report = machine.ask(
      (machine.root() / "lib/modules" / FakeMachine::release / "kernel/foo.ko").string());
  EXPECT_EQ(report.given_relation, "installed");
}

TEST_F(AnswerTest, BuiltForAnotherKernel) {
  auto builder = FakeMachine::tiny("foo");
  builder.set_modinfo("vermagic", "5.10.0 SMP mod_unload ");
  machine.module("updates/foo.ko", builder);
  machine.depmod();
  EXPECT_TRUE(FakeMachine::finding(machine.ask("foo"), "built-for-another-kernel"));
}

TEST_F(AnswerTest, JsonAndTextBeginWithTheAnswer) {
  machine.module("kernel/foo.ko");
  machine.depmod();
  machine.write("/etc/modprobe.d/a.conf", "install foo /bin/false\n");
  const auto report = machine.ask("foo");
  EXPECT_TRUE(host_text(report, false, false).starts_with("blocked by /etc/modprobe.d/a.conf:1"));
  const auto json = nlohmann::json::parse(host_json(report));
  EXPECT_EQ(json.at("schema"), "kovet.host/1");
  EXPECT_EQ(json.at("answer"), "blocked");
  EXPECT_EQ(json.at("targets").at(0).at("decided_by").at(0).at("line"), 1);
  EXPECT_EQ(json.at("targets").at(0).at("steps").at(0).at("install").at("effect"), "fails");
}

TEST(AskHost, Errors) {
  EXPECT_FALSE(ask_host({.subject = "foo", .root = "/no/such/root"}));
  FakeMachine machine;
  EXPECT_FALSE(ask_host({.subject = "foo", .root = machine.root().string(), .release = "9.9"}));
  EXPECT_FALSE(ask_host({.subject = "./nofile.ko", .root = machine.root().string()}));
  machine.write("/lib/modules/other/x", "");
  const auto unclear = ask_host({.subject = "foo", .root = machine.root().string()});
  ASSERT_FALSE(unclear);
  EXPECT_THAT(unclear.error().hint, HasSubstr(FakeMachine::release));
}

}  // namespace
}  // namespace kovet
