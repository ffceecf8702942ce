#include "explain/keywords.h"

#include <gmock/gmock.h>

namespace kovet::explain {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::uint16_t> found(const Keywords& keywords, std::string_view line) {
  std::vector<std::uint16_t> result;
  keywords.find(line, result);
  return result;
}

TEST(Keywords, FindsEachOnceInOrderOfTheTable) {
  const std::vector<std::string_view> words{"tainted", "kernel", "el t", "absent"};
  const Keywords keywords(words);
  EXPECT_THAT(found(keywords, "the kernel tainted kernel"), ElementsAre(0, 1, 2));
  EXPECT_THAT(found(keywords, "nothing"), IsEmpty());
}

TEST(Keywords, FindsWordsInsideWords) {
  const std::vector<std::string_view> words{"she", "he", "hers", "his"};
  EXPECT_THAT(found(Keywords(words), "ushers"), ElementsAre(0, 1, 2));
}

TEST(Keywords, SameWordTwice) {
  const std::vector<std::string_view> words{"err", "err"};
  EXPECT_THAT(found(Keywords(words), "(err -2)"), ElementsAre(0, 1));
}

TEST(Keywords, TakesAnyByte) {
  const std::vector<std::string_view> words{"\xff\x80"};
  EXPECT_THAT(found(Keywords(words), "\xff\xff\x80"), ElementsAre(0));
}

}  // namespace
}  // namespace kovet::explain
