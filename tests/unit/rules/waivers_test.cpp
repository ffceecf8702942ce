#include "rules/waivers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace kovet {
namespace {

std::vector<Waiver> read(const std::string& text) {
  testing::TempDir dir;
  auto waivers = read_waivers(dir.write("waivers", text));
  if (!waivers) throw Fatal(waivers.error());
  return *waivers;
}

Error refuse(const std::string& text) {
  testing::TempDir dir;
  auto waivers = read_waivers(dir.write("waivers", text));
  return waivers ? Error{} : waivers.error();
}

std::vector<Finding> one(const std::string& rule, std::optional<std::string> symbol = {}) {
  return {make_finding(rule, "message", "hint", std::move(symbol))};
}

TEST(Waivers, CoverWhatTheyName) {
  const auto waivers = read("# comment\n\nunknown-symbol module=dah* symbol=v?m # local build\n");
  auto findings = one("unknown-symbol", "vim");
  apply_waivers(findings, waivers, "dahdi", "2026-01-01");
  EXPECT_TRUE(findings[0].waived);
  apply_waivers(findings, waivers, "other", "2026-01-01");
  EXPECT_FALSE(findings[0].waived);
  findings = one("unknown-symbol", "viim");
  apply_waivers(findings, waivers, "dahdi", "2026-01-01");
  EXPECT_FALSE(findings[0].waived);
  findings = one("release-mismatch");
  apply_waivers(findings, waivers, "dahdi", "2026-01-01");
  EXPECT_FALSE(findings[0].waived);
}

TEST(Waivers, HoldUntilTheirLastDay) {
  const auto waivers = read("release-mismatch until=2026-03-31 # migration\n");
  auto findings = one("release-mismatch");
  apply_waivers(findings, waivers, "m", "2026-03-31");
  EXPECT_TRUE(findings[0].waived);
  apply_waivers(findings, waivers, "m", "2026-04-01");
  EXPECT_FALSE(findings[0].waived);
}

TEST(Waivers, ASymbolGlobNeedsASymbol) {
  const auto waivers = read("release-mismatch symbol=* # why\n");
  auto findings = one("release-mismatch");
  apply_waivers(findings, waivers, "m", "2026-04-01");
  EXPECT_FALSE(findings[0].waived);
}

TEST(Waivers, ErrorsNameFileAndLine) {
  const Error unknown = refuse("\nno-such-rule # why\n");
  EXPECT_THAT(unknown.where, ::testing::EndsWith("waivers:2"));
  EXPECT_THAT(unknown.what, ::testing::HasSubstr("no-such-rule"));
  EXPECT_THAT(refuse("release-mismatch\n").what, ::testing::HasSubstr("reason"));
  EXPECT_THAT(refuse("release-mismatch colour=red # why\n").what, ::testing::HasSubstr("colour"));
  EXPECT_THAT(refuse("release-mismatch until=tomorrow # why\n").what,
              ::testing::HasSubstr("tomorrow"));
}

}  // namespace
}  // namespace kovet
