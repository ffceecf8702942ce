#include <algorithm>
#include <set>

#include "rules/finding.h"
#include "tests/unit/gates/judging.h"

namespace kovet::testing {
namespace {

TEST(GateTable, EveryRowIsComplete) {
  std::set<std::string_view> ids;
  for (const Gate& gate : gates()) {
    EXPECT_TRUE(ids.insert(gate.id).second) << gate.id << " twice";
    for (const std::string_view text : {gate.stage, gate.summary, gate.explanation, gate.errors,
                                        gate.fix, gate.since, gate.source})
      EXPECT_FALSE(text.empty()) << gate.id;
    EXPECT_NE(gate.evaluate, nullptr) << gate.id;
    if (gate.id == "init")
      EXPECT_TRUE(gate.finding.empty()) << "it never rejects";
    else
      EXPECT_NE(find_rule(gate.finding), nullptr) << gate.id << " names no rule: " << gate.finding;
  }
}

TEST(GateTable, EveryKernelSeesEveryGateOnce) {
  for (const KernelVersion version : {KernelVersion{4, 19, 0}, {5, 10, 0}, {6, 1, 0}, {6, 12, 0}}) {
    Kernel kernel = honest_kernel();
    kernel.version = version;
    const auto order = gates_in_order(kernel);
    EXPECT_EQ(std::set<const Gate*>(order.begin(), order.end()).size(), gates().size());
  }
}

TEST(GateTable, SignatureComesAfterTheBlacklistBefore512) {
  Kernel kernel = honest_kernel();
  kernel.version = KernelVersion{4, 19, 0};
  const auto order = gates_in_order(kernel);
  const auto place = [&](std::string_view id) {
    return std::find_if(order.begin(), order.end(), [&](const Gate* g) { return g->id == id; });
  };
  EXPECT_GT(place("signature"), place("blacklist"));
  EXPECT_LT(place("signature"), place("module-layout"));
}

TEST(Judge, AbsentEvidenceIsNeverAnAccept) {
  Kernel nothing;
  nothing.release = Fact<std::string>::absent("nothing is known", "everything");
  const Module module = honest_module();
  const Verdict verdict = judge({module, nothing, {}, {}, {}, {}});
  EXPECT_EQ(to_string(verdict.answer), "unknown");
}

TEST(Judge, RejectionStandsThoughOtherGatesAreUnknown) {
  Case test;
  test.kernel.vermagic = Fact<std::string>::absent("not known", "headers");
  test.builder.import("absent");
  const Verdict verdict = test.judge();
  EXPECT_EQ(to_string(verdict.answer), "reject");
  EXPECT_EQ(row(verdict, "vermagic").status, GateStatus::unknown);
}

}  // namespace
}  // namespace kovet::testing
