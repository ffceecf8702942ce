#include "vm/dependencies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/elf_builder.h"
#include "tests/support/temp_dir.h"

namespace kovet::vm {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::IsEmpty;

Module named(std::string_view name, std::string_view depends = "") {
  Module module;
  module.name = name;
  module.modinfo = {{"depends", depends}};
  return module;
}

class InTreeModulesTest : public ::testing::Test {
 protected:
  void add(const std::string& path, const std::string& depends, const std::string& softdep = "") {
    testing::ElfBuilder builder;
    builder.modinfo("depends", depends);
    if (!softdep.empty()) builder.modinfo("softdep", softdep);
    dir.write(path, builder.build());
  }
  Dependencies needed_by(const Module& module) {
    const Module* pointer = &module;
    return InTreeModules(dir.path()).needed_by({&pointer, 1}).value();
  }
  testing::TempDir dir;
};

TEST_F(InTreeModulesTest, LoadsWhatIsNeededFirst) {
  add("kernel/a/top-one.ko", "middle,bottom");
  add("kernel/b/middle.ko", "bottom");
  add("kernel/bottom.ko", "");
  add("kernel/unrelated.ko", "bottom");
  const auto found = needed_by(named("mine", "top_one"));
  EXPECT_THAT(found.files,
              ElementsAre(EndsWith("/bottom.ko"), EndsWith("/middle.ko"), EndsWith("/top-one.ko")));
  EXPECT_THAT(found.missing, IsEmpty());
}

TEST_F(InTreeModulesTest, NamesWhatIsMissingAndSurvivesACircle) {
  add("kernel/a.ko", "b");
  add("kernel/b.ko", "a,gone");
  const auto found = needed_by(named("mine", "a,mine"));
  EXPECT_THAT(found.files, ElementsAre(EndsWith("/b.ko"), EndsWith("/a.ko")));
  EXPECT_THAT(found.missing, ElementsAre("gone"));
}

TEST_F(InTreeModulesTest, LoadsWhatSoftdepWantsBeforeWhereItIsThere) {
  add("kernel/lib.ko", "", "pre: crc32c nowhere aliased post: later");
  add("kernel/crc32c_generic.ko", "");
  add("kernel/real-name.ko", "");
  add("kernel/later.ko", "");
  dir.write("modules.alias", "# Aliases\nalias pci:v* lib\nalias aliased real_name\n");
  const auto found = needed_by(named("mine", "lib"));
  EXPECT_THAT(found.files, ElementsAre(EndsWith("/crc32c_generic.ko"), EndsWith("/real-name.ko"),
                                       EndsWith("/lib.ko")));
  EXPECT_THAT(found.missing, IsEmpty());
}

TEST_F(InTreeModulesTest, UpdatesGoBeforeTheKernelsOwn) {
  add("kernel/a.ko", "");
  add("updates/dkms/a.ko", "");
  EXPECT_THAT(needed_by(named("mine", "a")).files, ElementsAre(EndsWith("/updates/dkms/a.ko")));
}

TEST(InTreeModules, WithoutAFolderEverythingIsMissing) {
  const auto module = named("mine", "a,b-c");
  const Module* pointer = &module;
  const auto found = InTreeModules("").needed_by({&pointer, 1}).value();
  EXPECT_THAT(found.missing, ElementsAre("a", "b_c"));
}

TEST(LoadOrder, PutsExportersFirst) {
  auto user = named("user"), exporter = named("exporter"), other = named("other", "user");
  user.imports = {{.name = "x"}, {.name = "printk"}};
  exporter.exports = {{.name = "x"}};
  const std::vector<const Module*> modules{&other, &user, &exporter};
  EXPECT_THAT(load_order(modules), ElementsAre(2u, 1u, 0u));
}

TEST(LoadOrder, KeepsTheGivenOrderAndSurvivesACircle) {
  auto a = named("a", "b"), b = named("b", "a"), c = named("c");
  const std::vector<const Module*> modules{&c, &a, &b};
  EXPECT_THAT(load_order(modules), ElementsAre(0u, 2u, 1u));
}

}  // namespace
}  // namespace kovet::vm
