#include <elf.h>

#include "tests/unit/gates/judging.h"

namespace kovet::testing {
namespace {

void built_in(Case& test, const std::string& name, BuiltinModules::Traits traits) {
  BuiltinModules modules;
  modules.by_name[name] = traits;
  test.kernel.builtin = Fact<BuiltinModules>::known(modules, "modules.builtin.modinfo");
}

TEST(Sysfs, WithoutEvidenceTheVerdictIsWithoutIt) {
  Case test;
  const Verdict verdict = test.judge();
  EXPECT_EQ(row(verdict, "sysfs").status, GateStatus::not_evaluated);
  EXPECT_EQ(to_string(verdict.answer), "accept");
}

TEST(Sysfs, ABuiltInDriverWithAVersionHasTheFolder) {
  Case test;
  built_in(test, "honest", {.has_version = true});
  expect_reject(test.judge(), EINVAL, {"honest: module is already loaded"});
}

TEST(Sysfs, OneWithParametersMayHaveIt) {
  Case test;
  built_in(test, "honest", {.has_parameters = true});
  EXPECT_EQ(to_string(test.judge().answer), "unknown");
  built_in(test, "honest", {});
  EXPECT_EQ(to_string(test.judge().answer), "accept");
  built_in(test, "honest2", {.has_version = true});
  EXPECT_EQ(to_string(test.judge().answer), "accept");
}

TEST(Sysfs, TheImageKnowsExactly) {
  Case test;
  built_in(test, "honest", {.has_parameters = true});
  ImageFacts image;
  image.sysfs_modules.emplace();
  const Module module = read_built(test.builder);
  const auto ask = [&] {
    return judge({module, test.kernel, test.assumptions, {}, {}, {}, &image});
  };
  EXPECT_EQ(to_string(ask().answer), "accept");
  image.sysfs_modules->insert("honest");
  expect_reject(ask(), EINVAL, {"honest: module is already loaded"});
}

TEST(Sysfs, NamesThatCannotBeShown) {
  Case test;
  test.builder.this_module("", honest_struct_size);
  expect_reject(test.judge(), EINVAL,
                {"kobject: (<address>): attempted to be registered with empty name!"});
  test.builder.this_module(std::string(56, 'n'), honest_struct_size);
  EXPECT_EQ(to_string(test.judge().answer), "accept");
  test.kernel.version = KernelVersion{6, 1, 0};
  EXPECT_EQ(row(test.judge(), "sysfs").status, GateStatus::unknown);
}

TEST(Sysfs, StructModuleWithoutContentIsNotNameless) {
  Case test;
  test.kernel.version = KernelVersion{6, 1, 0};
  test.builder.section(".gnu.linkonce.this_module").type = SHT_NOBITS;
  EXPECT_EQ(row(test.judge(), "elf-symbols").status, GateStatus::unknown);
  EXPECT_EQ(to_string(test.judge().answer), "unknown");
}

TEST(Sysfs, TwoAllocatedSectionsOfOneName) {
  Case test;
  test.builder.add_section({.name = ".odd", .content = "a"});
  test.builder.add_section({.name = ".odd"});
  expect_accept(test.judge());  // one of them is empty
  test.builder.add_section({.name = ".odd", .content = "b"});
  const std::string line = "sysfs: cannot create duplicate filename '/module/honest/sections/.odd'";
  expect_reject(test.judge(), EEXIST, {line});
  test.kernel.version = KernelVersion{6, 1, 0};
  EXPECT_EQ(row(test.judge(), "sysfs").status, GateStatus::not_evaluated);
  built_in(test, "other", {});
  EXPECT_EQ(row(test.judge(), "sysfs").log, std::vector{line});
  test.kernel.version = KernelVersion{6, 8, 0};
  EXPECT_EQ(row(test.judge(), "sysfs").status, GateStatus::unknown);
}

TEST(Sysfs, TheSymbolTableIsShownToo) {
  for (const auto* name : {".symtab", ".strtab"}) {
    Case test;
    test.builder.add_section({.name = ".odd", .content = "a"});
    const Module before = read_built(test.builder);
    ASSERT_NE(before.section(name), nullptr);
    test.builder.section(".odd").name_offset = before.section(name)->name_offset;
    EXPECT_EQ(row(test.judge(), "sysfs").error, EEXIST) << name;
    test.without("CONFIG_KALLSYMS=y");
    expect_accept(test.judge());
  }
}

/// A second parameter of the name that the honest module's own has, and the permissions of both.
Case with_two_parameters(std::uint16_t first, std::uint16_t second) {
  Case test;
  test.builder.remove_section("__param").remove_section(".rela__param");
  test.builder.parameter("debug", "int").parameter("debug", "int");
  std::string& table = test.builder.section("__param").content;
  for (const auto& [at, value] : {std::pair{24U, first}, std::pair{64U, second}}) {
    table.at(at) = static_cast<char>(value & 0xff);
    table.at(at + 1) = static_cast<char>(value >> 8);
  }
  return test;
}

TEST(Sysfs, TwoParametersOfOneNameGetOneFile) {
  expect_reject(with_two_parameters(0644, 0444).judge(), EEXIST,
                {"sysfs: cannot create duplicate filename '/module/honest/parameters/debug'"});
  expect_accept(with_two_parameters(0644, 0).judge());
  expect_accept(with_two_parameters(0, 0444).judge());
}

TEST(Sysfs, PermissionsThatNoFileGetsAreTold) {
  Case test = with_two_parameters(0666, 0);
  built_in(test, "other", {});
  const Verdict verdict = test.judge();
  EXPECT_EQ(to_string(verdict.answer), "accept");
  EXPECT_EQ(row(verdict, "sysfs").log,
            std::vector<std::string>{"Attribute debug: Invalid permissions 0666"});
}

TEST(Sysfs, OtherNamesMayHaveTheSameFolder) {
  const auto second = [](const std::string& first, const std::string& name) {
    Case peer, test;
    peer.builder.this_module(first, honest_struct_size);
    const Module loaded = read_built(peer.builder);
    test.builder.this_module(name, honest_struct_size);
    test.peers = {&loaded};
    return row(test.judge(), "sysfs").error;
  };
  EXPECT_EQ(second("a/b", "a!b"), EINVAL);
  EXPECT_EQ(second("a!b", "a/b"), EEXIST);
  EXPECT_EQ(second("a-b", "a_b"), 0);
}

TEST(Sysfs, TheNameIsLookedAtBeforeTheParameters) {
  Case test = with_two_parameters(0644, 0444);
  built_in(test, "honest", {.has_version = true});
  expect_reject(test.judge(), EINVAL, {"honest: module is already loaded"});
}

TEST(Sysfs, ATableOfParametersThatCannotBeReadIsUnknown) {
  Case test;
  test.builder.section("__param").type = SHT_NOBITS;
  EXPECT_EQ(row(test.judge(), "sysfs").status, GateStatus::unknown);
}

TEST(Sysfs, PartsOfTheKernelProperAreThereWhateverIsKnown) {
  Case test;
  test.builder.this_module("workqueue", honest_struct_size);
  EXPECT_EQ(row(test.judge(), "sysfs").status, GateStatus::unknown);
  built_in(test, "other", {});
  EXPECT_EQ(row(test.judge(), "sysfs").status, GateStatus::pass);
}

}  // namespace
}  // namespace kovet::testing
