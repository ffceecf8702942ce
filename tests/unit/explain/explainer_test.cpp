#include <gmock/gmock.h>

#include <fmt/format.h>

#include "explain/explain.h"

namespace kovet::explain {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Explanations explain(std::string_view log) {
  Explainer explainer;
  const auto size = split_lines(
      log, [&](std::string_view line, std::uint64_t number) { explainer.line(line, number); });
  return explainer.finish(size);
}

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
  const auto warned = explain("hello: no symbol version for foo\n");
  ASSERT_THAT(warned.items, SizeIs(1));
  EXPECT_EQ(warned.items[0].stage, Stage::warned);
  const auto refused =
      explain("hello: no symbol version for foo\nhello: Unknown symbol foo (err -22)\n");
  ASSERT_THAT(refused.items, SizeIs(1));
  EXPECT_EQ(refused.items[0].stage, Stage::refused);
  EXPECT_EQ(refused.items[0].error, EINVAL);
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

TEST(Explainer, TurnsAToolsTextIntoItsErrno) {
  const auto result =
      explain("insmod: ERROR: could not insert module hello.ko: Invalid parameters\n");
  ASSERT_THAT(result.items, SizeIs(1));
  EXPECT_EQ(result.items[0].error, EINVAL);
  EXPECT_EQ(result.items[0].stage, Stage::userspace);
  EXPECT_THAT(result.items[0].details, ElementsAre(HasSubstr("is EINVAL: Mostly not a parameter")));
  EXPECT_THAT(result.items[0].causes, Contains(HasSubstr("CRC of an imported symbol")));
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
  EXPECT_EQ(result.items[0].stage, Stage::warned);
  EXPECT_EQ(result.items[0].error, std::nullopt);
  EXPECT_THAT(result.items[0].details, ElementsAre("19 is ENODEV without its minus sign"));
}

TEST(Explainer, ReadsASerialConsole) {
  const auto result = explain(
      "\033[0;32m  OK  \033[0m] Started x.\r\n[    3.1] \033[31mhello: module license 'MIT' taints "
      "kernel.\033[0m\r\r\n");
  ASSERT_THAT(result.items, SizeIs(1));
  EXPECT_EQ(result.items[0].line, "hello: module license 'MIT' taints kernel.");
  EXPECT_EQ(result.items[0].number, 2U);
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

TEST(Explainer, SaysNothingOfALogWithoutModules) {
  EXPECT_THAT(explain("usb 1-1: new device\n\nfoo\n").items, IsEmpty());
  EXPECT_THAT(explain("").items, IsEmpty());
}

TEST(Explainer, TakesBinary) {
  std::string log;
  for (int i = 0; i < 100000; ++i) log += static_cast<char>((i * 7919) >> 3);
  log += "\nhello: bad vermagic: kernel tainted.\n";
  EXPECT_THAT(explain(log).items, SizeIs(1));
}

TEST(Explainer, GathersDepmodByFile) {
  const auto result = explain(
      "depmod: WARNING: /lib/modules/6.1/extra/a.ko needs unknown symbol foo\n"
      "depmod: WARNING: /lib/modules/6.1/extra/a.ko needs unknown symbol bar\n"
      "depmod: WARNING: /lib/modules/6.1/extra/b.ko needs unknown symbol foo\n");
  ASSERT_THAT(result.items, SizeIs(2));
  EXPECT_THAT(result.items[0].symbols, SizeIs(2));
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
  EXPECT_THAT(result.items[2].details, Contains(HasSubstr("line 1 of this log says why: a_b: `x'")));
  EXPECT_THAT(result.items[2].causes, IsEmpty());
  EXPECT_EQ(result.items[3].explained_by, 2U);
  EXPECT_EQ(result.items[4].explained_by, 0U);
}

TEST(Explainer, AnInstallCommandThatFailedIsInvalidArgumentToModprobe) {
  const auto result = explain(
      "modprobe: ERROR: ../libkmod/libkmod-module.c:1047 command_do() Error running install command "
      "'/bin/false' for module par: retcode 1\n"
      "modprobe: ERROR: could not insert 'par': Invalid argument\n");
  ASSERT_THAT(result.items, SizeIs(2));
  EXPECT_EQ(result.items[1].explained_by, 1U);
}

TEST(Explainer, AnErrnoThatOnlyInitsReturn) {
  const auto result = explain("insmod: ERROR: could not insert module a.ko: Level 2 not synchronized");
  ASSERT_THAT(result.items, SizeIs(1));
  EXPECT_EQ(result.items[0].error, EL2NSYNC);
  EXPECT_THAT(result.items[0].details, Contains(HasSubstr("is EL2NSYNC: no check of the loader")));
}

}  // namespace
}  // namespace kovet::explain
