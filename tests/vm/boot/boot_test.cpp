#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <map>
#include <thread>

#include "tests/kernel/real_kernels.h"
#include "tests/support/run_kovet.h"
#include "tests/support/temp_dir.h"

// kovet boot with modules that Kbuild makes of modules/, on real kernels in QEMU.

namespace kovet::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;

std::string lacking() {
  if (!fs::exists("/usr/bin/qemu-system-x86_64")) return "needs qemu-system-x86_64";
  for (const auto& release : real_releases())
    if (image_root(release)) return "";
  return "needs a kernel's headers and its unpacked linux-image package: tests/run.sh has both";
}

class Boot : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto what = lacking(); !what.empty()) {
      if (missing_is_failure()) FAIL() << what;
      GTEST_SKIP() << what;
    }
    // The newest: releases are sorted as strings, and 6.1 is before 6.12.
    for (const auto& release : real_releases())
      if (image_root(release) && release.find("-rt-") == std::string::npos &&
          release.find("-cloud-") == std::string::npos)
        release_ = release;
    image_ = *image_root(release_);
  }
  std::string module(const std::string& name) const { return built_module(release_, name); }
  ProcessOutcome run(const std::vector<std::string>& names,
                     std::vector<std::string> options = {"--format", "json"}) const {
    std::vector<std::string> arguments{"boot", "--kernel", release_, "--image", image_.string()};
    for (const auto& name : names) arguments.push_back(module(name));
    arguments.insert(arguments.end(), options.begin(), options.end());
    return run_kovet(arguments);
  }
  /// By the module's name.
  static std::map<std::string, json> results_of(const json& document) {
    std::map<std::string, json> results;
    for (const auto& result : document.at("results"))
      results[fs::path(result.at("module").get<std::string>()).stem()] = result;
    return results;
  }

  std::string release_;
  fs::path image_;
};

std::vector<std::string> log_of(const json& result) {
  return result.at("log").get<std::vector<std::string>>();
}

void expect_ending(const json& result, const std::string& how, const std::string& unload) {
  EXPECT_EQ(result.at("result"), how) << result;
  EXPECT_EQ(result.at("unload").at("result"), unload) << result;
}

TEST_F(Boot, ModulesThatBehave) {
  const auto outcome =
      run({"boot_imports", "boot_prints", "boot_parameters", "boot_exports", "boot_needs",
           "boot_fails", "boot_in_use", "boot_no_exit", "boot_many_lines", "boot_warns"},
          {"--format", "json", "--compare", "--log", "--param", "boot_parameters:flag", "--param",
           "boot_parameters:number=-7", "--param", "boot_parameters:big=5000000000", "--param",
           "boot-parameters:words=two words", "--param", "boot_parameters:list=3,4"});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  const auto document = json_of(outcome);
  EXPECT_EQ(document.at("schema"), "kovet.boot/1");
  ASSERT_EQ(document.at("boots").size(), 1U) << document.at("boots");
  EXPECT_EQ(document.at("boots")[0].at("release"), release_);
  EXPECT_THAT(log_of(document.at("boots")[0]),
              AllOf(Contains(StartsWith("Linux version " + release_)),
                    Contains("boot_prints: says goodbye")));
  auto results = results_of(document);
  ASSERT_EQ(results.size(), 10U);
  for (const auto& [name, result] : results) {
    EXPECT_EQ(result.at("prediction").at("agreement"), "agree") << name << result;
    EXPECT_EQ(result.at("warned"), name == "boot_warns") << name;
    EXPECT_FALSE(result.at("oopsed")) << name;
    EXPECT_THAT(result.at("missing_dependencies"), IsEmpty()) << name;
  }

  const json& prints = results["boot_prints"];
  expect_ending(prints, "loaded", "clean");
  EXPECT_EQ(prints.at("taints"), "OE");
  // What looks like a report of the guest is text of the module's.
  EXPECT_THAT(log_of(prints), IsSupersetOf({"boot_prints: says hello", "R 0 22", "E 0 0", "X"}));
  EXPECT_THAT(log_of(prints.at("unload")), ElementsAre("boot_prints: says goodbye"));
  EXPECT_THAT(log_of(results["boot_parameters"]),
              ElementsAre("boot_parameters: flag=1 number=-7 big=5000000000 words=<two words> "
                          "list=2:3,4"));
  // Sorted by need, whatever the order on the command line.
  EXPECT_THAT(log_of(results["boot_imports"]), ElementsAre("boot_imports: 42"));
  const auto needed = results["boot_needs"].at("dependencies");
  ASSERT_EQ(needed.size(), 1U);
  EXPECT_THAT(needed[0].get<std::string>(), HasSubstr("/crc7.ko"));
  EXPECT_THAT(results["boot_prints"].at("dependencies"), IsEmpty());

  expect_ending(results["boot_fails"], "init_failed", "none");
  EXPECT_EQ(results["boot_fails"].at("errno"), "EINVAL");
  expect_ending(results["boot_in_use"], "loaded", "failed");
  EXPECT_EQ(results["boot_in_use"].at("unload").at("errno"), "EAGAIN");
  EXPECT_FALSE(results["boot_in_use"].at("permanent"));
  expect_ending(results["boot_no_exit"], "loaded", "failed");
  EXPECT_EQ(results["boot_no_exit"].at("unload").at("errno"), "EBUSY");
  EXPECT_TRUE(results["boot_no_exit"].at("permanent"));
  expect_ending(results["boot_many_lines"], "loaded", "clean");
  EXPECT_EQ(log_of(results["boot_many_lines"]).size(), 2000U);
  EXPECT_GE(results["boot_many_lines"].at("lines_left_out"), 4000);
  expect_ending(results["boot_warns"], "loaded", "clean");
  EXPECT_THAT(log_of(results["boot_warns"]), Contains("boot_warns: on purpose"));
}

TEST_F(Boot, WhatEndsBadlyCostsOneModule) {
  const auto outcome = run({"boot_oops", "boot_panics", "boot_triple_fault", "boot_loops",
                            "boot_sleeps", "boot_unload_oops", "boot_prints"},
                           {"--format", "json", "--timeout", "5", "--apart"});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  const auto document = json_of(outcome);
  auto results = results_of(document);
  ASSERT_EQ(results.size(), 7U);
  expect_ending(results["boot_oops"], "died", "none");
  EXPECT_TRUE(results["boot_oops"].at("oopsed"));
  EXPECT_TRUE(results["boot_oops"].at("init_called"));
  EXPECT_THAT(log_of(results["boot_oops"]), Contains(HasSubstr("NULL pointer dereference")));
  expect_ending(results["boot_panics"], "died", "none");
  EXPECT_THAT(log_of(results["boot_panics"]),
              Contains(HasSubstr("Kernel panic - not syncing: boot_panics: on purpose")));
  expect_ending(results["boot_triple_fault"], "died", "none");
  expect_ending(results["boot_loops"], "hung", "none");
  EXPECT_TRUE(results["boot_loops"].at("init_called"));
  expect_ending(results["boot_sleeps"], "hung", "none");
  expect_ending(results["boot_unload_oops"], "loaded", "died");
  EXPECT_TRUE(results["boot_unload_oops"].at("oopsed"));
  expect_ending(results["boot_prints"], "loaded", "clean");
  EXPECT_EQ(document.at("boots").size(), 7U);
}

/// The rest of the ways to end: vm/boot-long.
TEST_F(Boot, LongFurtherWaysToEnd) {
  const auto outcome = run({"boot_bug", "boot_powers_off", "boot_restarts", "boot_floods",
                            "boot_unload_loops", "boot_prints"},
                           {"--format", "json", "--timeout", "5", "--apart"});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  auto results = results_of(json_of(outcome));
  ASSERT_EQ(results.size(), 6U);
  for (const auto* name : {"boot_bug", "boot_powers_off", "boot_restarts"})
    expect_ending(results[name], "died", "none");
  EXPECT_TRUE(results["boot_bug"].at("oopsed"));
  expect_ending(results["boot_floods"], "hung", "none");
  EXPECT_TRUE(results["boot_floods"].at("init_called"));
  EXPECT_EQ(log_of(results["boot_floods"]).size(), 2000U);
  EXPECT_GT(results["boot_floods"].at("lines_left_out"), 0);
  expect_ending(results["boot_unload_loops"], "loaded", "hung");
  expect_ending(results["boot_prints"], "loaded", "clean");
}

TEST_F(Boot, AGroupGoesOnAfterAMemberDied) {
  const auto document = json_of(run({"boot_exports", "boot_oops", "boot_imports"}));
  auto results = results_of(document);
  expect_ending(results["boot_oops"], "died", "none");
  expect_ending(results["boot_imports"], "loaded", "clean");
  expect_ending(results["boot_exports"], "loaded", "clean");
  EXPECT_EQ(document.at("boots").size(), 2U);
}

TEST_F(Boot, TheKernelsCommandLineAndAPositiveResult) {
  const auto outcome = run(
      {"boot_prints", "boot_fails"},
      {"--append", "module_blacklist=boot_prints", "--compare", "--param", "boot_fails:result=3"});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("refused by the loader: EPERM"),
                                 HasSubstr("| Module boot_prints is blacklisted\n"),
                                 HasSubstr("predicted: reject, EPERM: Module boot_prints is "
                                           "blacklisted\n  agree\n"),
                                 HasSubstr("init suspiciously returned 3"),
                                 HasSubstr("2 modules: 1 loaded, 1 refused; 1 boot of ")));
}

TEST_F(Boot, AllFineIsZeroAlsoForAPermanentModule) {
  // An uncompressed vmlinux boots too; the kernel build's own script takes it out of the vmlinuz.
  const TempDir dir;
  const fs::path vmlinux = dir.path() / "vmlinux";
  const auto unpacked =
      run_program("bash", {"-c", "\"$0\" \"$1\" >\"$2\"",
                           (build_directory(release_) / "scripts" / "extract-vmlinux").string(),
                           (image_ / "boot" / ("vmlinuz-" + release_)).string(), vmlinux.string()});
  std::vector<std::string> arguments{"boot", module("boot_no_exit"), "--kernel", release_};
  if (unpacked.ok()) arguments.insert(arguments.end(), {"--image", vmlinux.string()});
  if (!unpacked.ok()) arguments.insert(arguments.end(), {"--image", image_.string()});
  const auto outcome = run_kovet(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("loaded (OE), does not unload: it has no exit function"));
}

TEST_F(Boot, WhatCannotBeBootedIsSaid) {
  TempDir dir;
  const auto refused = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"boot", module("boot_prints")});
    const auto outcome = run_kovet(arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(outcome.out, "");
    return outcome.err;
  };
  EXPECT_THAT(refused({"--kernel", release_, "--image",
                       dir.write("text", std::string(5000, 'x')).string()}),
              HasSubstr("is no x86-64 kernel image"));
  std::string arm(5000, '\0');
  arm.replace(56, 4, "ARM\x64");
  EXPECT_THAT(refused({"--kernel", release_, "--image", dir.write("arm", arm).string()}),
              AllOf(HasSubstr("is an arm64 kernel; only x86-64"), HasSubstr("kovet check")));
  EXPECT_THAT(refused({"--kernel", release_, "--image", module("boot_prints")}),
              HasSubstr("is an ELF file but no kernel"));
  EXPECT_THAT(refused({"--kernel", release_, "--image", (dir.path() / "none").string()}),
              HasSubstr("none"));
  fs::create_directory(dir.path() / "empty");
  EXPECT_THAT(refused({"--kernel", release_, "--image", (dir.path() / "empty").string()}),
              HasSubstr("has no vmlinuz"));
  EXPECT_THAT(refused({"--kernel", "no-such-kernel", "--image", image_.string()}),
              HasSubstr("no-such-kernel"));
  EXPECT_THAT(refused({"--kernel", release_, "--image", image_.string(), "--param", "boot_prints"}),
              HasSubstr("MODULE:PARAMETER=VALUE"));
  EXPECT_THAT(refused({"--kernel", release_, "--image", image_.string(), "--param", "other:a=1"}),
              HasSubstr("no given module is named 'other'"));
  for (const auto& other : real_releases())
    if (const auto root = image_root(other); root && other != release_) {
      EXPECT_THAT(refused({"--kernel", release_, "--image", root->string()}),
                  AllOf(HasSubstr("is the image of " + other), HasSubstr("--kernel " + other)));
      break;
    }
}

TEST_F(Boot, WithoutQemuItNamesThePackage) {
  // The program is found by its path; nothing else is in PATH.
  const auto outcome =
      run_program("env", {"PATH=/nowhere", kovet_program(), "boot", module("boot_prints"),
                          "--kernel", release_, "--image", image_.string()});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("qemu-system-x86_64"), HasSubstr("apt install qemu-system-x86")));
}

/// There are machines whose KVM runs a boot sector and hangs with a kernel.
TEST_F(Boot, KvmThatBringsUpNoKernelIsGivenUp) {
  TempDir dir;
  const auto qemu = dir.write("qemu-system-x86_64",
                              "#!/bin/sh\n"
                              "case \"$*\" in\n"
                              "*'-accel kvm'*if=floppy*) exit 33 ;;\n"
                              "*'-accel kvm'*) echo tried >>\"$0.kvm\"; exec sleep 600 ;;\n"
                              "esac\n"
                              "exec /usr/bin/qemu-system-x86_64 \"$@\"\n");
  fs::permissions(qemu, fs::perms::owner_all);
  const auto outcome =
      run_program("env", {"PATH=" + dir.path().string() + ":/usr/bin:/bin", kovet_program(), "boot",
                          module("boot_prints"), module("boot_parameters"), "--apart", "--kernel",
                          release_, "--image", image_.string(), "--boot-timeout", "300"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("(tcg)"), HasSubstr("--accel tcg does not try it")));
  EXPECT_EQ(read_text(qemu.string() + ".kvm"), "tried\n");
}

TEST_F(Boot, AKernelThatDoesNotComeUpIsAnError) {
  const auto outcome =
      run({"boot_prints"}, {"--append", "rdinit=/nowhere", "--boot-timeout", "60"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("its last words:"), HasSubstr("Kernel panic")));
}

/// Empty when the process is gone meanwhile.
std::string command_line(const fs::path& process) {
  try {
    std::ifstream file(process / "cmdline", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  } catch (const std::exception&) {
    return {};
  }
}

/// Guests whose command line has `text` in it.
std::size_t processes_with(const std::string& text) {
  std::size_t count = 0;
  std::error_code code;
  for (fs::directory_iterator at("/proc", code), end; !code && at != end; at.increment(code)) {
    const std::string line = command_line(at->path());
    if (line.find("qemu-system") != std::string::npos && line.find(text) != std::string::npos)
      ++count;
  }
  return count;
}

TEST_F(Boot, NothingIsLeftBehindBySignals) {
  for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
    const TempDir dir;
    const std::string mark = "kovet_test_mark=" + dir.path().filename().string();
    const std::vector<std::string> words{kovet_program(), "boot",     module("boot_prints"),
                                         "--kernel",      release_,   "--image",
                                         image_.string(), "--append", mark};
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      std::vector<char*> arguments;
      for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
      arguments.push_back(nullptr);
      ::setenv("TMPDIR", dir.path().c_str(), 1);
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
    const auto patience = std::chrono::milliseconds(50);
    for (int i = 0; i < 400 && processes_with(mark) == 0; ++i)
      std::this_thread::sleep_for(patience);
    EXPECT_EQ(processes_with(mark), 1U);
    ::kill(child, signal);
    int status = 0;
    ::waitpid(child, &status, 0);
    for (int i = 0; i < 100 && processes_with(mark) > 0; ++i) std::this_thread::sleep_for(patience);
    EXPECT_EQ(processes_with(mark), 0U) << "after signal " << signal;
    EXPECT_TRUE(fs::is_empty(dir.path())) << "after signal " << signal;
  }
}

}  // namespace
}  // namespace kovet::testing
