#include <gmock/gmock.h>

#include "tests/kernel/real_kernels.h"
#include "tests/support/elf_builder.h"
#include "tests/support/run_kovet.h"
#include "tests/support/temp_dir.h"

// Real modules and real trees, damaged one way each.

namespace kovet::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// A build directory of links to a real one, without one file of it.
fs::path tree_without(const TempDir& dir, const std::string& release, const std::string& missing) {
  const fs::path tree = dir.path() / "tree";
  fs::create_directory(tree);
  for (const auto& entry : fs::directory_iterator(build_directory(release)))
    if (entry.path().filename() != missing)
      fs::create_symlink(entry.path(), tree / entry.path().filename());
  return tree;
}

TEST(BadInput, KernelThatIsNotInstalledListsThoseThatAre) {
  KOVET_NEED_KERNELS(1);
  const std::string release = real_releases().front();
  const auto outcome =
      run_kovet({"check", "--kernel", "9.9.9-absent", built_module(release, "hello").string()});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("9.9.9-absent"), HasSubstr(release)));
}

TEST(BadInput, TreeWithoutSymvers) {
  KOVET_NEED_KERNELS(1);
  const std::string release = real_releases().front();
  const TempDir dir;
  const auto tree = tree_without(dir, release, "Module.symvers");
  const auto outcome =
      run_kovet({"check", "--kernel", tree.string(), built_module(release, "hello").string()});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out + outcome.err, HasSubstr("Module.symvers"));
}

TEST(BadInput, WholeTreeOfLinksIsAsGoodAsTheTree) {
  KOVET_NEED_KERNELS(1);
  const std::string release = real_releases().front();
  const TempDir dir;
  const auto tree = tree_without(dir, release, "");
  const auto outcome =
      run_kovet({"check", "--kernel", tree.string(), built_module(release, "hello").string()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
}

TEST(BadInput, EmptySymvers) {
  KOVET_NEED_KERNELS(1);
  const std::string release = real_releases().front();
  TempDir dir;
  const auto tree = tree_without(dir, release, "Module.symvers");
  dir.write("tree/Module.symvers", "");
  const auto outcome =
      run_kovet({"check", "--kernel", tree.string(), built_module(release, "hello").string()});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out + outcome.err, HasSubstr("Module.symvers"));
}

TEST(BadInput, ModuleThatIsSomethingElse) {
  KOVET_NEED_KERNELS(1);
  const std::string release = real_releases().front();
  TempDir dir;
  const std::string whole = read_text(built_module(release, "hello"));
  const std::map<std::string, std::string> files{
      {"text.ko", "this is no module\n"},
      {"empty.ko", ""},
      {"half.ko", whole.substr(0, whole.size() / 2)},
      {"short.ko", whole.substr(0, 40)},
      {"machine.ko", patched(whole, 18, ElfBuilder().number(0x2b, 2))},
      {"program.ko", patched(whole, 16, ElfBuilder().number(2, 2))}};
  for (const auto& [name, content] : files) {
    const auto outcome = run_kovet(
        {"check", "--kernel", release, "--format", "json", dir.write(name, content).string()});
    if (outcome.exit_code == 2) {
      EXPECT_THAT(outcome.err, HasSubstr(name));
      continue;
    }
    EXPECT_EQ(outcome.exit_code, 1) << name;
    EXPECT_EQ(json_of(outcome).at("results").at(0).at("verdict"), "reject") << name;
  }
}

TEST(BadInput, UnwritableOutputLeavesNothing) {
  KOVET_NEED_KERNELS(1);
  const std::string release = real_releases().front();
  const TempDir dir;
  const auto module = built_module(release, "hello").string();
  for (const std::string& target :
       {std::string("/dev/full"), std::string("/proc/kovet-report"), dir.path().string()}) {
    const auto outcome = run_kovet({"check", "--kernel", release, "--output", target, module});
    EXPECT_EQ(outcome.exit_code, 2) << target;
    EXPECT_THAT(outcome.err, HasSubstr(target));
  }
  EXPECT_TRUE(fs::is_empty(dir.path()));
}

}  // namespace
}  // namespace kovet::testing
