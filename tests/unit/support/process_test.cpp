#include "support/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "support/interrupt.h"
#include "tests/support/temp_dir.h"

namespace kovet {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

ProcessRequest shell(const std::string& script) {
  return {.program = "sh", .arguments = {"-c", script}};
}

bool alive(pid_t pid) {
  return ::kill(pid, 0) == 0;
}

pid_t read_pid(const std::filesystem::path& file) {
  pid_t pid = 0;
  std::ifstream(file) >> pid;
  return pid;
}

/// A killed grandchild is reaped by init a moment later; a zombie counts as gone.
bool gone_soon(pid_t pid) {
  for (int i = 0; i < 100; ++i) {
    if (!alive(pid)) return true;
    std::string stat;
    std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/stat"), stat);
    if (stat.find(") Z ") != std::string::npos) return true;
    std::this_thread::sleep_for(20ms);
  }
  return false;
}

TEST(RunProcess, SeparatesTheStreamsAndKeepsTheExitCode) {
  const auto outcome = run_process(shell("echo one; echo two >&2; exit 3")).value();
  EXPECT_EQ(outcome.out, "one\n");
  EXPECT_EQ(outcome.err, "two\n");
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_FALSE(outcome.ok());
}

TEST(RunProcess, PassesArgumentsAsTheyAre) {
  const auto outcome =
      run_process({.program = "printf", .arguments = {"%s|", "a b", "$HOME", "", "'*'"}}).value();
  EXPECT_EQ(outcome.out, "a b|$HOME||'*'|");
  EXPECT_TRUE(outcome.ok());
}

TEST(RunProcess, StandardInputIsEmpty) {
  EXPECT_EQ(run_process({.program = "cat"}).value().out, "");
}

TEST(RunProcess, RunsInTheFolderWithTheEnvironment) {
  testing::TempDir dir;
  ::setenv("KOVET_TEST_DROPPED", "there", 1);
  auto request = shell("pwd; echo \"$KOVET_TEST_SET,$KOVET_TEST_DROPPED\"");
  request.directory = dir.path();
  request.environment = {{"KOVET_TEST_SET", "a=b"}};
  request.without = {"KOVET_TEST_DROPPED"};
  const auto outcome = run_process(request).value();
  EXPECT_EQ(outcome.out, std::filesystem::canonical(dir.path()).string() + "\na=b,\n");
}

TEST(RunProcess, KillsTheWholeGroupAtTheTimeout) {
  testing::TempDir dir;
  auto request = shell("sleep 60 & echo $! > child; wait");
  request.directory = dir.path();
  request.timeout = 300ms;
  const auto outcome = run_process(request).value();
  EXPECT_TRUE(outcome.timed_out);
  EXPECT_EQ(outcome.exit_code, -1);
  EXPECT_EQ(outcome.signal, SIGKILL);
  EXPECT_LT(outcome.elapsed, 10s);
  EXPECT_TRUE(gone_soon(read_pid(dir.path() / "child")));
}

TEST(RunProcess, SilenceEndsItWhenAsked) {
  auto request = shell("echo a; while :; do echo noise >&2; sleep 0.05; done");
  request.idle_timeout = [] { return 300ms; };
  std::size_t noise = 0;
  request.on_error_output = [&](std::string_view piece) { noise += piece.size(); };
  const auto outcome = run_process(request).value();
  EXPECT_TRUE(outcome.timed_out);
  EXPECT_EQ(outcome.out, "a\n");
  EXPECT_EQ(noise, outcome.err.size());
}

TEST(RunProcess, DoesNotWaitForAGrandchildThatHoldsThePipes) {
  auto request = shell("sleep 60 & exit 0");
  const auto outcome = run_process(request).value();
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_LT(outcome.elapsed, 10s);
}

TEST(RunProcess, KeepsNoMoreThanTheLimit) {
  auto request = shell("head -c 3000000 /dev/zero");
  request.capture_limit = 1000;
  std::size_t seen = 0;
  request.on_output = [&](std::string_view piece) {
    seen += piece.size();
    return true;
  };
  const auto outcome = run_process(request).value();
  EXPECT_EQ(outcome.out.size(), 1000u);
  EXPECT_TRUE(outcome.truncated);
  EXPECT_EQ(seen, 3000000u);
  EXPECT_EQ(outcome.exit_code, 0);
}

TEST(RunProcess, StopsWhenTheListenerSaysSo) {
  auto request = shell("echo ready; sleep 60");
  request.on_output = [](std::string_view) { return false; };
  const auto outcome = run_process(request).value();
  EXPECT_TRUE(outcome.stopped);
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_LT(outcome.elapsed, 10s);
}

TEST(RunProcess, ReportsASignal) {
  const auto outcome = run_process(shell("kill -TERM $$")).value();
  EXPECT_EQ(outcome.signal, SIGTERM);
  EXPECT_EQ(outcome.exit_code, -1);
}

TEST(RunProcess, InheritsNoOtherDescriptor) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const auto outcome = run_process(shell("ls /proc/$$/fd | tr '\\n' ' '")).value();
  EXPECT_THAT(outcome.out, Not(HasSubstr(" " + std::to_string(pipe_ends[1]) + " ")));
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

TEST(RunProcess, AMissingProgramIsAnError) {
  const auto missing = run_process({.program = "kovet-no-such-program"});
  ASSERT_TRUE(missing.has_error());
  EXPECT_EQ(missing.error().where, "kovet-no-such-program");
  testing::TempDir dir;
  const auto plain = dir.write("plain", "text");
  EXPECT_TRUE(run_process({.program = plain.string()}).has_error());
  EXPECT_TRUE(run_process({.program = "true", .directory = dir.path() / "none"}).has_error());
}

TEST(RunProcess, AProgramThatCannotBeExecutedIsAnError) {
  testing::TempDir dir;
  const auto broken = dir.write("broken",
                                "\x7f"
                                "ELF not really");
  std::filesystem::permissions(broken, std::filesystem::perms::owner_all);
  const auto result = run_process({.program = broken.string()});
  ASSERT_TRUE(result.has_error());
  EXPECT_THAT(result.error().what, HasSubstr("cannot be run"));
}

TEST(InterruptScope, ASignalEndsTheProgramAndIsRaisedAgain) {
  testing::TempDir dir;
  const auto marker = dir.path() / "cleaned";
  EXPECT_EXIT(
      {
        const InterruptScope scope;
        std::thread([] {
          std::this_thread::sleep_for(300ms);
          ::kill(::getpid(), SIGTERM);
        }).detach();
        const auto outcome = run_process(shell("sleep 60")).value();
        const bool again = run_process(shell("true")).has_error();
        if (outcome.interrupted == SIGTERM && again) std::ofstream(marker) << "yes";
      },
      ::testing::KilledBySignal(SIGTERM), "");
  EXPECT_TRUE(std::filesystem::exists(marker));
}

}  // namespace
}  // namespace kovet
