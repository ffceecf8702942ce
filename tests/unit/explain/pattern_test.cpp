#include "explain/pattern.h"

#include <gmock/gmock.h>

namespace kovet::explain {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(Pattern, TakesModuleNamesAndText) {
  const Pattern pattern("{module}: version magic '{found}' should be '{wanted}'");
  const auto match = pattern.match("hello: version magic '6.1 SMP ' should be '6.12 SMP '");
  ASSERT_TRUE(match);
  EXPECT_THAT(*match, ElementsAre(Pair("module", "hello"), Pair("found", "6.1 SMP "),
                                  Pair("wanted", "6.12 SMP ")));
}

TEST(Pattern, MatchesAfterAnyPrefix) {
  const Pattern pattern("{module}: Unknown symbol {symbol} (err {error})");
  const auto match =
      pattern.match("> [   1.5] host kernel: snd-x: Unknown symbol foo_bar (err -22)");
  ASSERT_TRUE(match);
  EXPECT_EQ(capture(*match, "module"), "snd-x");
  EXPECT_EQ(capture(*match, "symbol"), "foo_bar");
  EXPECT_EQ(capture(*match, "error"), "-22");
}

TEST(Pattern, DemandsAModuleName) {
  const Pattern pattern("{module}: Unknown symbol {symbol}");
  EXPECT_FALSE(pattern.match(": Unknown symbol foo"));
  EXPECT_FALSE(pattern.match("Unknown symbol foo"));
}

TEST(Pattern, BeginsAtAWord) {
  const Pattern pattern("Loading of unsigned module is rejected");
  EXPECT_TRUE(pattern.match("kernel: Loading of unsigned module is rejected"));
  EXPECT_FALSE(pattern.match("unLoading of unsigned module is rejected"));
}

TEST(Pattern, TriesLaterOccurrences) {
  const Pattern pattern("{module}: {symbol}: kernel tainted.");
  const auto match = pattern.match("kernel: hello: module_layout: kernel tainted.");
  ASSERT_TRUE(match);
  EXPECT_EQ(capture(*match, "module"), "hello");
  EXPECT_EQ(capture(*match, "symbol"), "module_layout");
}

TEST(Pattern, GivesBackCharactersToTheLiteral) {
  const Pattern pattern("from proprietary module {owner}.");
  const auto match = pattern.match("from proprietary module nvidia.");
  ASSERT_TRUE(match);
  EXPECT_EQ(capture(*match, "owner"), "nvidia");
}

TEST(Pattern, EmptyTextIsAllowedInTheMiddle) {
  const Pattern pattern("{module}: `{text}' invalid for parameter `{parameter}'");
  const auto match = pattern.match("hello: `' invalid for parameter `count'");
  ASSERT_TRUE(match);
  EXPECT_EQ(capture(*match, "text"), "");
  EXPECT_EQ(capture(*match, "parameter"), "count");
}

TEST(Pattern, EndDemandsTheLinesEnd) {
  const Pattern pattern("{module}: Unknown symbol {symbol}{end}");
  EXPECT_TRUE(pattern.match("hello: Unknown symbol foo"));
  EXPECT_FALSE(pattern.match("hello.ko: Unknown symbol in module"));
}

TEST(Pattern, DoubledBraceIsLiteral) {
  EXPECT_TRUE(Pattern("avc:  denied  {{ module_load } for")
                  .match("avc:  denied  { module_load } for  pid=1"));
}

TEST(Pattern, ReturnsOnHostileRepetition) {
  const Pattern pattern("{module}: {symbol}: kernel tainted.");
  std::string line;
  while (line.size() < 60000) line += "a: ";
  EXPECT_FALSE(pattern.match(line));
}

}  // namespace
}  // namespace kovet::explain
