#include <cerrno>

#include "tests/unit/explain/explained.h"

// What a tool's errno is taken for, and which line of the kernel's it goes with.

namespace kovet::explain {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST(Explainer, TurnsAToolsTextIntoItsErrno) {
  const auto result =
      explain("insmod: ERROR: could not insert module hello.ko: Invalid parameters\n");
  ASSERT_THAT(result.items, SizeIs(1));
  EXPECT_EQ(result.items[0].error, EINVAL);
  EXPECT_EQ(result.items[0].stage, Stage::userspace);
  EXPECT_THAT(result.items[0].details, ElementsAre(HasSubstr("is EINVAL: Mostly not a parameter")));
  EXPECT_THAT(result.items[0].causes, Contains(HasSubstr("CRC of an imported symbol")));
}

TEST(Explainer, TheNextCommandHasTheModulesNameWhereAFileWasNamed) {
  const auto result =
      explain("insmod: ERROR: could not insert module ./my-driver.ko: File exists\n");
  ASSERT_THAT(result.items, SizeIs(1));
  EXPECT_EQ(result.items[0].next,
            "grep '^my_driver ' /proc/modules; modinfo my_driver; rmmod my_driver first");
}

TEST(Explainer, AnErrnoOfOpenSaysNothingOfTheLoader) {
  for (const char* file : {"-f", "hello"}) {
    const auto result = explain(std::string("insmod: ERROR: could not load module ") + file +
                                ": No such file or directory\n");
    ASSERT_THAT(result.items, SizeIs(1));
    EXPECT_THAT(result.items[0].details, ElementsAre("\"No such file or directory\" is ENOENT"));
  }
  const auto result =
      explain("depmod: FATAL: could not search modules: No such file or directory\n");
  ASSERT_THAT(result.items, SizeIs(1));
  EXPECT_THAT(result.items[0].details, ElementsAre("\"No such file or directory\" is ENOENT"));
}

TEST(Explainer, ALaterAttemptIsToldApart) {
  const auto again = explain(
      "hello: version magic 'a SMP ' should be 'b SMP '\n"
      "insmod: ERROR: could not insert module hello.ko: Invalid module format\n"
      "hello: Unknown symbol foo (err -2)\n"
      "hello: loading out-of-tree module taints kernel.\n");
  ASSERT_THAT(again.items, SizeIs(4));
  EXPECT_EQ(again.items[0].later_attempt, 4U);
  EXPECT_EQ(again.items[2].later_attempt, 4U);
  EXPECT_THAT(again.items[2].details,
              Contains(HasSubstr("line 4 is of a later attempt to load hello")));
  EXPECT_FALSE(again.items[3].also_refused);

  for (const char* failure :
       {"hello: Unknown symbol foo (err -2)\n", "hello: init failed with -22\n",
        "insmod: ERROR: could not insert module hello.ko: Invalid argument\n"}) {
    const auto refused = explain(std::string("hello: version magic 'a SMP ' should be 'b SMP '\n"
                                             "hello: loading out-of-tree module taints kernel.\n") +
                                 failure);
    for (const auto& item : refused.items)
      EXPECT_EQ(item.later_attempt, 0U) << failure << item.line;
    EXPECT_TRUE(refused.items[1].also_refused) << failure;
    EXPECT_EQ(refused.items[1].failed_at, 3U) << failure;
    EXPECT_EQ(refused.items[1].failed_stage, refused.items[2].stage) << failure;
  }
  // The same refusal once more, after the warning.
  const auto twice = explain(
      "hello: Unknown symbol foo (err -2)\n"
      "hello: loading out-of-tree module taints kernel.\n"
      "hello: Unknown symbol foo (err -2)\n");
  EXPECT_EQ(twice.items[0].last_number, 3U);
  EXPECT_EQ(twice.items[0].later_attempt, 0U);
  EXPECT_TRUE(twice.items[1].also_refused);
}

TEST(Explainer, AToolsErrnoPointsToTheLineBeforeIt) {
  // A serial console that a terminal shares.
  const auto result = explain(
      "[ 1.0] ok: version magic '1 ' should be '2 '\n"
      "insmod: ERROR: could not insert module renamed.ko: Invalid module format\n"
      "insmod: ERROR: could not insert module badsig.ko: Bad message\n"
      "[ 2.0] module: PKCS#7 signature info has unexpected non-zero params\n"
      "insmod: ERROR: could not insert module params.ko: Bad message\n"
      "[ 3.0] p: `9999999999' invalid for parameter `level'\n"
      "insmod: ERROR: could not insert module p.ko: Numerical result out of range\n"
      "[ 4.0] p: `x' invalid for parameter `level'\n"
      "insmod: ERROR: could not insert module p.ko: Invalid parameters\n"
      "[ 5.0] Error: Driver 'd' is already registered, aborting...\n"
      "insmod: ERROR: could not insert module d.ko: Device or resource busy\n"
      "insmod: ERROR: could not insert module e.ko: Device or resource busy\n"
      "insmod: ERROR: could not insert module late.ko: Invalid module format\n");
  std::vector<std::uint64_t> why;
  for (const auto& item : result.items)
    if (item.stage == Stage::userspace) why.push_back(item.explained_by);
  EXPECT_THAT(why, ElementsAre(1, 0, 4, 6, 8, 0, 0, 0));
  EXPECT_THAT(result.items[10].details, Contains(HasSubstr("line 10 of this log may be why")));
  EXPECT_THAT(result.items[10].causes, Not(IsEmpty()));
}

TEST(Explainer, OfSeveralAttemptsElsewhereNoneIsClaimed) {
  const auto result = explain(
      "insmod: ERROR: could not insert module p.ko: Invalid parameters\n"
      "[ 3.0] p: `y' invalid for parameter `level'\n"
      "[ 4.0] p: `x' invalid for parameter `level'\n");
  EXPECT_EQ(result.items[0].explained_by, 0U);
}

TEST(Explainer, WhatADriverRanIntoClaimsNoErrno) {
  const auto result = explain(
      "[ 1.0] p: `99999999999' invalid for parameter `level'\n"
      "[ 2.0] proc_dir_entry '/proc/samedir' already registered\n"
      "[ 3.0] kobject_add_internal failed for x with -EEXIST, don't try to register things with "
      "the "
      "same name in the same directory.\n"
      "[ 4.0] Error: Driver 'd' is already registered, aborting...\n"
      "[ 5.0] arr: can only take 2 arguments\n");
  ASSERT_THAT(result.items, SizeIs(5));
  EXPECT_EQ(result.items[0].error, std::nullopt);  // ERANGE here
  for (std::size_t i : {1, 2, 3}) {
    EXPECT_EQ(result.items[i].stage, Stage::running) << i;
    EXPECT_EQ(result.items[i].error, std::nullopt) << i;
  }
  EXPECT_EQ(result.items[4].error, EINVAL);
}

TEST(Explainer, AToolsErrnoPointsToTheKernelsLine) {
  const auto result = explain(
      "[ 1.0] a_b: `x' invalid for parameter `width'\n"
      "[ 2.0] c: version magic '1 ' should be '2 '\n"
      "modprobe: ERROR: could not insert 'a-b': Invalid argument\n"
      "insmod: ERROR: could not insert module renamed.ko: Invalid module format\n"
      "modprobe: ERROR: could not insert 'd': Invalid argument\n");
  ASSERT_THAT(result.items, SizeIs(5));
  EXPECT_EQ(result.items[2].explained_by, 1U);
  EXPECT_THAT(result.items[2].details,
              Contains(HasSubstr("line 1 of this log says why: a_b: `x'")));
  EXPECT_THAT(result.items[2].causes, IsEmpty());
  EXPECT_EQ(result.items[3].explained_by, 2U);
  EXPECT_EQ(result.items[4].explained_by, 0U);
}

TEST(Explainer, AnInstallCommandThatFailedIsInvalidArgumentToModprobe) {
  const auto result = explain(
      "modprobe: ERROR: ../libkmod/libkmod-module.c:1047 command_do() Error running install "
      "command "
      "'/bin/false' for module par: retcode 1\n"
      "modprobe: ERROR: could not insert 'par': Invalid argument\n");
  ASSERT_THAT(result.items, SizeIs(2));
  EXPECT_EQ(result.items[1].explained_by, 1U);
}

TEST(Explainer, AnErrnoThatOnlyInitsReturn) {
  const auto result =
      explain("insmod: ERROR: could not insert module a.ko: Level 2 not synchronized");
  ASSERT_THAT(result.items, SizeIs(1));
  EXPECT_EQ(result.items[0].error, EL2NSYNC);
  EXPECT_THAT(result.items[0].details, Contains(HasSubstr("is EL2NSYNC: no check of the loader")));
}

TEST(Explainer, NextStepsNameTheKernelThatModprobeLookedAt) {
  const auto next = [](const std::string& line) { return explain(line + "\n").items.at(0).next; };
  const std::string own =
      next("sudo: modprobe: FATAL: Module x not found in directory /lib/modules/6.1.0-1-amd64");
  EXPECT_THAT(own, ::testing::EndsWith("; sudo depmod 6.1.0-1-amd64"));
  EXPECT_THAT(own, HasSubstr("kovet host x --release 6.1.0-1-amd64"));
  // Quoted by another program, the line goes on behind the release.
  EXPECT_THAT(
      next(
          R"(FAILED! => {"msg": "modprobe: FATAL: Module x not found in directory /lib/modules/5.15.0-91-generic\n", "rc": 1})"),
      ::testing::EndsWith("; sudo depmod 5.15.0-91-generic"));
  EXPECT_THAT(next("modprobe: FATAL: Module x not found in directory /mnt/lib/modules/6.1.0"),
              HasSubstr("ls /mnt/lib/modules; "));
  EXPECT_THAT(next("modinfo: ERROR: Module ./x.ko not found."), HasSubstr("ls -l ./x.ko*"));
}

TEST(Explainer, AModuleWhoseDependencyIsGoneMayOweItsErrnoToThat) {
  const auto result = explain(
      "modprobe: ERROR: ../libkmod/libkmod-module.c:191 kmod_module_parse_depline() ctx=0x5 "
      "path=/lib/modules/6.1.0/extra/prov.ko error=No such file or directory\n"
      "modprobe: ERROR: could not insert 'user': Unknown symbol in module, or unknown parameter "
      "(see "
      "dmesg)\n");
  ASSERT_THAT(result.items, SizeIs(2));
  EXPECT_EQ(result.items[0].error, ENOENT);
  EXPECT_EQ(subject(result.items[0]), "prov");
  EXPECT_THAT(result.items[0].details, ElementsAre("\"No such file or directory\" is ENOENT"));
  EXPECT_THAT(result.items[1].details, Contains(HasSubstr("line 1 of this log may be why")));
}

TEST(Explainer, OfAFileThatCannotBeOpenedTheKernelHasNoLine) {
  const auto result = explain(
      "x: Unknown symbol foo (err -2)\n"
      "insmod: ERROR: could not load module ./x.ko: No such file or directory\n");
  EXPECT_EQ(result.items.at(1).explained_by, 0U);
  EXPECT_FALSE(result.items.at(1).causes.empty());
}

TEST(Explainer, TheKernelsLineMayStandBehindTheToolsInATerminal) {
  const auto result = explain(
      "$ sudo insmod x.ko\ninsmod: ERROR: could not insert module x.ko: Unknown symbol in module\n"
      "$ sudo dmesg | tail -1\n[  313.000001] x: Unknown symbol foo (err -2)\n$ sudo modprobe x\n"
      "modprobe: FATAL: Module x not found in directory /lib/modules/6.1.0\n");
  ASSERT_THAT(result.items, SizeIs(3));
  EXPECT_THAT(result.items[0].details, Contains(HasSubstr("line 4 of this log may be why")));
  EXPECT_EQ(result.items[0].next, result.items[1].next);
}

TEST(Explainer, WithoutASymbolThatTheLoaderNamesEnoentIsInits) {
  const std::string tool =
      "modprobe: ERROR: could not insert 'x': Unknown symbol in module, or unknown "
      "parameter (see dmesg)\n";
  const auto result = explain("x: loading out-of-tree module taints kernel.\n" + tool);
  EXPECT_THAT(result.items.at(1).details, Contains(HasSubstr("most likely its init")));
  EXPECT_THAT(result.items[1].causes.at(0), HasSubstr("its init function returned -ENOENT"));
  // Without a line about it nothing says that the log is whole.
  EXPECT_THAT(
      explain("y: loading out-of-tree module taints kernel.\n" + tool).items.at(1).causes.at(0),
      HasSubstr("is not loaded"));
}

TEST(Explainer, AToolsNextStepIsThatOfTheLineThatSaysWhy) {
  const auto result = explain(
      "x: disagrees about version of symbol foo\nx: Unknown symbol foo (err -22)\n"
      "modprobe: ERROR: could not insert 'x': Invalid argument\n");
  ASSERT_EQ(result.items.at(1).explained_by, 1U);
  EXPECT_EQ(result.items.at(1).next, result.items.at(0).next);
}

}  // namespace
}  // namespace kovet::explain
