#include "vm/boot_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <nlohmann/json.hpp>

namespace kovet::vm {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

BootReport two_modules() {
  BootReport report;
  report.image = "/boot/vmlinuz";
  report.vm.outcomes = {{.file = "good.ko",
                         .name = "good",
                         .state = LoadState::loaded,
                         .log = {"good says hi"},
                         .init_called = true,
                         .taints = "OE",
                         .unload = UnloadState::clean},
                        {.file = "bad.ko", .error = ENOEXEC, .log = {"bad: version \xff magic"}}};
  report.vm.boots = {{.release = "6.1.0", .elapsed = std::chrono::milliseconds(6200)}};
  return report;
}

TEST(BootText, SaysForEachModuleWhatTheKernelSaid) {
  const auto text = boot_text(two_modules(), false);
  EXPECT_THAT(text, HasSubstr("good.ko\n  loaded (OE), unloads\n    | good says hi\n"));
  EXPECT_THAT(text, HasSubstr("bad.ko\n  refused by the loader: ENOEXEC (Exec format error)\n"));
  EXPECT_THAT(text, HasSubstr("2 modules: 1 loaded, 1 refused; 1 boot of 6.1.0 (tcg), 6.2 s\n"));
}

TEST(BootText, QuietShowsWhatWentWrong) {
  const auto text = boot_text(two_modules(), true);
  EXPECT_THAT(text, Not(HasSubstr("good.ko")));
  EXPECT_THAT(text, HasSubstr("bad.ko"));
}

TEST(BootJson, HasEverythingAndIsUtf8) {
  auto report = two_modules();
  Prediction prediction;
  prediction.verdict.answer = Answer::accept;
  report.predictions = {std::nullopt, prediction};
  const auto json = nlohmann::json::parse(boot_json(report));
  EXPECT_EQ(json.at("schema"), "kovet.boot/1");
  const auto& results = json.at("results");
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].at("result"), "loaded");
  EXPECT_TRUE(results[0].at("errno").is_null());
  EXPECT_EQ(results[0].at("unload").at("result"), "clean");
  EXPECT_FALSE(results[0].contains("prediction"));
  EXPECT_EQ(results[1].at("result"), "refused");
  EXPECT_EQ(results[1].at("errno"), "ENOEXEC");
  EXPECT_EQ(results[1].at("prediction").at("agreement"), "false accept");
}

}  // namespace
}  // namespace kovet::vm
