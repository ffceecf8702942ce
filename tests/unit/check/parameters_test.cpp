#include "check/parameters.h"

#include <gmock/gmock.h>

#include "tests/support/facts.h"

namespace kovet::testing {
namespace {

using ::testing::HasSubstr;

class ParametersTest : public ::testing::Test {
 protected:
  ParametersTest() {
    module_.parameters = {{.name = "debug", .type = "bool"},
                          {.name = "irqs", .type = "array of int"},
                          {.name = "level", .type = "byte"}};
    report_.results.push_back({.module = &module_, .kernel = &kernel_});
  }
  Result<void> hold(const std::string& arguments) {
    return apply_parameters({std::string(module_.display_name()) + ":" + arguments}, report_);
  }
  Kernel kernel_ = honest_kernel();
  Module module_ = honest_module();
  CheckReport report_;
};

TEST_F(ParametersTest, TakesWhatTheModuleTakes) {
  ASSERT_TRUE(hold("debug irqs=1,-2 level=255").has_value());
  EXPECT_TRUE(report_.results[0].findings.empty());
}

TEST_F(ParametersTest, FindsEachThatDoesNotFit) {
  ASSERT_TRUE(hold("debug=maybe irqs=1,x level=256 debgu=1 level").has_value());
  const auto& findings = report_.results[0].findings;
  ASSERT_EQ(findings.size(), 5U);
  for (const Finding& finding : findings) EXPECT_EQ(finding.rule, "parameter-mismatch");
  EXPECT_THAT(findings[3].message, HasSubstr("has no parameter debgu; it has debug (bool)"));
}

TEST_F(ParametersTest, KnowsHowMuchThereIsRoomFor) {
  module_.parameters.push_back({.name = "mode", .type = "string"});
  module_.parameter_table = {{.name = "irqs", .setter = "param_array_ops", .limit = 2},
                             {.name = "mode", .setter = "param_ops_string", .limit = 5}};
  ASSERT_TRUE(hold("irqs=1,2 mode=fast").has_value());
  EXPECT_TRUE(report_.results[0].findings.empty());
  ASSERT_TRUE(hold("irqs=1,2,3 mode=quick").has_value());
  const auto& findings = report_.results[0].findings;
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_THAT(findings[0].message, HasSubstr("3 elements, and there is room for 2"));
  EXPECT_THAT(findings[1].message, HasSubstr("longer than 4 characters"));
}

TEST_F(ParametersTest, RefusesOtherForms) {
  for (const char* text : {"", "debug", ":debug=1", "stranger:debug=1"})
    EXPECT_TRUE(apply_parameters({text}, report_).has_error()) << text;
}

}  // namespace
}  // namespace kovet::testing
