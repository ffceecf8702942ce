#include "vm/agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace kovet::vm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint64_t taint_o = 1 << 12, taint_e = 1 << 13;

Prediction accepted() {
  Prediction prediction;
  prediction.verdict.answer = Answer::accept;
  prediction.taints.letters = "OE";
  prediction.taints.causes = {{.letter = 'O', .log = "m: out-of-tree"},
                              {.letter = 'E', .log = "m: not verified"}};
  prediction.taints.log = {"m: out-of-tree", "m: not verified"};
  return prediction;
}

Prediction rejected(int error, std::vector<std::string> log) {
  Prediction prediction = accepted();
  prediction.verdict.answer = Answer::reject;
  prediction.verdict.error = error;
  prediction.verdict.log = std::move(log);
  return prediction;
}

LoadOutcome loaded(std::vector<std::string> log = {"m: out-of-tree", "m: not verified"}) {
  return {.state = LoadState::loaded, .log = std::move(log), .init_called = true, .taints = "OE"};
}

LoadOutcome refused(int error, std::vector<std::string> log) {
  return {.state = LoadState::refused, .error = error, .log = std::move(log)};
}

Agreement of(const Prediction& prediction, const LoadOutcome& outcome, bool silent = true) {
  return compare(prediction, outcome, silent).agreement;
}

TEST(Compare, AgreesOnAcceptance) {
  EXPECT_EQ(of(accepted(), loaded()), Agreement::agree);
  LoadOutcome failed = loaded();
  failed.state = LoadState::init_failed;
  failed.error = EINVAL;
  failed.taints = "";
  EXPECT_EQ(of(accepted(), failed), Agreement::agree);
}

TEST(Compare, LinesThatComeOnceMayBeMissingLater) {
  LoadOutcome later = loaded({"m: not verified"});
  EXPECT_EQ(of(accepted(), later), Agreement::wrong_log);
  later.taint_before = taint_o;
  EXPECT_EQ(of(accepted(), later), Agreement::agree);
  later.log.clear();
  EXPECT_EQ(of(accepted(), later), Agreement::wrong_log);
  later.taint_before = taint_o | taint_e;
  EXPECT_EQ(of(accepted(), later), Agreement::agree);
}

TEST(Compare, OnlyASilentModuleMustNotPrintMore) {
  const auto talking = loaded({"m: out-of-tree", "m: not verified", "hello"});
  EXPECT_EQ(of(accepted(), talking), Agreement::wrong_log);
  EXPECT_EQ(of(accepted(), talking, false), Agreement::agree);
}

TEST(Compare, TellsTheLettersApart) {
  LoadOutcome other = loaded();
  other.taints = "POE";
  EXPECT_EQ(of(accepted(), other), Agreement::wrong_taint);
}

TEST(Compare, AgreesOnARejectionWithItsLines) {
  const auto prediction = rejected(EINVAL, {"m: disagrees", "m: Unknown symbol"});
  EXPECT_EQ(
      of(prediction, refused(EINVAL, {"m: out-of-tree", "m: disagrees", "m: Unknown symbol"})),
      Agreement::agree);
  EXPECT_EQ(of(prediction, refused(ENOENT, {"m: disagrees", "m: Unknown symbol"})),
            Agreement::wrong_errno);
  EXPECT_EQ(of(prediction, refused(EINVAL, {"m: Unknown symbol", "m: disagrees"})),
            Agreement::wrong_log);
  EXPECT_EQ(of(prediction, refused(EINVAL, {"m: disagrees"})), Agreement::wrong_log);
}

TEST(Compare, AnAddressMayBeAny) {
  const auto prediction = rejected(ENOEXEC, {"loc <address>, val <address>"});
  EXPECT_EQ(of(prediction, refused(ENOEXEC, {"loc (____ptrval____), val ffffffffc0"})),
            Agreement::agree);
  EXPECT_EQ(of(prediction, refused(ENOEXEC, {"loc 1, val 2 3"})), Agreement::wrong_log);
}

TEST(Compare, TheWorstIsAFalseAcceptance) {
  EXPECT_EQ(of(accepted(), refused(ENOEXEC, {})), Agreement::false_accept);
  EXPECT_EQ(of(rejected(ENOEXEC, {}), loaded()), Agreement::false_reject);
  LoadOutcome died{.state = LoadState::died};
  EXPECT_EQ(of(accepted(), died), Agreement::false_accept);
  died.init_called = true;
  EXPECT_NE(of(accepted(), died), Agreement::false_accept);
}

TEST(Compare, UnknownIsNeitherRightNorWrong) {
  Prediction prediction = accepted();
  prediction.verdict.answer = Answer::unknown;
  EXPECT_EQ(of(prediction, refused(ENOEXEC, {})), Agreement::unknown);
}

TEST(AssumptionsFrom, ReadsWhatTheKernelReads) {
  const auto all = assumptions_from(
      "quiet module.sig_enforce=1 lockdown=integrity module_blacklist=a,b_c,,d panic=-1");
  EXPECT_TRUE(all.sig_enforce);
  EXPECT_TRUE(all.lockdown);
  EXPECT_THAT(all.blacklist, ElementsAre("a", "b_c", "d"));
  EXPECT_TRUE(assumptions_from("module.sig_enforce").sig_enforce);
}

TEST(AssumptionsFrom, NothingStatedIsNothingAssumed) {
  const auto none = assumptions_from("quiet lockdown=none module.sig_enforce=0");
  EXPECT_FALSE(none.sig_enforce);
  EXPECT_FALSE(none.lockdown);
  EXPECT_THAT(none.blacklist, IsEmpty());
}

}  // namespace
}  // namespace kovet::vm
