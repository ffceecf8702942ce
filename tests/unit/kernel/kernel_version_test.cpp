#include <gtest/gtest.h>

#include "kernel/kernel.h"

namespace kovet {
namespace {

struct Case {
  const char* release;
  KernelVersion version;
};

class KernelVersionParse : public ::testing::TestWithParam<Case> {};

TEST_P(KernelVersionParse, TakesTheLeadingNumbers) {
  EXPECT_EQ(KernelVersion::parse(GetParam().release), GetParam().version) << GetParam().release;
}

INSTANTIATE_TEST_SUITE_P(Releases, KernelVersionParse,
                         ::testing::Values(Case{"6.12.117+deb12-amd64", {6, 12, 117}},
                                           Case{"6.1.0-56-cloud-amd64", {6, 1, 0}},
                                           Case{"7.0-rc3", {7, 0, 0}}, Case{"6.8", {6, 8, 0}},
                                           Case{"5.14.0-427.el9.x86_64", {5, 14, 0}},
                                           Case{"6.18.44-fc-v595", {6, 18, 44}},
                                           Case{"4.19.", {4, 19, 0}}));

TEST(KernelVersionParse, NothingElseIsAVersion) {
  for (const char* text : {"", "linux", "6", "6.", "-6.1", "6.-1", ".1", "99999999999.1", "v6.1"})
    EXPECT_FALSE(KernelVersion::parse(text)) << text;
}

TEST(KernelVersionOrder, IsNumeric) {
  EXPECT_LT((KernelVersion{6, 9, 20}), (KernelVersion{6, 10, 0}));
  EXPECT_LT((KernelVersion{5, 19, 17}), (KernelVersion{6, 0, 0}));
}

}  // namespace
}  // namespace kovet
