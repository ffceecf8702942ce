#include <gmock/gmock.h>

#include "tests/kernel/real_kernels.h"
#include "tests/support/run_kovet.h"

// What a kernel's own Kbuild made is fit for that kernel.

namespace kovet::testing {
namespace {

using ::testing::HasSubstr;

std::string describe(const ProcessOutcome& outcome) {
  return outcome.out + outcome.err;
}

TEST(OwnKernel, TakesItsModules) {
  KOVET_NEED_KERNELS(1);
  for (const std::string& release : real_releases())
    for (const char* name : {"hello", "lender", "matcher"}) {
      const auto outcome = run_kovet(
          {"check", "--kernel", release, "--format", "json", built_module(release, name)});
      EXPECT_EQ(outcome.exit_code, 0) << release << ' ' << name << '\n' << describe(outcome);
      const auto result = json_of(outcome).at("results").at(0);
      EXPECT_NE(result.at("verdict"), "reject") << release << ' ' << result.dump(1);
      EXPECT_EQ(result.at("kernel").at("release"), release);
      EXPECT_EQ(result.at("taints"), "OE");
    }
}

TEST(OwnKernel, BuildDirectoryAndReleaseAreTheSame) {
  KOVET_NEED_KERNELS(1);
  const std::string release = real_releases().front();
  const auto module = built_module(release, "hello").string();
  const auto by_release =
      json_of(run_kovet({"check", "--kernel", release, "--format", "json", module}));
  const auto by_folder = json_of(run_kovet(
      {"check", "--kernel", build_directory(release).string(), "--format", "json", module}));
  EXPECT_EQ(by_release.at("results").at(0).at("verdict"),
            by_folder.at("results").at(0).at("verdict"));
  EXPECT_EQ(by_folder.at("results").at(0).at("kernel").at("release"), release);
}

TEST(OwnKernel, ExpectedVermagicIsWhatKbuildWrote) {
  KOVET_NEED_KERNELS(1);
  for (const std::string& release : real_releases()) {
    const auto module = built_module(release, "hello");
    const auto info = json_of(run_kovet({"info", "--format", "json", module}));
    std::string vermagic;
    for (const auto& entry : info.at("modules").at(0).at("modinfo"))
      if (entry.at("key") == "vermagic") vermagic = entry.at("value");
    EXPECT_THAT(vermagic, HasSubstr(release + " "));
    EXPECT_EQ(vermagic, modinfo_field(module, "vermagic"));
  }
}

TEST(OwnKernel, InfoAgreesWithKmod) {
  KOVET_NEED_KERNELS(1);
  for (const std::string& release : real_releases())
    for (const char* name : {"hello", "lender", "matcher"}) {
      const auto module = built_module(release, name);
      const auto info = json_of(run_kovet({"info", "--format", "json", module}));
      std::map<std::string, std::uint32_t> versions;
      for (const auto& entry : info.at("modules").at(0).at("versions").at("entries"))
        versions[entry.at("symbol")] = entry.at("crc");
      EXPECT_EQ(versions, modversions_of(module)) << release << ' ' << name;
    }
}

TEST(OwnKernel, ExportsAreThoseOfModpost) {
  KOVET_NEED_KERNELS(1);
  for (const std::string& release : real_releases()) {
    const auto info =
        json_of(run_kovet({"info", "--format", "json", built_module(release, "lender").string()}));
    const auto& exports = info.at("modules").at(0).at("exports");
    ASSERT_EQ(exports.size(), 2U) << release;
    EXPECT_EQ(exports.at(0).at("symbol"), "lender_width");
    EXPECT_EQ(exports.at(0).at("gpl_only"), false);
    EXPECT_TRUE(exports.at(0).at("crc").is_number());
    EXPECT_EQ(exports.at(1).at("symbol"), "lender_height");
    EXPECT_EQ(exports.at(1).at("gpl_only"), true);
    EXPECT_EQ(exports.at(1).at("namespace"), "LENDER");
  }
}

TEST(OwnKernel, BorrowerNeedsItsLender) {
  KOVET_NEED_KERNELS(1);
  for (const std::string& release : real_releases()) {
    const auto lender = built_module(release, "lender").string();
    const auto borrower = built_module(release, "borrower").string();
    const auto alone =
        json_of(run_kovet({"check", "--kernel", release, "--format", "json", borrower}))
            .at("results")
            .at(0);
    // Its depends= names a module that is not at hand: nothing is claimed of what that exports.
    EXPECT_NE(alone.at("verdict"), "accept") << release;
    EXPECT_THAT(alone.dump(), HasSubstr("lender_width"));
    const auto both =
        run_kovet({"check", "--kernel", release, "--format", "json", borrower, lender});
    EXPECT_EQ(both.exit_code, 0) << release << describe(both);
    for (const auto& result : json_of(both).at("results"))
      EXPECT_NE(result.at("verdict"), "reject") << release << result.dump(1);
  }
}

TEST(OwnKernel, IsListed) {
  KOVET_NEED_KERNELS(1);
  if (run_kovet({"--help"}).out.find("\n  kernels ") == std::string::npos)
    GTEST_SKIP() << "this program has no such command";
  const auto report = json_of(run_kovet({"kernels", "--format", "json"}));
  for (const std::string& release : real_releases()) {
    bool found = false;
    for (const auto& kernel : report.at("kernels")) found |= kernel.at("release") == release;
    EXPECT_TRUE(found) << release;
  }
}

// Every module a distribution ships with its kernel loads there: a false rejection would show.
TEST(OwnKernel, TakesEveryModuleItCameWith) {
  KOVET_NEED_KERNELS(1);
  bool any = false;
  for (const std::string& release : real_releases()) {
    const auto root = image_root(release);
    if (!root) continue;
    any = true;
    const auto outcome = run_kovet({"check", "--kernel", release, "--policy", "load", "--format",
                                    "json", (*root / "lib/modules" / release / "kernel").string()});
    EXPECT_EQ(outcome.exit_code, 0) << release << outcome.err;
    std::size_t rejected = 0;
    const auto report = json_of(outcome);
    for (const auto& result : report.at("results")) {
      if (result.at("verdict") != "reject") continue;
      if (++rejected <= 5) ADD_FAILURE() << release << result.dump(1);
    }
    EXPECT_EQ(rejected, 0U);
    EXPECT_GT(report.at("results").size(), 100U);
  }
  if (any) return;
  if (missing_is_failure()) FAIL() << "needs images: bash tests/support/kernels.sh images";
  GTEST_SKIP() << "needs images: bash tests/support/kernels.sh images";
}

}  // namespace
}  // namespace kovet::testing
