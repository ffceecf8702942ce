#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "rules/finding.h"
#include "tests/unit/gates/judging.h"

namespace kovet::testing {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<Finding> findings_of(const Case& test, Policy policy = Policy::build,
                                 const Symvers* own = nullptr, const char* path = "honest.ko") {
  const Module module = read_built(test.builder, path);
  const Verdict verdict = test.judge_module(module);
  return apply_rules({module, test.kernel, verdict, policy, test.peers, own});
}

std::vector<std::string> ids(const std::vector<Finding>& findings) {
  std::vector<std::string> out;
  for (const Finding& finding : findings) out.push_back(finding.rule);
  return out;
}

TEST(RuleTable, EveryRowIsComplete) {
  std::set<std::string_view> seen;
  for (const Rule& rule : rules()) {
    EXPECT_TRUE(seen.insert(rule.id).second) << rule.id << " twice";
    EXPECT_FALSE(rule.summary.empty()) << rule.id;
    EXPECT_FALSE(rule.explanation.empty()) << rule.id;
    EXPECT_FALSE(rule.fix.empty()) << rule.id;
  }
}

TEST(Rules, AnHonestModuleHasNoFindings) {
  EXPECT_THAT(ids(findings_of(Case())), IsEmpty());
}

TEST(Rules, ABuildMustMatchTheReleaseThoughTheKernelDoesNotAsk) {
  Case test;
  test.builder.set_modinfo("vermagic", "6.12.1-other SMP preempt mod_unload modversions ");
  EXPECT_THAT(ids(findings_of(test)), Contains("release-mismatch"));
  EXPECT_THAT(ids(findings_of(test, Policy::load)), IsEmpty());
}

TEST(Rules, IncompleteVersionTable) {
  Case test;
  test.builder.import("kmalloc_noprof");
  test.kernel.distribution = Distribution::fedora;  // warns only
  const auto findings = findings_of(test);
  ASSERT_THAT(ids(findings), Contains("version-table-incomplete"));
  EXPECT_EQ(findings.front().symbol, "kmalloc_noprof");
}

TEST(Rules, MissingVersionTable) {
  Case test;
  test.builder.remove_section("__versions");
  EXPECT_THAT(ids(findings_of(test)), Contains("version-table-missing"));
}

TEST(Rules, MissingVermagic) {
  Case test;
  test.builder.remove_modinfo("vermagic");
  EXPECT_THAT(ids(findings_of(test)), Contains("vermagic-missing"));
}

TEST(Rules, SymversMissingEmptyContradicting) {
  Case test;
  test.kernel.symvers = Fact<Symvers>::absent("no Module.symvers", "apt install headers");
  EXPECT_THAT(ids(findings_of(test)), Contains("symvers-missing"));
  test.kernel.symvers = Fact<Symvers>::known(Symvers{}, "test");
  EXPECT_THAT(ids(findings_of(test)), Contains("symvers-empty"));
  Symvers torn = make_symvers(honest_symbols());
  torn.contradictions.push_back(
      {"_printk", {.crc = 1, .module = "vmlinux"}, {.crc = 2, .module = "vmlinux"}, 7});
  test.kernel.symvers = Fact<Symvers>::known(std::move(torn), "test");
  EXPECT_THAT(ids(findings_of(test)), Contains("symvers-contradiction"));
}

// One lack, one finding: the look at the tree knows the command that completes it.
TEST(Rules, WhatTheLookAtTheTreeSaidIsNotSaidAgain) {
  Case test;
  test.kernel.symvers = Fact<Symvers>::absent("no Module.symvers", "apt install headers");
  test.kernel.gaps.push_back({"no Module.symvers in /tree", "apt install", "symvers-missing"});
  const auto missing = findings_of(test);
  EXPECT_THAT(ids(missing), ::testing::ElementsAre("symvers-missing"));
  EXPECT_EQ(missing.front().hint, "apt install");
  test.kernel.symvers = Fact<Symvers>::known(Symvers{}, "test");
  test.kernel.gaps.front() = {"it is empty", "apt install", "symvers-empty"};
  const auto empty = ids(findings_of(test));
  EXPECT_EQ(std::count(empty.begin(), empty.end(), "symvers-empty"), 1);
}

TEST(Rules, SymversWithoutCrcsThoughTheKernelHasVersions) {
  Case test;
  std::vector<KernelSymbol> symbols = honest_symbols();
  for (KernelSymbol& symbol : symbols) symbol.crc = 0;
  test.kernel.repair = "make -C /tree modules";
  test.kernel.symvers = Fact<Symvers>::known(make_symvers(symbols), "test");
  const auto findings = findings_of(test);
  ASSERT_THAT(ids(findings), Contains("symvers-without-crcs"));
  const auto ours = std::find_if(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.rule == "symvers-without-crcs";
  });
  EXPECT_EQ(ours->hint, "make -C /tree modules");
  symbols.front().crc = 1;  // some symbols of assembly have none
  test.kernel.symvers = Fact<Symvers>::known(make_symvers(symbols), "test");
  EXPECT_THAT(ids(findings_of(test)), Not(Contains("symvers-without-crcs")));
}

TEST(Rules, ExportsInStep) {
  Case test;
  test.builder.export_symbol("mine", {.crc = 5});
  std::vector<KernelSymbol> rows{{.name = "mine", .crc = 5, .module = "honest"}};
  Symvers own = make_symvers(rows);
  EXPECT_THAT(ids(findings_of(test, Policy::build, &own)), Not(Contains("exports-out-of-step")));
  rows[0].crc = 6;
  own = make_symvers(rows);
  EXPECT_THAT(ids(findings_of(test, Policy::build, &own)), Contains("exports-out-of-step"));
  rows[0].crc = 5;
  rows.push_back({.name = "gone", .crc = 1, .module = "honest"});
  own = make_symvers(rows);
  EXPECT_THAT(ids(findings_of(test, Policy::build, &own)), Contains("exports-out-of-step"));
  rows = {{.name = "other", .crc = 5, .module = "neighbour"}};
  own = make_symvers(rows);
  EXPECT_THAT(ids(findings_of(test, Policy::build, &own)), Contains("exports-out-of-step"));
}

TEST(Rules, GapsOfTheTreeAreFindings) {
  Case test;
  test.kernel.gaps.push_back({"no scripts/mod/modpost", "apt install linux-kbuild"});
  const auto findings = findings_of(test);
  ASSERT_THAT(ids(findings), Contains("tree-incomplete"));
  EXPECT_EQ(findings.front().hint, "apt install linux-kbuild");
}

TEST(Rules, OneFindingPerSymbol) {
  Case test;
  test.builder.import("absent").import("gone").common("shared", 4);
  EXPECT_THAT(ids(findings_of(test, Policy::load)),
              ::testing::UnorderedElementsAre("unknown-symbol", "unknown-symbol", "common-symbol"));
}

TEST(Rules, LicenceRetpolineAndFileName) {
  Case test;
  test.builder.remove_modinfo("license").remove_modinfo("retpoline");
  EXPECT_THAT(
      ids(findings_of(test, Policy::build, nullptr, "/tmp/other.ko")),
      ::testing::IsSupersetOf({"license-missing", "retpoline-missing", "file-name-mismatch"}));
  EXPECT_THAT(ids(findings_of(Case(), Policy::build, nullptr, "/tmp/honest.ko.xz")), IsEmpty());
}

TEST(Rules, EveryFindingNamesAFix) {
  Case test;
  test.builder.import("absent").remove_section("__versions").set_modinfo("vermagic", "x");
  for (const Finding& finding : findings_of(test)) {
    EXPECT_FALSE(finding.hint.empty()) << finding.rule;
    EXPECT_NE(find_rule(finding.rule), nullptr) << finding.rule;
  }
}

}  // namespace
}  // namespace kovet::testing
