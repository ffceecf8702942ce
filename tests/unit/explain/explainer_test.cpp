#include <gmock/gmock.h>

#include <fmt/format.h>

#include <cerrno>

#include "explain/explain.h"

namespace kovet::explain {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
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

TEST(Explainer, ProgramsLinesAreNotTheKernels) {
  for (const char* line :
       {"Nov 23 21:00:17 box systemd[1]: hello: Unknown symbol foo (err -2)",
        "Nov 23 21:00:17 box mount[312]: hello: init failed with -22",
        "Nov 23 21:00:17 box dracut: hello: module is already loaded",
        "Nov 23 21:00:17 systemd[1]: hello: init failed with -22",
        "2026-11-23T21:00:17+0100 box NetworkManager[9]: hello: init failed with -22",
        "Mon 2026-11-23 21:00:17 UTC box app[3]: hello: Unknown symbol foo (err -2)",
        "1795467617.123456 box app[3]: hello: Unknown symbol foo (err -2)",
        "[   12.345678] box app[3]: hello: Unknown symbol foo (err -2)",
        "[   12.345678] systemd[1]: hello: init failed with -22",
        "30,1234,5678901,-;systemd[1]: hello: init failed with -22",
        "12,1234,5678901,-;hello: init failed with -22",
        "<30>systemd[1]: hello: init failed with -22",
        "daemon:info  : [   12.345678] hello: init failed with -22",
        "user  :notice: [   12.345678] hello: init failed with -22",
        "{\"_TRANSPORT\":\"journal\",\"MESSAGE\":\"hello: init failed with -22\"}",
        "systemd[1]: foo.service: init failed with 1"})
    EXPECT_THAT(explain(std::string(line) + "\n").items, IsEmpty()) << line;
  // A crash of a program is none of the kernel's, and its lines do not end the kernel's trace.
  EXPECT_THAT(explain("Nov 23 21:00:17 box app[3]: BUG: it broke\n"
                      "Nov 23 21:00:17 box app[3]: Call Trace:\n"
                      "Nov 23 21:00:17 box app[3]: x_init+0x1/0x2 [x]\n"
                      "Nov 23 21:00:17 box app[3]: do_one_initcall+0x56/0x220\n")
                  .items,
              IsEmpty());
}

TEST(Explainer, RecordsOfTheJournalSayWhoseTheyAre) {
  const std::string program =
      "Mon 2026-11-23 21:00:17.123456 UTC [s=6f;i=1;b=2]\n"
      "    _TRANSPORT=stdout\n    MESSAGE=hello: init failed with -22\n";
  const std::string kernel =
      "Mon 2026-11-23 21:00:18.123456 UTC [s=6f;i=2;b=2]\n"
      "    _TRANSPORT=kernel\n    MESSAGE=hello: Unknown symbol foo (err -2)\n";
  const std::string transport_last =
      "Mon 2026-11-23 21:00:19.123456 UTC [s=6f;i=3;b=2]\n"
      "    MESSAGE=hello: Unknown symbol foo (err -2)\n    _TRANSPORT=kernel\n";
  const std::string program_last =
      "Mon 2026-11-23 21:00:19.123456 UTC [s=6f;i=4;b=2]\n"
      "    MESSAGE=hello: init failed with -22\n    _TRANSPORT=stdout\n";
  EXPECT_THAT(explain(program_last).items, IsEmpty());
  EXPECT_THAT(explain(kernel + program_last + transport_last).items, SizeIs(1));
  EXPECT_THAT(explain("MESSAGE=hello: init failed with -22\n").items, SizeIs(1));
  EXPECT_THAT(explain(program).items, IsEmpty());
  EXPECT_THAT(explain(program + kernel).items, SizeIs(1));
  EXPECT_THAT(explain(kernel + program).items, SizeIs(1));
  EXPECT_THAT(explain(program + transport_last).items, SizeIs(1));
  EXPECT_THAT(
      explain("__CURSOR=s=6f\n_TRANSPORT=syslog\nMESSAGE=hello: init failed with -22\n\n"
              "__CURSOR=s=70\nMESSAGE=hello: Unknown symbol foo (err -2)\n_TRANSPORT=kernel\n")
          .items,
      SizeIs(1));
}

TEST(Explainer, JsonRecordsWithEscapesAndListsOfBytes) {
  std::string bytes;
  for (const char c : std::string_view("\x1b[33mhello: Unknown symbol foo (err -2)\xff"))
    bytes += fmt::format("{}{}", bytes.empty() ? "" : ",", static_cast<unsigned char>(c));
  const auto result = explain(
      "{\"_TRANSPORT\":\"kernel\",\"MESSAGE\":\"old: no version for \\\"bar\\\" found: kernel "
      "tainted.\"}\n"
      "{\"MESSAGE\":[" +
      bytes +
      "],\"_TRANSPORT\":\"kernel\"}\n"
      "{\"MESSAGE\":[" +
      bytes +
      "],\"_TRANSPORT\":\"stdout\"}\n"
      "{\"MESSAGE\":\"a\\nprogram: Unknown symbol baz (err -2)\",\"_TRANSPORT\":\"stdout\"}\n"
      "{\"MESSAGE\":\"cut: Unknown symbol qux (err -2)\\n\",\"_HOSTNAME\":\"ho\n"
      "{\"MESSAGE\":[1,2,\"x\"]}\n{\"MESSAGE\":[300]}\n{\"MESSAGE\":{\"\\n\":[]}}\n{\"MESSAGE\":"
      "null,\"x\":[]}\n");
  ASSERT_THAT(result.items, SizeIs(3));
  EXPECT_EQ(fact(result.items[0], "symbol"), "bar");
  EXPECT_EQ(result.items[1].module, "hello");
  EXPECT_EQ(result.items[1].count, 1U);
  EXPECT_EQ(result.items[2].module, "cut");
}

TEST(Explainer, MessagesOfSeveralLinesBelongToTheirWriter) {
  const std::string more = "                              hello: Unknown symbol foo (err -2)\n";
  EXPECT_THAT(explain("Nov 23 21:00:17 box prog[1]: what dmesg says:\n" + more + more).items,
              IsEmpty());
  EXPECT_THAT(explain("Nov 23 21:00:17 box kernel: two lines:\n" + more).items, SizeIs(1));
  EXPECT_THAT(explain(more).items, SizeIs(1));
  EXPECT_THAT(
      explain("Nov 23 21:00:17 box prog[1]: x\nNov 23 21:00:18 box kernel: y\n" + more).items,
      SizeIs(1));
  const auto verbose = [&](std::string_view transport) {
    return fmt::format(
        "Mon 2026-11-23 21:00:17.1 UTC [s=a;i=1;b=c;m=1;t=2;x=3]\n    MESSAGE=two lines:\n{}"
        "    _TRANSPORT={}\n",
        more, transport);
  };
  EXPECT_THAT(explain(verbose("stdout")).items, IsEmpty());
  EXPECT_THAT(explain(verbose("kernel")).items, SizeIs(1));
  const auto exported = [&](std::string_view transport) {
    return fmt::format(
        "__CURSOR=s=a\n_TRANSPORT={}\nMESSAGE\n\x31{}two lines:\n"
        "hello: Unknown symbol foo (err -2)\nPRIORITY=4\n\n",
        transport, std::string(7, '\0'));
  };
  EXPECT_THAT(explain(exported("stdout")).items, IsEmpty());
  EXPECT_THAT(explain(exported("kernel")).items, SizeIs(1));
  // Another log behind it has time stamps of its own.
  EXPECT_THAT(explain(exported("stdout") + "[    1.0] hello: Unknown symbol foo (err -2)\n").items,
              SizeIs(1));
}

TEST(Explainer, ProgramsLinesThatAreToolsAreExplained) {
  for (const auto& [line, id] : std::vector<std::pair<std::string, std::string>>{
           {"Nov 23 21:00:17 box systemd-modules-load[291]: Failed to find module 'hello'",
            "module-not-found"},
           {"30,1234,5678901,-;systemd-modules-load[291]: Failed to find module 'hello'",
            "module-not-found"},
           {"Nov 23 21:00:17 box (udev-worker)[33]: Module 'hello' is deny-listed",
            "systemd-blacklisted"},
           {"Nov 23 21:00:17 box dkms[9]: ERROR: modpost: \"foo\" [/tmp/a/hello.ko] undefined!",
            "modpost-undefined"},
           {"Nov 23 21:00:17 box audit[77]: AVC avc:  denied  { module_load } for  pid=77",
            "selinux-module-load"}})
    EXPECT_EQ(explain(line + "\n").items.at(0).message->id, id) << line;
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
  // Without what the tool says before the path.
  EXPECT_EQ(result.items[1].next, "kovet check /lib/modules/6.1/extra/b.ko --kernel RELEASE");
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

TEST(Explainer, AModulesNameAfterATimeIsNoPrograms) {
  for (const char* prefix :
       {"2026-11-23T21:00:17.1234567Z ", "Nov 23 21:00:17 ", "21:00:17 ",
        "2026-11-23T21:00:17Z [654321.000001] ", "Nov 23 21:00:17 [654321.000001] "})
    EXPECT_THAT(explain(prefix + std::string("hello: version magic '1 ' should be '2 '\n")).items,
                SizeIs(1))
        << prefix;
  EXPECT_THAT(
      explain("2026-11-23T21:00:17Z module ok: .gnu.linkonce.this_module section size must match "
              "the kernel's built struct module size at run time\n")
          .items,
      SizeIs(1));
  for (const char* prefix : {"Nov 23 21:00:17 box sshd: ", "Nov 23 21:00:17 box sshd[7]: ",
                             "<12>1 2026-11-23T21:00:17Z box sshd - - - "})
    EXPECT_THAT(explain(prefix + std::string("hello: version magic '1 ' should be '2 '\n")).items,
                IsEmpty())
        << prefix;
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

TEST(Explainer, AToolsNextStepIsThatOfTheLineThatSaysWhy) {
  const auto result = explain(
      "x: disagrees about version of symbol foo\nx: Unknown symbol foo (err -22)\n"
      "modprobe: ERROR: could not insert 'x': Invalid argument\n");
  ASSERT_EQ(result.items.at(1).explained_by, 1U);
  EXPECT_EQ(result.items.at(1).next, result.items.at(0).next);
}

}  // namespace
}  // namespace kovet::explain
