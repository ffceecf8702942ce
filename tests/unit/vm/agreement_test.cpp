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
  const auto enclosed = rejected(EINVAL, {"kobject: (<address>): attempted"});
  for (const auto* address : {"00000000ffee", "(____ptrval____)"})
    EXPECT_EQ(of(enclosed, refused(EINVAL, {std::string("kobject: (") + address + "): attempted"})),
              Agreement::agree);
}

TEST(Compare, TheWorstIsAFalseAcceptance) {
  EXPECT_EQ(of(accepted(), refused(ENOEXEC, {})), Agreement::false_accept);
  EXPECT_EQ(of(rejected(ENOEXEC, {}), loaded()), Agreement::false_reject);
  LoadOutcome died{.state = LoadState::died};
  EXPECT_EQ(of(accepted(), died), Agreement::false_accept);
  died.init_called = true;
  EXPECT_NE(of(accepted(), died), Agreement::false_accept);
}

/// The suite proves nothing unless it notices a prediction that is wrong in any one part.
TEST(Compare, AFlippedPredictionIsNoticed) {
  const std::vector<std::string> lines{"Lockdown: insmod: unsigned module loading is restricted",
                                       "m: Unknown symbol a (err -2)",
                                       "m: Unknown symbol b (err -2)"};
  const auto right = rejected(EPERM, lines);
  const auto answer = refused(EPERM, lines);
  ASSERT_EQ(of(right, answer), Agreement::agree);
  auto flipped = right;
  flipped.verdict.answer = Answer::accept;
  EXPECT_EQ(of(flipped, answer), Agreement::false_accept);
  flipped.verdict.answer = Answer::unknown;
  EXPECT_EQ(of(flipped, answer), Agreement::unknown);
  flipped = right;
  flipped.verdict.error = ENOEXEC;
  EXPECT_EQ(of(flipped, answer), Agreement::wrong_errno);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    flipped = right;
    flipped.verdict.log.erase(flipped.verdict.log.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(of(flipped, answer), Agreement::wrong_log) << "without line " << i;
    flipped = right;
    flipped.verdict.log[i].back() = '?';
    EXPECT_EQ(of(flipped, answer), Agreement::wrong_log) << "with another line " << i;
  }
  std::swap((flipped = right).verdict.log[1], flipped.verdict.log[2]);
  EXPECT_EQ(of(flipped, answer), Agreement::wrong_log);
  flipped = right;
  flipped.verdict.log.push_back("tsc: Refined TSC clocksource calibration");
  EXPECT_EQ(of(flipped, answer), Agreement::wrong_log);

  ASSERT_EQ(of(accepted(), loaded()), Agreement::agree);
  flipped = accepted();
  flipped.verdict.answer = Answer::reject;
  flipped.verdict.error = ENOEXEC;
  EXPECT_EQ(of(flipped, loaded()), Agreement::false_reject);
  flipped = accepted();
  flipped.taints.letters = "O";
  EXPECT_EQ(of(flipped, loaded()), Agreement::wrong_taint);
  flipped = accepted();
  flipped.taints.log.pop_back();
  EXPECT_EQ(of(flipped, loaded()), Agreement::wrong_log);
}

/// No line of other parts of the kernel is waved through.
TEST(Compare, NoiseIsADisagreement) {
  EXPECT_EQ(of(accepted(), loaded({"m: out-of-tree", "m: not verified", "random: crng init done"})),
            Agreement::wrong_log);
  EXPECT_EQ(of(rejected(ENOEXEC, {}), refused(ENOEXEC, {"input: ImExPS/2 Mouse as /devices/x"})),
            Agreement::wrong_log);
}

TEST(Compare, LinesBesideAGateThatIsNotKnownProveNothing) {
  auto prediction = rejected(EINVAL, {"a line"});
  const auto real = refused(EINVAL, {"another", "a line"});
  EXPECT_EQ(of(prediction, real), Agreement::wrong_log);
  prediction.verdict.may_come_first.push_back(&gates().front());
  EXPECT_EQ(of(prediction, real), Agreement::unknown);
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

TEST(AssumptionsFrom, DashesQuotesAndTheEndOfTheKernelsWords) {
  const auto all = assumptions_from(
      "module.sig-enforce=1 \"lockdown=confidentiality\" module-blacklist=\"a-b,c d\" -- quiet");
  EXPECT_TRUE(all.sig_enforce);
  EXPECT_TRUE(all.lockdown);
  EXPECT_THAT(all.blacklist, ElementsAre("a-b", "c d"));
  EXPECT_FALSE(assumptions_from("quiet -- lockdown=integrity").lockdown);
}

TEST(AssumptionsFrom, TheKernelTakesNoListOfMoreThan1024Bytes) {
  const std::string list = "name," + std::string(1019, 'x');
  EXPECT_THAT(assumptions_from("module_blacklist=" + list).blacklist, ::testing::SizeIs(2));
  EXPECT_THAT(assumptions_from("module_blacklist=a module_blacklist=" + list + "x").blacklist,
              ElementsAre("a"));
}

TEST(AssumptionsFrom, NothingStatedIsNothingAssumed) {
  const auto none = assumptions_from("quiet lockdown=none module.sig_enforce=0");
  EXPECT_FALSE(none.sig_enforce);
  EXPECT_FALSE(none.lockdown);
  EXPECT_THAT(none.blacklist, IsEmpty());
}

}  // namespace
}  // namespace kovet::vm
