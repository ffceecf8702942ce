#include "vm/guest_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace kovet::vm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class GuestLogTest : public ::testing::Test {
 protected:
  std::vector<LoadOutcome> outcomes{3};
  BootRecord record;
  GuestLog log{outcomes, record, false};
  LoadOutcome& first = outcomes[0];
};

TEST_F(GuestLogTest, FollowsAModuleThatLoadsAndUnloads) {
  EXPECT_TRUE(
      log.report("S 0 6.1.0-1-amd64\r\nB 0 0 79\r\n"
                 "K 4,10,100,-;good: loading out-of-tree module taints kernel.\r\n"
                 "K 7,11,101,-;calling  good_init+0x0/0x10 [good] @ 79\r\n"
                 "K 6,12,102,-;good says hi\r\n"
                 "K 7,13,103,-;initcall good_init+0x0/0x10 [good] returned 0 after 3 usecs\r\n"
                 "R 0 0\r\nN 0 good 16384 0 - Live 0x0000000000000000 (OE)\r\nE 0 12288\r\n"));
  EXPECT_TRUE(log.is_up());
  EXPECT_EQ(record.release, "6.1.0-1-amd64");
  EXPECT_EQ(first.state, LoadState::loaded);
  EXPECT_TRUE(first.init_called);
  EXPECT_EQ(first.name, "good");
  EXPECT_EQ(first.taints, "OE");
  EXPECT_EQ(first.taint_after, 12288u);
  EXPECT_THAT(first.log,
              ElementsAre("good: loading out-of-tree module taints kernel.", "good says hi"));
  EXPECT_FALSE(log.report("V 0\nK 6,20,200,-;bye\nU 0 0 12288\nX\n"));
  EXPECT_EQ(first.unload, UnloadState::clean);
  EXPECT_THAT(first.unload_log, ElementsAre("bye"));
  EXPECT_THAT(log.answered(), ElementsAre(0u));
  EXPECT_TRUE(record.end.empty());
}

TEST_F(GuestLogTest, TellsARefusalFromAnInitThatFailed) {
  log.report(
      "S 0 r\nB 0 0 79\nK 3,1,1,-;m: disagrees about version of symbol x\nR 0 22\nE 0 0\n"
      "B 1 0 80\nK 7,2,2,-;calling  init_module+0x0/0x10 [m] @ 80\nR 1 22\nE 1 0\n");
  EXPECT_EQ(first.state, LoadState::refused);
  EXPECT_EQ(first.error, EINVAL);
  EXPECT_EQ(outcomes[1].state, LoadState::init_failed);
  EXPECT_EQ(outcomes[1].error, EINVAL);
}

TEST_F(GuestLogTest, AnInitOfAnotherProcessIsNotThisModules) {
  log.report("S 0 r\nB 0 0 79\nK 7,2,2,-;calling  other+0x0/0x10 [o] @ 78\nR 0 22\nE 0 0\n");
  EXPECT_EQ(first.state, LoadState::refused);
}

TEST_F(GuestLogTest, ALouderLineThatLooksLikeACallIsTheModules) {
  log.report("S 0 r\nB 0 0 79\nK 6,2,2,-;calling  nobody @ 79\nR 0 22\nE 0 0\n");
  EXPECT_EQ(first.state, LoadState::refused);
  EXPECT_THAT(first.log, ElementsAre("calling  nobody @ 79"));
}

TEST_F(GuestLogTest, WhatAModulePrintsIsNeverAReport) {
  log.report("S 0 r\nB 0 0 79\nK 6,2,2,-;hi\\x0aR 0 0\\x0aX\nR 0 8\nE 0 0\n");
  EXPECT_FALSE(log.finished());
  EXPECT_EQ(first.error, ENOEXEC);
  EXPECT_THAT(first.log, ElementsAre("hi", "R 0 0", "X"));
}

TEST_F(GuestLogTest, RestoresWhatTheKernelEscapes) {
  log.report(
      "S 0 r\nB 0 0 79\nK 6,2,2,-;a\\x5cb \\xc3\\xa9 \\xzz \\x\nK 30,3,3,-;a program's\n"
      "R 0 8\nE 0 0\n");
  EXPECT_THAT(first.log, ElementsAre("a\\b \xc3\xa9 \\xzz \\x"));
}

TEST_F(GuestLogTest, TakesItsInputInAnyPieces) {
  const std::string text = "S 0 r\nB 0 5 79\nK 6,2,2,-;one\nR 0 8\nE 0 5\nX\n";
  for (const char c : text) log.report(std::string_view(&c, 1));
  EXPECT_TRUE(log.finished());
  EXPECT_EQ(first.error, ENOEXEC);
  EXPECT_EQ(first.taint_before, 5u);
  EXPECT_THAT(first.log, ElementsAre("one"));
}

TEST_F(GuestLogTest, WarningsComeFromTheTaintMask) {
  log.report("S 0 r\nB 0 0 79\nR 0 0\nE 0 512\nV 0\nU 0 0 640\nQ\n");
  EXPECT_TRUE(first.warned);
  EXPECT_TRUE(first.oopsed);
}

TEST_F(GuestLogTest, AGuestThatDiesHasItsLastWordsFromTheConsole) {
  log.console("[    1.000000] before\r\n");
  log.report("S 0 r\nB 0 0 79\n");
  log.console(
      "[    5.000000] calling  init_module+0x0/0x10 [m] @ 79\r\n"
      "[    5.000001] m: doomed\r\n[    5.000002] Kernel panic - not syncing: x\r\n");
  log.close(false);
  EXPECT_EQ(first.state, LoadState::died);
  EXPECT_TRUE(first.init_called);
  EXPECT_TRUE(first.oopsed);
  EXPECT_THAT(first.log, ElementsAre("m: doomed", "Kernel panic - not syncing: x"));
  EXPECT_THAT(log.answered(), SizeIs(1));
  EXPECT_EQ(record.end, "the guest died");
}

TEST_F(GuestLogTest, SilenceIsAHang) {
  log.report("S 0 r\nB 0 0 79\n");
  log.close(true);
  EXPECT_EQ(first.state, LoadState::hung);
}

TEST_F(GuestLogTest, TheKilledAndTheStuckEndTheBoot) {
  EXPECT_FALSE(log.report("S 0 r\nB 0 0 79\nK 0,1,1,-;BUG: x\nO 0\nE 0 128\nQ\n"));
  EXPECT_EQ(first.state, LoadState::died);
  EXPECT_TRUE(first.oopsed);
  GuestLog next(outcomes, record, false);
  EXPECT_FALSE(next.report("S 0 r\nB 1 0 79\nH 1\nE 1 0\nQ\n"));
  EXPECT_EQ(outcomes[1].state, LoadState::hung);
}

TEST_F(GuestLogTest, UnloadingMayFailHangOrDie) {
  log.report(
      "S 0 r\nB 0 0 1\nR 0 0\nE 0 0\nB 1 0 1\nR 1 0\nE 1 0\nB 2 0 1\nR 2 0\nE 2 0\n"
      "V 2\nU 2 16 0\nV 1\nU 1 -1 0\nV 0\nU 0 -2 128\nQ\n");
  EXPECT_EQ(outcomes[2].unload, UnloadState::failed);
  EXPECT_EQ(outcomes[2].unload_error, EBUSY);
  EXPECT_EQ(outcomes[1].unload, UnloadState::hung);
  EXPECT_EQ(outcomes[0].unload, UnloadState::died);
}

TEST_F(GuestLogTest, NamesTheDependencyThatFailed) {
  log.report("S 0 r\nA /m/3-crc32c-intel.ko 19\nB 0 0 79\nR 0 2\nE 0 0\n");
  EXPECT_THAT(first.missing_dependencies, ElementsAre(HasSubstr("crc32c-intel.ko (")));
}

TEST_F(GuestLogTest, CountsWhatIsLeftOut) {
  log.report(
      "S 0 r\nT 9\nB 0 0 9\nK 6,1,1,-;one\nT 4000\nR 0 0\n"
      "N 0 m 1 0 [permanent], Live 0x0 (OE)\nE 0 0\nT 5\n");
  EXPECT_EQ(first.lines_left_out, 4000u);
  EXPECT_TRUE(first.permanent);
  std::string many = "B 1 0 9\n";
  for (int i = 0; i < 2010; ++i) many += "K 6,1,1,-;line\n";
  log.report(many);
  EXPECT_THAT(outcomes[1].log, SizeIs(2000));
  EXPECT_EQ(outcomes[1].lines_left_out, 10u);
}

TEST_F(GuestLogTest, OfALongConsoleTheBeginningAndTheEndAreKept) {
  log.report("S 0 r\n");
  log.console(std::string(700000, 'x') + '\n');
  log.report("B 0 0 9\n");
  log.console("[    1.000000] calling  m_init+0x0/0x10 [m] @ 9\r\n[    1.000000] first\r\n");
  for (int i = 0; i < 100000; ++i) log.console("[    1.000000] flood\r\n");
  log.console("[    9.000000] Kernel panic - not syncing: end\r\n");
  log.close(false);
  EXPECT_TRUE(first.init_called);
  ASSERT_THAT(first.log, SizeIs(2000));
  EXPECT_EQ(first.log.front(), "first");
  EXPECT_EQ(first.log.back(), "Kernel panic - not syncing: end");
  EXPECT_GT(first.lines_left_out, 0u);
}

TEST_F(GuestLogTest, AWarningBelongsToWhoseUnloadingCausedIt) {
  log.report(
      "S 0 r\nB 0 0 9\nR 0 0\nE 0 0\nB 1 0 9\nR 1 0\nE 1 512\n"
      "V 1\nU 1 0 512\nV 0\nU 0 0 512\nX\n");
  EXPECT_FALSE(first.warned);
  EXPECT_TRUE(outcomes[1].warned);
}

TEST_F(GuestLogTest, KnowsTheDependencyThatEndedTheGuest) {
  log.report("S 0 r\nD /m/3-crc7.ko\n");
  log.close(false);
  EXPECT_EQ(log.dependency(), "crc7.ko");
  EXPECT_THAT(log.answered(), IsEmpty());
}

TEST_F(GuestLogTest, NonsenseIsHarmless) {
  log.report(std::string(1 << 20, 'K') +
             "\nK\nB\nR\nE 99999999999999999999 x\nN 7 x\nB 77 0 0\n"
             "K 6,1,1,-;x\nR 77 1\nE 77 1\nV 88\nU 88 1 1\nO 1000\nZ\n\n \n");
  log.console(std::string(3 << 20, '['));
  log.close(true);
  EXPECT_THAT(outcomes, SizeIs(3));
  EXPECT_THAT(first.log, IsEmpty());
}

TEST_F(GuestLogTest, AFloodIsCutShort) {
  log.report("S 0 r\nB 0 0 79\n");
  for (int i = 0; i < 5000; ++i) log.report("K 6,1,1,-;flood\n");
  for (int i = 0; i < 100000; ++i) log.console("[    5.000001] a flood of lines\n");
  log.close(false);
  EXPECT_LE(first.log.size(), 2000u);
}

}  // namespace
}  // namespace kovet::vm
