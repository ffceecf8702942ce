#include <fmt/format.h>

#include <cerrno>

#include "tests/unit/explain/explained.h"

// Whose a line is: the kernel's, a tool's, or some program's.

namespace kovet::explain {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

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

TEST(Explainer, ReadsASerialConsole) {
  const auto result = explain(
      "\033[0;32m  OK  \033[0m] Started x.\r\n[    3.1] \033[31mhello: module license 'MIT' taints "
      "kernel.\033[0m\r\r\n");
  ASSERT_THAT(result.items, SizeIs(1));
  EXPECT_EQ(result.items[0].line, "hello: module license 'MIT' taints kernel.");
  EXPECT_EQ(result.items[0].number, 2U);
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

}  // namespace
}  // namespace kovet::explain
