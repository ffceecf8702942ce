#include <gmock/gmock.h>

#include "tests/kernel/real_kernels.h"
#include "tests/support/run_kovet.h"

// Modules of one kernel, asked of another: the expected answer is worked out here from what kmod
// and Module.symvers say, by the kernel's rules.

namespace kovet::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Strings = std::vector<std::string>;

/// A vermagic without its release, which the kernel skips when both sides have modversions.
std::string tail_of(const std::string& vermagic) {
  return vermagic.substr(vermagic.find(' '));
}

struct Expected {
  std::string error;  ///< "" when the kernel takes it
  std::string log;    ///< the first line
};

Expected expected(const std::string& name, const std::string& built_for,
                  const std::string& loaded_on) {
  const auto module = built_module(built_for, name);
  const auto versions = modversions_of(module);
  const auto kernel = symvers_of(loaded_on);
  if (versions.at("module_layout") != kernel.at("module_layout"))
    return {"ENOEXEC", name + ": disagrees about version of symbol module_layout"};
  const std::string theirs = modinfo_field(module, "vermagic");
  const std::string ours = modinfo_field(built_module(loaded_on, name), "vermagic");
  if (tail_of(theirs) != tail_of(ours))
    return {"ENOEXEC", name + ": version magic '" + theirs + "' should be '" + ours + "'"};
  Expected last;
  for (const auto& [symbol, crc] : versions) {
    const auto found = kernel.find(symbol);
    if (found == kernel.end())
      last = {"ENOENT", name + ": Unknown symbol " + symbol + " (err -2)"};
    else if (found->second != crc)
      last = {"EINVAL", name + ": disagrees about version of symbol " + symbol};
  }
  return last;
}

TEST(AcrossKernels, AnswerIsTheKernels) {
  KOVET_NEED_KERNELS(2);
  const auto releases = real_releases();
  for (const std::string& built_for : releases)
    for (const std::string& loaded_on : releases) {
      if (built_for == loaded_on) continue;
      for (const std::string name : {"hello", "matcher"}) {
        const auto want = expected(name, built_for, loaded_on);
        const auto result =
            json_of(run_kovet({"check", "--kernel", loaded_on, "--policy", "load", "--format",
                               "json", built_module(built_for, name).string()}))
                .at("results")
                .at(0);
        const std::string where = name + " of " + built_for + " on " + loaded_on + '\n';
        if (want.error.empty()) {
          EXPECT_NE(result.at("verdict"), "reject") << where << result.dump(1);
          continue;
        }
        EXPECT_EQ(result.at("verdict"), "reject") << where << result.dump(1);
        EXPECT_EQ(result.at("errno"), want.error) << where;
        // Where the size of struct module is known and differs, its line comes before the CRC's.
        const std::string log = result.at("log").dump();
        if (log.find("section size must match") == std::string::npos) {
          EXPECT_THAT(log, HasSubstr(want.log)) << where;
        }
      }
    }
}

TEST(AcrossKernels, OtherSeriesIsRejectedAndTheExitCodeSaysSo) {
  KOVET_NEED_KERNELS(2);
  const auto releases = real_releases();
  const auto series = [](const std::string& release) {
    return release.substr(0, release.find('.', release.find('.') + 1));
  };
  if (series(releases.front()) == series(releases.back()))
    GTEST_SKIP() << "all kernels here are of one series";
  const auto module = built_module(releases.front(), "hello").string();
  const auto outcome = run_kovet({"check", "--kernel", releases.back(), module});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("ENOEXEC"));
  EXPECT_THAT(outcome.out, HasSubstr(releases.back()));
}

// A build must be for exactly its kernel, even where the kernel itself would not mind.
TEST(AcrossKernels, BuildPolicyAsksForTheExactRelease) {
  KOVET_NEED_KERNELS(2);
  const auto releases = real_releases();
  for (const std::string& built_for : releases)
    for (const std::string& loaded_on : releases) {
      if (built_for == loaded_on) continue;
      EXPECT_EQ(run_kovet({"check", "--kernel", loaded_on, "--policy", "build",
                           built_module(built_for, "hello").string()})
                    .exit_code,
                1)
          << built_for << " on " << loaded_on;
    }
}

TEST(AcrossKernels, ManyKernelsInOneCall) {
  KOVET_NEED_KERNELS(2);
  std::vector<std::string> arguments{"check", "--policy", "load", "--format", "json"};
  for (const std::string& release : real_releases()) {
    arguments.insert(arguments.end(), {"--kernel", release});
  }
  for (const std::string& release : real_releases())
    arguments.push_back(built_module(release, "hello"));
  const auto report = json_of(run_kovet(arguments));
  EXPECT_EQ(report.at("results").size(), real_releases().size() * real_releases().size());
  for (const auto& result : report.at("results")) {
    const std::string module = result.at("module");
    const std::string release = result.at("kernel").at("release");
    if (module.find('/' + release + '/') != std::string::npos) {
      EXPECT_NE(result.at("verdict"), "reject") << module << ' ' << release;
    }
  }
}

}  // namespace
}  // namespace kovet::testing
