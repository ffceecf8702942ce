#include <fmt/format.h>

#include <cerrno>

#include "tests/unit/explain/explained.h"

namespace kovet::explain {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST(Explainer, GathersABlockOfUnknownSymbolsByModule) {
  const auto result = explain(
      "[   10.1] mt76_usb: Unknown symbol usb_submit_urb (err -2)\n"
      "[   10.1] mt76_usb: Unknown symbol usb_free_urb (err -2)\n"
      "[   10.2] unrelated line\n"
      "[   10.3] other: Unknown symbol foo (err -2)\n"
      "[   10.4] mt76_usb: Unknown symbol usb_submit_urb (err -2)\n");
  ASSERT_THAT(result.items, SizeIs(2));
  const Explanation& first = result.items[0];
  EXPECT_EQ(first.module, "mt76_usb");
  EXPECT_EQ(first.count, 3U);
  EXPECT_EQ(first.number, 1U);
  EXPECT_EQ(first.time, "10.1");
  EXPECT_EQ(first.error, ENOENT);
  EXPECT_EQ(first.stage, Stage::refused);
  ASSERT_THAT(first.symbols, SizeIs(2));
  EXPECT_EQ(first.symbols[0].name, "usb_submit_urb");
  EXPECT_EQ(first.symbols[1].error, ENOENT);
  EXPECT_EQ(result.items[1].module, "other");
  EXPECT_EQ(result.size.lines, 5U);
}

TEST(Explainer, AVersionMismatchExplainsItsUnknownSymbolLine) {
  const auto result = explain(
      "hello: disagrees about version of symbol foo\n"
      "hello: Unknown symbol foo (err -22)\n"
      "hello: Unknown symbol bar (err -2)\n");
  ASSERT_THAT(result.items, SizeIs(2));
  EXPECT_EQ(result.items[0].message->id, "symbol-version");
  ASSERT_THAT(result.items[1].symbols, SizeIs(1));
  EXPECT_EQ(result.items[1].symbols[0].name, "bar");
}

TEST(Explainer, AMissingVersionIsARefusalOnlyWhereTheSymbolWasRefused) {
  for (const char* line :
       {"hello: no symbol version for foo\n", "hello: no symbol version for module_layout\n",
        "hello: no extended symbol version for module_layout\n"}) {
    const auto alone = explain(line);
    ASSERT_THAT(alone.items, SizeIs(1));
    EXPECT_EQ(alone.items[0].stage, Stage::undecided) << line;
    EXPECT_EQ(alone.items[0].error, std::nullopt) << line;
  }
  const auto refused =
      explain("hello: no symbol version for foo\nhello: Unknown symbol foo (err -22)\n");
  ASSERT_THAT(refused.items, SizeIs(1));
  EXPECT_EQ(refused.items[0].stage, Stage::refused);
  EXPECT_EQ(refused.items[0].error, EINVAL);
}

TEST(Explainer, WhatAToolOrInitSaysDecidesAboutAMissingVersion) {
  const auto stage = [](const std::string& log) { return explain(log).items.at(0).stage; };
  const std::string layout = "hello: no symbol version for module_layout\n";
  EXPECT_EQ(
      stage(layout + "insmod: ERROR: could not insert module hello.ko: Invalid module format\n"),
      Stage::refused);
  EXPECT_EQ(explain(layout + "insmod: ERROR: could not insert module hello.ko: Invalid module "
                             "format\n")
                .items[0]
                .error,
            ENOEXEC);
  // Another errno, or another module's: no word about this line.
  EXPECT_EQ(stage(layout + "insmod: ERROR: could not insert module hello.ko: No such device\n"),
            Stage::undecided);
  EXPECT_EQ(
      stage(layout + "insmod: ERROR: could not insert module other.ko: Invalid module format\n"),
      Stage::undecided);
  EXPECT_EQ(stage(layout + "initcall hello_init+0x0/0x1000 [hello] returned -19 after 12 usecs\n"),
            Stage::warned);
  EXPECT_EQ(stage("hello: no symbol version for foo\n"
                  "do_init_module: 'hello'->init suspiciously returned 1, it should follow 0/-E "
                  "convention\n"),
            Stage::warned);
}

TEST(Explainer, ASignatureOfAnotherKindIsFatalOnlyWhereTheLogSaysSo) {
  const std::string line = "module: not signed with expected PKCS#7 message\n";
  const auto first = [](const std::string& log) { return explain(log).items.at(0); };
  EXPECT_EQ(first(line).stage, Stage::undecided);
  EXPECT_EQ(first(line).error, std::nullopt);
  EXPECT_THAT(first(line).meaning, HasSubstr("EKEYREJECTED"));
  const auto enforced = first(line + "Loading of module with unsupported crypto is rejected\n");
  EXPECT_EQ(enforced.stage, Stage::refused);
  EXPECT_EQ(enforced.error, EKEYREJECTED);
  const auto locked = first(line +
                            "Lockdown: insmod: unsigned module loading is restricted; see man "
                            "kernel_lockdown.7\n");
  EXPECT_EQ(locked.stage, Stage::refused);
  EXPECT_EQ(locked.error, EPERM);
  const auto loaded = first(line +
                            "hello: module verification failed: signature and/or required key "
                            "missing - tainting kernel\n");
  EXPECT_EQ(loaded.stage, Stage::warned);
  EXPECT_EQ(loaded.error, std::nullopt);
  // 4.3 to 5.3: refused in any case.
  const auto old = first("hello: Module is not signed with expected PKCS#7 message\n");
  EXPECT_EQ(old.stage, Stage::refused);
  EXPECT_EQ(old.error, ENOPKG);
  EXPECT_EQ(first("Unsupported digest algo: 71\n").stage, Stage::undecided);
  EXPECT_EQ(first("PKCS7: Only support pkcs7_signedData type\n").stage, Stage::refused);
}

TEST(Explainer, AProbeThatFailedIsAfterLoading) {
  for (const char* line : {"hello: probe of 0000:00:03.0 failed with error -22\n",
                           "pci 0000:00:03.0: probe with driver hello failed with error -22\n"}) {
    const auto item = explain(line).items.at(0);
    EXPECT_EQ(item.stage, Stage::running) << line;
    EXPECT_EQ(item.message->gate, "") << line;
    EXPECT_EQ(item.error, EINVAL) << line;
  }
}

TEST(Explainer, WordingsOfThe26Series) {
  const auto result = explain(
      "hello: no version for \"struct_module\" found: kernel tainted.\n"
      "hello: disagrees about version of symbol struct_module\n"
      "hello: no version magic, tainting kernel.\n"
      "hello: no version for \"printk\" found\n");
  ASSERT_THAT(result.items, SizeIs(3));
  EXPECT_EQ(result.items[0].message->id, "taint-forced-version-old");
  EXPECT_THAT(result.items[0].symbols, SizeIs(2));
  EXPECT_EQ(result.items[1].message->id, "module-layout");
  EXPECT_EQ(result.items[1].error, ENOEXEC);
  EXPECT_EQ(result.items[2].message->id, "taint-forced-vermagic-old");
}

TEST(Explainer, NamesTheTokensOfVermagicThatDiffer) {
  const auto result = explain(
      "hello: version magic '6.1.0-18-amd64 SMP preempt mod_unload ' should be "
      "'6.1.0-21-amd64 SMP mod_unload modversions '\n");
  ASSERT_THAT(result.items, SizeIs(1));
  EXPECT_THAT(result.items[0].details,
              ElementsAre(HasSubstr("built for 6.1.0-18-amd64, this kernel is 6.1.0-21-amd64"),
                          HasSubstr("'modversions': the kernel has it"),
                          HasSubstr("'preempt': the module has it")));
}

TEST(Explainer, SaysWhatOnlyAVermagicSuffixMeans) {
  EXPECT_THAT(vermagic_differences("6.1.0 SMP ", "6.1.0+ SMP "),
              ElementsAre(HasSubstr("LOCALVERSION")));
  EXPECT_THAT(vermagic_differences("6.1.0 SMP", "6.1.0 SMP "), ElementsAre(HasSubstr("spaces")));
  EXPECT_THAT(vermagic_differences("6.1.0 SMP ", "6.1.0 SMP "), IsEmpty());
}

TEST(Explainer, NamesTheErrnoOfAnInitThatFailed) {
  const auto result = explain("foo: init failed with -22\n");
  ASSERT_THAT(result.items, SizeIs(1));
  EXPECT_EQ(result.items[0].stage, Stage::init_failed);
  EXPECT_EQ(result.items[0].error, EINVAL);
  EXPECT_THAT(result.items[0].details, ElementsAre("-22 is EINVAL (Invalid argument)"));
}

TEST(Explainer, SeesTheMissingMinusOfAPositiveInit) {
  const auto result = explain(
      "do_init_module: 'hello'->init suspiciously returned 19, it should follow 0/-E convention\n");
  ASSERT_THAT(result.items, SizeIs(1));
  EXPECT_EQ(result.items[0].stage, Stage::loaded);
  EXPECT_EQ(result.items[0].error, std::nullopt);
  EXPECT_THAT(result.items[0].details, ElementsAre("19 is ENODEV without its minus sign"));
}

TEST(Explainer, TheSecondLineOfAPositiveInitStandsAloneOnlyWhereTheFirstIsMissing) {
  const auto alone = explain("[    1.2] do_init_module: loading module anyway...\n");
  ASSERT_THAT(alone.items, SizeIs(1));
  EXPECT_EQ(alone.items[0].message->id, "init-positive-anyway");
  EXPECT_EQ(alone.items[0].stage, Stage::loaded);
  const auto both = explain(
      "[    1.2] do_init_module: 'pos'->init suspiciously returned 19, it should follow 0/-E "
      "convention\n"
      "[    1.2] do_init_module: loading module anyway...\n");
  ASSERT_THAT(both.items, SizeIs(1));
  EXPECT_EQ(both.items[0].module, "pos");
}

TEST(Explainer, CrashesOfTwoProcessorsWhoseLinesAreMixed) {
  const auto result = explain(
      "[  1.0][ T200] BUG: kernel NULL pointer dereference, address: 0\n"
      "[  1.0][ T300] WARNING: CPU: 1 PID: 300 at /x.c:3 warn_init+0x1/0x10 [warn]\n"
      "[  1.0][ T200] RIP: 0010:crash_init+0x1a/0x1000 [crash]\n"
      "[  1.0][ T300] Call Trace:\n"
      "[  1.0][ T200] Call Trace:\n"
      "[  1.0][ T300]  warn_init+0x1/0x10 [warn]\n"
      "[  1.0][ T300]  do_one_initcall+0x59/0x220\n"
      "[  1.0][ T200]  crash_sub+0x1/0x10 [crash]\n"
      "[  1.0][ T200]  do_one_initcall+0x59/0x220\n"
      "[  1.0][ T300] ---[ end trace 0 ]---\n"
      "[  1.0][ T200] ---[ end trace 0 ]---\n");
  ASSERT_THAT(result.items, SizeIs(2));
  EXPECT_EQ(result.items[0].module, "crash");
  EXPECT_EQ(result.items[0].crash->init_function, "crash_sub");
  EXPECT_EQ(result.items[1].module, "warn");
  const auto records = explain(
      "4,1,1,-,caller=T2;BUG: kernel NULL pointer dereference, address: 0\n"
      "4,2,1,-,caller=T2;Call Trace:\n4,3,1,-,caller=T3; fn+0x1/0x2 [other]\n"
      "4,4,1,-,caller=T2; a_init+0x1/0x2 [a]\n4,4,1,-,caller=T3; fn+0x1/0x2 [other]\n"
      "4,5,1,-,caller=T2; do_one_initcall+0x1/0x2\n");
  ASSERT_THAT(records.items, SizeIs(1));
  EXPECT_EQ(records.items[0].module, "a");
}

TEST(Explainer, ACrashWhoseEndIsMissingIsNotLostToTheNext) {
  std::string log;
  for (int i = 0; i < 40; ++i)
    log += fmt::format(
        "[  1.0][ T{0}] BUG: kernel NULL pointer dereference, address: {0}\n[  1.0][ T{0}] Call "
        "Trace:\n"
        "[  1.0][ T{0}]  i_init+0x1/0x2 [m{0}]\n[  1.0][ T{0}]  do_one_initcall+0x1/0x2\n",
        i % 30);
  const auto result = explain(log);
  ASSERT_THAT(result.items, SizeIs(30));
  EXPECT_EQ(result.items[0].count, 2U);
  EXPECT_EQ(result.items[0].last_number, 121U);
}

TEST(Explainer, CountsRepeatedLines) {
  std::string log;
  for (int i = 0; i < 1000; ++i)
    log += fmt::format("[ {}.0] hello: loading out-of-tree module taints kernel.\n", i);
  const auto result = explain(log);
  ASSERT_THAT(result.items, SizeIs(1));
  EXPECT_EQ(result.items[0].count, 1000U);
}

TEST(Explainer, KeepsABoundedNumberOfMessagesAndSymbols) {
  std::string log;
  for (int i = 0; i < 3000; ++i) log += fmt::format("m{}: bad vermagic: kernel tainted.\n", i);
  for (int i = 0; i < 6000; ++i) log += fmt::format("m: Unknown symbol s{} (err -2)\n", i);
  EXPECT_EQ(explain(log).items.size(), 2000U);
  EXPECT_EQ(explain(log).left_out, 7000U);
  const auto symbols = explain(log.substr(log.find("m: Unknown")));
  ASSERT_THAT(symbols.items, SizeIs(1));
  EXPECT_EQ(symbols.items[0].symbols.size() + symbols.items[0].symbols_left_out, 6000U);
  EXPECT_LE(symbols.items[0].symbols.size(), 5000U);
}

TEST(Explainer, GathersDepmodByFile) {
  const auto result = explain(
      "depmod: WARNING: /lib/modules/6.1/extra/a.ko needs unknown symbol foo\n"
      "depmod: WARNING: /lib/modules/6.1/extra/a.ko needs unknown symbol bar\n"
      "depmod: WARNING: /lib/modules/6.1/extra/b.ko needs unknown symbol foo\n");
  ASSERT_THAT(result.items, SizeIs(2));
  EXPECT_THAT(result.items[0].symbols, SizeIs(2));
  // Without what the tool says before the path.
  EXPECT_EQ(result.items[1].next, "kovet check /lib/modules/6.1/extra/b.ko --kernel RELEASE");
}

TEST(Explainer, AnotherModulesLockdownLineSettlesTheSignatureToo) {
  const auto result = explain(
      "[ 1.0] Lockdown: insmod: unsigned module loading is restricted; see man kernel_lockdown.7\n"
      "[ 2.0] module: not signed with expected PKCS#7 message\n"
      "[ 2.0] Lockdown: insmod: unsigned module loading is restricted; see man "
      "kernel_lockdown.7\n");
  ASSERT_THAT(result.items, SizeIs(2));
  EXPECT_EQ(result.items[1].stage, Stage::refused);
  EXPECT_EQ(result.items[1].error, EPERM);
}

TEST(Explainer, CausesOfAnUnknownSymbolGoByItsErrno) {
  const auto causes = [](const std::string& log) { return explain(log).items.at(0).causes; };
  const auto unfit = causes("hello: Unknown symbol foo (err -22)\n");
  EXPECT_THAT(unfit, Contains(HasSubstr("namespace is not imported")));
  EXPECT_THAT(unfit, Not(Contains(HasSubstr("is not loaded"))));
  EXPECT_THAT(causes("hello: Unknown symbol foo (err -16)\n"),
              ElementsAre(HasSubstr("did not finish its init")));
  EXPECT_THAT(causes("hello: Unknown symbol foo (err -2)\n"), Not(Contains(HasSubstr("-22"))));
  // A block of both kinds.
  const auto both =
      causes("hello: Unknown symbol foo (err -2)\nhello: Unknown symbol bar (err -22)\n");
  EXPECT_THAT(both, Contains(HasSubstr("is not loaded")));
  EXPECT_THAT(both, Contains(HasSubstr("namespace is not imported")));
}

TEST(Explainer, IndexesOfAFolderThatCannotBeWrittenAreOneMatter) {
  std::string log;
  for (const char* index : {"modules.dep", "modules.alias", "modules.symbols.bin"})
    log += std::string("depmod: ERROR: openat(/lib/modules/6.1.0, ") + index +
           ".7562.618494.1795856006, 301, 644): Permission denied\n";
  const auto result =
      explain(log +
              "depmod: ERROR: openat(/lib/modules/6.2.0, modules.dep.7.6.1, 301, 644): "
              "Permission denied\n");
  ASSERT_THAT(result.items, SizeIs(2));
  EXPECT_EQ(result.items[0].count, 3U);
}

}  // namespace
}  // namespace kovet::explain
