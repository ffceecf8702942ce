#include <gmock/gmock.h>

#include <filesystem>
#include <map>

#include "tests/support/run_kovet.h"
#include "tests/unit/host/fake_machine.h"

// `kovet host` as users call it: exit codes, what goes where, and that it only reads.

namespace kovet {
namespace {

namespace fs = std::filesystem;
using testing::FakeMachine;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::run_kovet;
using ::testing::StartsWith;

class HostCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    KOVET_NEEDS_KMOD();
    machine.module("kernel/base.ko", FakeMachine::provider("base"));
    machine.module("updates/foo.ko", FakeMachine::user("foo", {"base"}));
    machine.module("kernel/foo.ko", FakeMachine::user("foo", {"base"}));
    machine.depmod();
  }
  ProcessOutcome host(std::vector<std::string> arguments) const {
    std::vector<std::string> all{"host", "--root", machine.root().string()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_kovet(all);
  }
  FakeMachine machine;
};

TEST_F(HostCommand, WouldLoad) {
  const auto outcome = host({"foo"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, StartsWith("would load /lib/modules/"));
  EXPECT_THAT(outcome.out, HasSubstr("/updates/foo.ko, after base\n"));
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST_F(HostCommand, BlockedNamesTheLine) {
  machine.write("/etc/modprobe.d/no.conf", "# never\ninstall base /bin/false\n");
  const auto outcome = host({"foo"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, StartsWith("blocked by /etc/modprobe.d/no.conf:2: "));
}

TEST_F(HostCommand, AFolderFilledByDestdirLacksTheLinkOfAWholeRoot) {
  fs::create_directory(machine.root() / "usr");
  fs::rename(machine.root() / "lib", machine.root() / "usr/lib");
  const auto outcome = host({"foo", "--release", std::string(FakeMachine::release)});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("ln -s usr/lib " + machine.root().string() + "/lib"));
  fs::create_directory_symlink("usr/lib", machine.root() / "lib");
  EXPECT_EQ(host({"foo"}).exit_code, 0);
}

TEST_F(HostCommand, JsonStandsAlone) {
  machine.write("/etc/modprobe.d/bad.conf", "what is this\nblacklist foo\n");
  const auto outcome = host({"foo", "--format", "json", "--cmdline", "foo.x=1 quiet"});
  EXPECT_THAT(outcome.err, IsEmpty());
  const auto json = testing::json_of(outcome);
  EXPECT_EQ(json.at("schema"), "kovet.host/1");
  EXPECT_EQ(json.at("answer"), "would-load");
  EXPECT_EQ(json.at("release"), FakeMachine::release);
  EXPECT_EQ(json.at("kernel_command_line").at("origin"), "--cmdline");
  const auto& target = json.at("targets").at(0);
  EXPECT_EQ(target.at("files").size(), 2u);
  EXPECT_EQ(target.at("steps").at(0).at("role"), "dependency");
  EXPECT_EQ(target.at("steps").at(1).at("options").at(0).at("fit"), "unknown-parameter");
}

TEST_F(HostCommand, FindingsInTheFormatsOfContinuousIntegration) {
  machine.write("/etc/modprobe.d/no.conf", "# never\ninstall base /bin/false\n");
  const auto file = machine.root().string() + "/etc/modprobe.d/no.conf";
  const auto sarif = host({"foo", "--format", "sarif"});
  EXPECT_EQ(sarif.exit_code, 1);
  const auto result = testing::json_of(sarif).at("runs").at(0).at("results").at(0);
  EXPECT_EQ(result.at("level"), "error");
  const auto& place = result.at("locations").at(0).at("physicalLocation");
  EXPECT_EQ(place.at("artifactLocation").at("uri"), file);
  EXPECT_EQ(place.at("region").at("startLine"), 2);
  EXPECT_THAT(host({"foo", "--format", "github"}).out,
              StartsWith("::error file=" + file + ",line=2,title="));
  const auto junit = host({"foo", "--format", "junit"});
  EXPECT_EQ(junit.exit_code, 1);
  EXPECT_THAT(junit.out, HasSubstr("no.conf:2: "));
  EXPECT_THAT(junit.out, HasSubstr("failures=\"1\""));
}

TEST_F(HostCommand, ThresholdDecidesTheExitCode) {
  machine.write("/etc/modprobe.d/a.conf", "blacklist foo\noptions foo nosuch=1\n");
  EXPECT_EQ(host({"foo"}).exit_code, 0);
  EXPECT_EQ(host({"foo", "--threshold", "warning"}).exit_code, 1);
  EXPECT_EQ(host({"base", "--threshold", "note"}).exit_code, 0);
}

TEST_F(HostCommand, UndeterminedOnlyWithStrict) {
  machine.write("/etc/modprobe.d/a.conf", "install foo /usr/bin/load-foo\n");
  EXPECT_EQ(host({"foo"}).exit_code, 0);
  const auto strict = host({"foo", "--strict"});
  EXPECT_EQ(strict.exit_code, 3);
  EXPECT_THAT(strict.out, StartsWith("decided by /etc/modprobe.d/a.conf:1: "));
}

TEST_F(HostCommand, NotFoundIsAFindingAndInputErrorsAreNot) {
  EXPECT_EQ(host({"bar"}).exit_code, 1);
  EXPECT_EQ(host({"foo", "--release", "1.2.3"}).exit_code, 2);
  EXPECT_EQ(host({"./missing.ko"}).exit_code, 2);
  EXPECT_EQ(host({}).exit_code, 2);
  EXPECT_EQ(run_kovet({"host", "foo", "--root", "/no/such/root"}).exit_code, 2);
}

TEST_F(HostCommand, ChangesNothingAndRunsNothing) {
  const auto witness = machine.root() / "witness";
  machine.write("/etc/modprobe.d/a.conf", "install foo /bin/touch " + witness.string() +
                                              "\nremove foo /bin/touch " + witness.string() + "\n");
  const auto snapshot = [&] {
    std::map<std::string, fs::file_time_type> files;
    for (const auto& item : fs::recursive_directory_iterator(machine.root()))
      files[item.path().string()] = item.last_write_time();
    return files;
  };
  const auto before = snapshot();
  EXPECT_EQ(host({"foo"}).exit_code, 0);
  EXPECT_EQ(snapshot(), before);
}

TEST_F(HostCommand, PathsWithSpaces) {
  testing::TempDir dir;
  const auto root = dir.path() / "a root";
  fs::copy(machine.root(), root, fs::copy_options::recursive);
  const auto outcome = run_kovet({"host", "foo", "--root", root.string()});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("updates/foo.ko"));
}

TEST_F(HostCommand, ControlCharactersAreShownAsText) {
  machine.write("/etc/modprobe.d/a.conf", "options foo x=\"\033[2J\"\n");
  EXPECT_EQ(host({"foo"}).out.find('\033'), std::string::npos);
}

}  // namespace
}  // namespace kovet
