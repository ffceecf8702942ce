#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "host/index_check.h"
#include "tests/unit/host/fake_machine.h"

// Roots made to trip whoever looks at them: nothing may hang, crash, leave the root or be taken
// for an answer.

namespace kovet {
namespace {

namespace fs = std::filesystem;
using testing::FakeMachine;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class HostileRoot : public ::testing::Test {
 protected:
  void SetUp() override {
    KOVET_NEEDS_KMOD();
    machine.module("kernel/base.ko", FakeMachine::provider("base"));
    machine.module("kernel/foo.ko", FakeMachine::user("foo", {"base"}));
    machine.depmod();
  }
  Result<HostReport> ask(const std::string& name = "foo") const {
    return ask_host(
        {.subject = name, .root = machine.root().string(), .release = FakeMachine::release});
  }
  fs::path here(const std::string& path) const { return machine.root() / path.substr(1); }
  std::string index() const { return machine.modules_dir() + "/modules.dep.bin"; }
  std::string content(const std::string& path) const { return testing::read_text(here(path)); }
  void pipe(const std::string& path) const {
    fs::create_directories(here(path).parent_path());
    fs::remove(here(path));
    ASSERT_EQ(::mkfifo(here(path).c_str(), 0600), 0);
  }
  FakeMachine machine;
};

TEST_F(HostileRoot, DamagedIndexesAreNotHandedToLibkmod) {
  const std::string whole = content(index());
  EXPECT_THAT(index_damage(whole), IsEmpty());
  // Cut anywhere, and with every byte in turn changed: an error or an answer, never a crash.
  int damaged = 0;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    machine.write(index(), whole.substr(0, length));
    damaged += ask().has_error() ? 1 : 0;
  }
  EXPECT_GT(damaged, 0);
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const char value : {'\xff', '\0', '\x7f'}) {
      std::string changed = whole;
      changed[at] = value;
      machine.write(index(), changed);
      const auto report = ask();
      if (report) {
        EXPECT_FALSE(report->sentence.empty());
      }
    }
  machine.write(index(), whole.substr(0, 11));
  ASSERT_TRUE(ask().has_error());
  EXPECT_THAT(ask().error().what, HasSubstr("is damaged"));
  EXPECT_THAT(ask().error().hint, HasSubstr("depmod -b"));
}

TEST_F(HostileRoot, AnIndexThatIsACircle) {
  // The root node, with a prefix, is its own child 'a'.
  const std::string circle(
      "\xB0\x07\xF4\x57\0\x02\0\x01\x20\0\0\x0c"
      "aa\x20\0\0\x0c",
      18);
  EXPECT_THAT(index_damage(circle), HasSubstr("before its child"));
  machine.write(index(), circle);
  EXPECT_TRUE(ask().has_error());
}

TEST_F(HostileRoot, GarbageInsteadOfAnIndexIsNoIndex) {
  machine.write(index(), std::string(100000, '\xa5'));
  const auto report = ask();
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->answer, HostAnswer::not_found);
  EXPECT_THAT(report->sentence, HasSubstr("no modules.dep.bin"));
}

TEST_F(HostileRoot, LinksThatLeaveTheRoot) {
  testing::TempDir outside;
  outside.write("secret.conf", "install foo /bin/false\n");
  outside.write("modules.dep.bin", "x");
  machine.link("/etc/modprobe.d/out.conf", (outside.path() / "secret.conf").string());
  machine.link("/etc/modprobe.d/up.conf", "../../../../../../../../../etc/hostname");
  EXPECT_EQ(machine.ask("foo").answer, HostAnswer::would_load);
  machine.remove(index());
  machine.link(index(), (outside.path() / "modules.dep.bin").string());
  ASSERT_TRUE(ask().has_error());
  EXPECT_THAT(ask().error().what, HasSubstr("leads out of the root"));
}

TEST_F(HostileRoot, LinksInCircles) {
  machine.link("/etc/modprobe.d/loop.conf", "loop.conf");
  machine.link(machine.modules_dir() + "/kernel/a", ".");
  machine.link(machine.modules_dir() + "/kernel/b", "..");
  machine.link("/etc/modules-load.d", "/etc/modules-load.d");
  machine.link("/boot", "boot");
  const auto report = ask();
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->answer, HostAnswer::would_load);
}

TEST_F(HostileRoot, PipesDoNotHang) {
  for (const char* path :
       {"/etc/modprobe.d/a.conf", "/etc/depmod.d/a.conf", "/etc/modules-load.d/a.conf",
        "/proc/cmdline", "/etc/modules", "/etc/initramfs-tools/modules", "/etc/default/grub"})
    pipe(path);
  pipe("/boot/initrd.img-" + std::string(FakeMachine::release));
  const auto report = ask();
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->answer, HostAnswer::command_decides);  // what would come out of the pipe?
  EXPECT_TRUE(FakeMachine::finding(*report, "unreadable-config"));
  pipe(machine.modules_dir() + "/kernel/base.ko");
  EXPECT_TRUE(ask());
  pipe(machine.modules_dir() + "/modules.softdep");
  EXPECT_TRUE(ask().has_error());
}

TEST_F(HostileRoot, GiantFilesAreNotRead) {
  const auto giant = [&](const std::string& path) {
    machine.write(path, "install foo /bin/false\n");
    fs::resize_file(here(path), std::uintmax_t{8} << 30);  // sparse
  };
  giant("/etc/modprobe.d/a.conf");
  giant("/etc/modules-load.d/a.conf");
  giant("/boot/initrd.img-" + std::string(FakeMachine::release));
  const auto report = ask();
  ASSERT_TRUE(report) << to_string(report.error());
  // What could not be read leaves the answer open, and is said.
  EXPECT_EQ(report->answer, HostAnswer::command_decides);
  EXPECT_TRUE(FakeMachine::finding(*report, "unreadable-config"));
  giant(machine.modules_dir() + "/modules.softdep");
  EXPECT_TRUE(ask().has_error());
}

TEST_F(HostileRoot, BinaryConfiguration) {
  std::string junk;
  for (int i = 0; i < 200000; ++i) junk += static_cast<char>(i * 7919 >> 3);
  machine.write("/etc/modprobe.d/a.conf", junk);
  machine.write("/etc/depmod.d/a.conf", junk);
  machine.write("/etc/modules-load.d/a.conf", junk);
  machine.write("/proc/cmdline", junk);
  machine.write("/boot/initrd.img-" + std::string(FakeMachine::release), "070701" + junk);
  const auto report = ask();
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_THAT(host_json(*report), Not(IsEmpty()));
}

TEST_F(HostileRoot, FoldersWhereFilesAreExpected) {
  for (const char* path :
       {"/etc/modprobe.d/a.conf", "/etc/modules-load.d/a.conf", "/etc/modules", "/proc/cmdline"})
    fs::create_directories(here(path));
  fs::create_directories(here(machine.modules_dir() + "/kernel/bar.ko"));
  EXPECT_TRUE(ask());
  EXPECT_TRUE(ask("bar"));
}

TEST_F(HostileRoot, NamesThatAreNoNames) {
  for (const std::string& name : {std::string(5000, 'a'), std::string("[a"), std::string("a]"),
                                  std::string("*"), std::string("\xff\xfe"), std::string("a b"),
                                  std::string("-"), std::string(".."), std::string("%s%n")}) {
    const auto report = ask(name);
    if (report) {
      EXPECT_EQ(report->answer, HostAnswer::not_found) << name.substr(0, 20);
    }
  }
}

/// Root reads everything: as long as this lives, the process is somebody else.
class SomebodyElse {
 public:
  SomebodyElse() {
    if (root_ && ::seteuid(65534) != 0) throw std::runtime_error("cannot become nobody");
  }
  SomebodyElse(const SomebodyElse&) = delete;
  SomebodyElse& operator=(const SomebodyElse&) = delete;
  ~SomebodyElse() {
    if (root_ && ::seteuid(0) != 0) std::abort();
  }

 private:
  bool root_ = ::geteuid() == 0;
};

TEST_F(HostileRoot, WhatCannotBeReadLeavesTheAnswerOpen) {
  const std::string release_dir = machine.modules_dir();
  machine.write("/etc/modprobe.d/a.conf", "install foo /bin/false\n");
  fs::permissions(machine.root(), fs::perms(0755));
  const auto asked = [&](const std::string& path) {
    const auto before = fs::status(here(path)).permissions();
    fs::permissions(here(path), fs::perms::none);
    const auto report = [&] {
      const SomebodyElse nobody;
      return ask();
    }();
    fs::permissions(here(path), before);
    return report;
  };
  for (const std::string& path : {std::string("/etc"), std::string("/etc/modprobe.d"),
                                  std::string("/etc/modprobe.d/a.conf"), release_dir + "/kernel"}) {
    const auto report = asked(path);
    ASSERT_TRUE(report) << path << ": " << to_string(report.error());
    if (path.ends_with("kernel")) {
      EXPECT_TRUE(FakeMachine::finding(*report, "unreadable")) << path;
      continue;  // the install line blocks whatever is in there
    }
    EXPECT_EQ(report->answer, HostAnswer::command_decides) << path << ": " << report->sentence;
    EXPECT_THAT(report->sentence, HasSubstr("could not be read (" + std::string("/etc"))) << path;
  }
  fs::remove(here("/etc/modprobe.d/a.conf"));
  for (const std::string& path : {release_dir + "/kernel", release_dir + "/modules.dep.bin"}) {
    const auto report = asked(path);
    ASSERT_TRUE(report) << path << ": " << to_string(report.error());
    EXPECT_EQ(report->answer, HostAnswer::command_decides) << path << ": " << report->sentence;
    EXPECT_FALSE(FakeMachine::finding(*report, "not-found")) << path;
  }
  EXPECT_EQ(ask()->answer, HostAnswer::would_load);
}

TEST_F(HostileRoot, FoldersOfModulesThatCannotBeListedAreNotCalledEmpty) {
  fs::permissions(machine.root(), fs::perms(0755));
  for (const char* folder : {"/lib", "/lib/modules"})
    for (const char* release : {"", FakeMachine::release}) {
      fs::permissions(here(folder), fs::perms::none);
      const auto report = [&] {
        const SomebodyElse nobody;
        return ask_host({.subject = "foo", .root = machine.root().string(), .release = release});
      }();
      fs::permissions(here(folder), fs::perms(0755));
      ASSERT_FALSE(report) << folder;
      EXPECT_THAT(to_string(report.error()),
                  HasSubstr("/lib/modules: cannot be listed: Permission denied"));
      EXPECT_THAT(to_string(report.error()), Not(HasSubstr("there is no kernel")));
    }
}

TEST_F(HostileRoot, AModuleThatOnlyRootReads) {
  fs::permissions(machine.root(), fs::perms(0755));
  fs::permissions(here(machine.modules_dir() + "/kernel/foo.ko"), fs::perms::none);
  const auto report = [&] {
    const SomebodyElse nobody;
    return ask();
  }();
  ASSERT_TRUE(report) << to_string(report.error());
  const auto* finding = FakeMachine::finding(*report, "unreadable-module");
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->severity, Severity::warning);
  EXPECT_EQ(report->answer, HostAnswer::would_load);
}

TEST_F(HostileRoot, UnreadableFoldersThatDecideNothing) {
  const std::vector<std::string> paths{"/etc/depmod.d", "/boot", "/etc/modules-load.d",
                                       "/etc/modules"};
  for (const auto& path : paths) {
    if (path == "/etc/modules")
      machine.write(path, "foo\n");
    else
      fs::create_directories(here(path));
    fs::permissions(here(path), fs::perms::none);
  }
  machine.module("updates/foo.ko");
  fs::permissions(machine.root(), fs::perms(0755));
  const auto report = [&] {
    const SomebodyElse nobody;
    return ask();
  }();
  for (const auto& path : paths) fs::permissions(here(path), fs::perms::owner_all);
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->answer, HostAnswer::would_load);
  const auto text = host_text(*report, false, false);
  for (const auto& path : paths) {
    EXPECT_EQ(std::count_if(report->findings.begin(), report->findings.end(),
                            [&](const HostFinding& finding) {
                              return finding.id == "unreadable" && finding.at.file == path;
                            }),
              1)
        << path;
    EXPECT_THAT(text, HasSubstr("warning: " + path + " could not be read (Permission denied)"));
    EXPECT_THAT(host_json(*report), HasSubstr(path + " could not be read (Permission denied)"));
  }
  // Nothing is claimed of what was not seen.
  EXPECT_THAT(text, Not(HasSubstr("no initramfs of this release was found")));
  EXPECT_FALSE(FakeMachine::finding(*report, "stale-index"));
  for (const auto& file : report->targets.at(0).files)
    EXPECT_THAT(file.reason, HasSubstr("not known")) << file.path;
  const auto seen = ask();
  for (const auto& finding : seen->findings) EXPECT_NE(finding.id, "unreadable") << finding.message;
  EXPECT_TRUE(FakeMachine::finding(*seen, "stale-index"));
}

TEST(HostileConfiguration, NoiseOfAFileIsToldInAFewLines) {
  KOVET_NEEDS_KMOD();
  FakeMachine machine;
  machine.module("kernel/foo.ko");
  machine.depmod();
  std::string noise;
  for (int i = 0; i < 20000; ++i) noise += "\x1b[2J" + std::to_string(i) + "\x9b\n";
  machine.write("/etc/modprobe.d/noise.conf", noise);
  machine.write("/etc/modprobe.d/loop.conf", "install foo /sbin/modprobe foo\n");
  const auto report = machine.ask("foo");
  EXPECT_EQ(report.answer, HostAnswer::blocked);
  EXPECT_THAT(report.sentence, ::testing::HasSubstr("without end"));
  const auto text = host_text(report, false, false);
  EXPECT_LT(text.size(), 5000U);
  EXPECT_THAT(text, ::testing::HasSubstr("modprobe ignores 19997 more lines like these"));
  EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("\x1b")));
}

}  // namespace
}  // namespace kovet
