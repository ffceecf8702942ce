#include "tests/cli/cli_test.h"
#include "tests/support/compress.h"

namespace kovet::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class CheckInput : public CliTest {};

TEST_F(CheckInput, UnreadableModuleLetsTheOthersBeReported) {
  const std::string good = honest();
  const auto outcome =
      check({"--format", "json", "/nonexistent/a.ko", good, dir_.path().string() + "/b.ko"});
  EXPECT_EQ(outcome.exit_code, 2);
  const auto report = json_of(outcome);
  ASSERT_EQ(report.at("results").size(), 1U);
  EXPECT_EQ(report.at("results").at(0).at("module"), good);
  EXPECT_EQ(report.at("errors").size(), 2U);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("/nonexistent/a.ko"), HasSubstr("b.ko")));
}

TEST_F(CheckInput, DamagedStreamAmongGoodOnes) {
  const std::string stream = xz(tree_.module().build());
  const std::string cut = dir_.write("cut.ko.xz", stream.substr(0, stream.size() / 2)).string();
  const std::string whole = dir_.write("whole.ko.xz", stream).string();
  const auto outcome = check({"--format", "json", cut, whole});
  EXPECT_EQ(outcome.exit_code, 2);
  const auto report = json_of(outcome);
  ASSERT_EQ(report.at("results").size(), 1U);
  EXPECT_EQ(report.at("results").at(0).at("verdict"), "accept");
}

TEST_F(CheckInput, CompressedModules) {
  const std::string elf = tree_.module().build();
  for (const auto& [name, bytes] : {std::pair{"a.ko.gz", gzip(elf)}, std::pair{"a.ko.xz", xz(elf)},
                                    std::pair{"a.ko.zst", zstd(elf)}}) {
    const auto outcome = check({dir_.write(name, bytes).string()});
    EXPECT_EQ(outcome.exit_code, 0) << name << outcome.out << outcome.err;
  }
}

TEST_F(CheckInput, ManyModulesInOneCallKeepTheirOrder) {
  std::vector<std::string> arguments{"--format", "json", "--jobs", "2"};
  std::vector<std::string> modules;
  for (int i = 0; i < 40; ++i) {
    modules.push_back(write(tree_.module().set_modinfo("name", "m" + std::to_string(i)),
                            "m" + std::to_string(i) + ".ko"));
    arguments.push_back(modules.back());
  }
  const auto report = json_of(check(arguments));
  ASSERT_EQ(report.at("results").size(), modules.size());
  for (std::size_t i = 0; i < modules.size(); ++i)
    EXPECT_EQ(report.at("results").at(i).at("module"), modules[i]);
}

TEST_F(CheckInput, ModulesTimesKernels) {
  const std::string other =
      KernelTree{.release = "6.1.77-other-amd64"}.write(dir_, "other").string();
  const std::string first = honest();
  const auto report = json_of(
      check({"--kernel", other, "--format", "json", first, write(tree_.module(), "second.ko")}));
  EXPECT_EQ(report.at("results").size(), 4U);
}

TEST_F(CheckInput, KernelThatIsNotThereListsThoseThatAre) {
  TempDir root;
  KernelTree{.release = "6.1.55-present-amd64"}.install(root);
  const auto outcome =
      run_kovet({"check", "--root", root.path().string(), "--kernel", "6.1.0-absent", honest()});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("6.1.0-absent"), HasSubstr("6.1.55-present-amd64")));
}

TEST_F(CheckInput, KernelByReleaseBelowARoot) {
  TempDir root;
  tree_.install(root);
  const auto outcome =
      run_kovet({"check", "--root", root.path().string(), "--kernel", tree_.release, honest()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
}

TEST_F(CheckInput, UsageErrors) {
  const std::string good = honest();
  const std::vector<std::vector<std::string>> wrong{
      {"check"},
      {"check", "--no-such-option", good},
      {"check", "--kernel", build_, "--format", "yaml", good},
      {"check", "--kernel", build_, "--policy", "lenient", good},
      {"check", "--kernel", build_, "--threshold", "fatal", good},
      {"check", "--kernel", build_, "--assume", "the best", good},
      {"check", "--kernel", build_, "--jobs", "many", good},
      {"check", "--kernel", build_, "--waivers", "/nonexistent", good},
      {"check", "--kernel", build_, "--symvers", "/nonexistent", good},
      {"check", "--kernel", "/nonexistent", good},
      {"check", "--kernel", dir_.path().string() + "/honest.ko", good},
      {},
      {"nosuchcommand"}};
  for (const auto& arguments : wrong) {
    const auto outcome = run_kovet(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << ::testing::PrintToString(arguments) << outcome.out;
    EXPECT_FALSE(outcome.err.empty()) << ::testing::PrintToString(arguments);
  }
}

TEST_F(CheckInput, FolderIsSearchedForModules) {
  write(tree_.module(), "tree/a/one.ko");
  dir_.write("tree/b/two.ko.xz", xz(tree_.module().build()));
  dir_.write("tree/b/readme.txt", "no module");
  const auto report = json_of(check({"--format", "json", dir_.path().string() + "/tree"}));
  EXPECT_EQ(report.at("results").size(), 2U);
}

TEST_F(CheckInput, NamesWithSpacesAndDashes) {
  const std::string module = write(tree_.module(), "a folder/my driver.ko");
  EXPECT_EQ(check({module}).exit_code, 0);
  const std::string dashed = write(tree_.module(), "--help.ko");
  EXPECT_EQ(run_kovet({"check", "--kernel", build_, "--", "--help.ko"}, dir_.path()).exit_code, 0);
}

}  // namespace
}  // namespace kovet::testing
