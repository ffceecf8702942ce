#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <functional>

#include "explain/explain.h"
#include "host/kernel_cmdline.h"

// What Debian's 6.1 and 6.12 really printed when modules that do not fit were loaded (kovet boot
// --log), in every form in which such a log reaches people.
//
// The modules: par (vermagic, CRC of module_layout, parameters; unsigned under enforcement,
// lockdown and module_blacklist=), warn_init (a wrong CRC; then a WARN in init), user and ns_user
// (an export that is missing), nolic (a licence the kernel does not know), pos_init (returns
// ENODEV), oops_init (writes to NULL), many (30 symbols that nobody has), reloverflow, reltype, wx,
// prov and other (export the same symbol), and a cut file and one of another machine.

namespace kovet::explain {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

std::vector<std::string> captured(const std::string& release) {
  std::ifstream in(fmt::format("{}/logs/debian-{}.txt", KOVET_TEST_SOURCE_DIR, release));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

Explanations explain(const std::string& log) {
  Explainer explainer;
  const auto size = split_lines(
      log, [&](std::string_view line, std::uint64_t number) { explainer.line(line, number); });
  return explainer.finish(size);
}

using Form = std::function<std::string(const std::string&, int)>;

/// "module id stage count symbols" of each message, and its first line where that is asked for.
std::vector<std::string> outline(const std::string& release, const Form& form,
                                 bool with_line = false) {
  std::string log;
  int number = 0;
  for (const auto& line : captured(release)) log += form(line, ++number);
  std::vector<std::string> result;
  for (const auto& item : explain(log).items)
    result.push_back(fmt::format("{} {} {} {} {}{}", item.module, item.message->id,
                                 to_string(item.stage), item.count, item.symbols.size(),
                                 with_line ? " " + item.line : ""));
  return result;
}

/// As a JSON string; some characters escaped that need not be.
std::string quoted(const std::string& line) {
  std::string text = "\"";
  for (const char c : line)
    text += c == '"' || c == '\\' || c == '/' ? std::string("\\") + c
            : c == '`'                        ? std::string("\\u0060")
                                              : std::string(1, c);
  return text + "\"";
}

std::string plain(const std::string& line, int) {
  return line + "\n";
}

class CapturedLog : public ::testing::TestWithParam<const char*> {};

TEST_P(CapturedLog, EveryRefusalIsExplained) {
  const auto found = outline(GetParam(), plain);
  for (const char* wanted : {"par vermagic refused 1 0",
                             "warn_init symbol-version refused 1 1",
                             "par module-layout refused 1 0",
                             " elf-section-table refused 1 0",
                             " elf-architecture refused 1 0",
                             "user symbol-unknown refused 1 1",
                             "ns_user symbol-unknown refused 1 1",
                             "nolic taint-licence warned 1 0",
                             "nolic symbol-unknown refused 1 1",
                             "par parameter-invalid refused 1 0",
                             "par parameter-unknown warned 1 0",
                             "pos_init init-positive loaded 1 0",
                             "warn_init init-warning running 1 0",
                             "oops_init init-crashed init-failed 1 0",
                             "many symbol-unknown refused 30 30",
                             " relocation-overflow refused 1 0",
                             "reloverflow relocation-code-model refused 1 0",
                             "reltype relocation-unknown refused 1 0",
                             "wx write-exec refused 1 0",
                             "other duplicate-export refused 1 1",
                             " signature-unsigned refused 1 0",
                             " lockdown-unsigned refused 1 0",
                             "par blacklisted refused 1 0"})
    EXPECT_THAT(found, Contains(wanted));
}

TEST_P(CapturedLog, IsTheSameInEveryForm) {
  const auto wanted = outline(GetParam(), plain, true);
  ASSERT_GT(wanted.size(), 20U);
  const std::map<std::string, Form> forms{
      {"dmesg", [](auto& line, int n) { return fmt::format("[{:5}.{:06}] {}\n", n, n, line); }},
      {"dmesg with callers",
       [](auto& line, int n) {
         return fmt::format("[{:5}.{:06}][{:>6}] {}\n", n, n, "T77", line);
       }},
      {"dmesg -T",
       [](auto& line, int n) {
         return fmt::format("[Mon Nov 23 21:{:02}:17 2026] {}\n", n % 60, line);
       }},
      {"dmesg --time-format iso",
       [](auto& line, int n) {
         return fmt::format("2026-11-23T21:00:17,{:06}+01:00 {}\n", n, line);
       }},
      {"dmesg -x",
       [](auto& line, int n) { return fmt::format("kern  :err   : [{:5}.000001] {}\n", n, line); }},
      {"journalctl -k",
       [](auto& line, int n) {
         return fmt::format("Nov 23 21:00:{:02} box kernel: {}\n", n % 60, line);
       }},
      {"journalctl -k -o short-iso",
       [](auto& line, int n) {
         return fmt::format("2026-11-23T21:00:{:02}+0100 box kernel: {}\n", n % 60, line);
       }},
      {"journalctl -k -o short-full",
       [](auto& line, int n) {
         return fmt::format("Mon 2026-11-23 21:00:{:02} CET box kernel: {}\n", n % 60, line);
       }},
      {"journalctl -k -o short-monotonic",
       [](auto& line, int n) { return fmt::format("[{:5}.000001] box kernel: {}\n", n, line); }},
      {"/dev/kmsg",
       [](auto& line, int n) { return fmt::format("4,{},{},-;{}\n", n, n * 1000, line); }},
      {"/proc/kmsg", [](auto& line, int n) { return fmt::format("<4>[{:5}.1] {}\n", n, line); }},
      {"syslog file",
       [](auto& line, int n) {
         return fmt::format("Nov 23 21:00:17 box kernel: [{:5}.000001] {}\n", n, line);
       }},
      {"dmesg -d",
       [](auto& line, int n) {
         return fmt::format("[{:5}.{:06} <    0.000012>] {}\n", n, n, line);
       }},
      {"dmesg -H",
       [](auto& line, int n) {
         return n % 5 == 0 ? fmt::format("[Nov23 21:{:02}] {}\n", n % 60, line)
                           : fmt::format("[  +0.{:06}] {}\n", n, line);
       }},
      {"dmesg -H with a comma, coloured",
       [](auto& line, int n) {
         return fmt::format("\033[32m[  +0,{:06}] \033[0m\033[33m{}\033[0m\n", n, line);
       }},
      {"journalctl -o verbose",
       [](auto& line, int) { return fmt::format("    MESSAGE={}\n", line); }},
      {"journalctl -o json",
       [](auto& line, int n) {
         std::string text;
         for (const char c : line) text += c == '"' ? std::string("\\\"") : std::string(1, c);
         return fmt::format(
             "{{\"_TRANSPORT\":\"kernel\",\"PRIORITY\":\"4\",\"MESSAGE\":\"{}\","
             "\"_SOURCE_MONOTONIC_TIMESTAMP\":\"{}\"}}\n",
             text, n);
       }},
      {"journalctl -o json, with blanks as other programs write it",
       [](auto& line, int) {
         return fmt::format(
             "{{\"_TRANSPORT\": \"kernel\", \"MESSAGE\": {}, \"PRIORITY\": \"4\"}}\n",
             quoted(line));
       }},
      {"dmesg --json, a record in a line",
       [](auto& line, int n) {
         return fmt::format("{{\"pri\":4,\"time\":{}.000001,\"msg\":{}}}\n", n, quoted(line));
       }},
      {"journalctl -o json-sse",
       [](auto& line, int n) {
         return fmt::format(
             "data: {{\"_TRANSPORT\":\"kernel\",\"MESSAGE\":{},\"PRIORITY\":\"{}\"}}\n\n",
             quoted(line), n % 7);
       }},
      {"journalctl -o json-pretty",
       [](auto& line, int n) {
         const std::string transport = "\t\"_TRANSPORT\" : \"kernel\",\n";
         return fmt::format(
             "{{\n\t\"PRIORITY\" : \"4\",\n{}\t\"MESSAGE\" : {},\n{}\t\"_BOOT_ID\" : \"7\"\n}}\n",
             n % 2 ? transport : "", quoted(line), n % 2 ? "" : transport);
       }},
      {"journalctl -o json-pretty, coloured",
       [](auto& line, int) {
         std::string text = quoted(line);
         text = "\033[0;32m" + text.substr(1, text.size() - 2) + "\033[0m";
         return fmt::format(
             "{{\n\t\"\033[0;32m_TRANSPORT\033[0m\" : \"\033[0;32mkernel\033[0m\",\n"
             "\t\"\033[0;32mMESSAGE\033[0m\" : \"{}\"\n}}\n",
             text);
       }},
      {"dmesg --json",
       [](auto& line, int n) {
         return fmt::format(
             "      {}{{\n         \"pri\": 4,\n         \"time\": {:5}.000001,\n"
             "         \"msg\": {}\n",
             n > 1 ? "}," : "", n, quoted(line));
       }},
      {"dmesg --time-format delta",
       [](auto& line, int) { return fmt::format("[<    0.000012>] {}\n", line); }},
      {"rsyslog, RFC 5424",
       [](auto& line, int n) {
         return fmt::format(
             "<4>1 2026-11-23T21:00:17.{:06}+00:00 box kernel - - - [{:5}.000001] {}\n", n, n,
             line);
       }},
      {"RFC 5424 with structured data",
       [](auto& line, int n) {
         return fmt::format(
             "<4>1 2026-11-23T21:00:17.{:06}Z box kernel - - [meta n=\"{}\"] \xef\xbb\xbf{}\n", n,
             n, line);
       }},
      {"journalctl -k --no-hostname",
       [](auto& line, int) { return fmt::format("Nov 23 21:00:17 kernel: {}\n", line); }},
      {"busybox syslogd",
       [](auto& line, int n) {
         return fmt::format("Nov 23 21:00:17 box kern.warn kernel: [{:5}.000001] {}\n", n, line);
       }},
      {"OpenWrt's logread",
       [](auto& line, int n) {
         return fmt::format("Mon Nov 23 21:00:17 2026 kern.warn kernel: [{:5}.000001] {}\n", n,
                            line);
       }},
      {"stamped by a build service, after days of uptime",
       [](auto& line, int n) {
         return fmt::format("2026-11-23T21:00:17.{:07}Z [{}.000001] {}\n", n, 654321 + n, line);
       }},
      {"stamped by ts, without the kernel's time",
       [](auto& line, int) { return fmt::format("21:00:17 {}\n", line); }},
      {"serial console, stamped by the terminal program",
       [](auto& line, int n) {
         return fmt::format("[2026-11-23 21:00:17.{:03}] [{:5}.{:06}] {}\r\n", n, n, n, line);
       }},
      {"timestamps and console level",
       [](auto& line, int n) { return fmt::format("<4>[{:5}.{:06}][    C1] {}\r\n", n, n, line); }},
      {"serial console", [](auto& line, int n) { return fmt::format("[{:5}.1] {}\r\n", n, line); }},
      {"quoted in a mail",
       [](auto& line, int n) { return fmt::format("> > [{:5}.1] {}\n", n, line); }},
      {"coloured", [](auto& line, int n) {
         return fmt::format("\033[32m[{:5}.000001] \033[0m\033[33m{}\033[0m\n", n, line);
       }}};
  for (const auto& [name, form] : forms) EXPECT_EQ(outline(GetParam(), form, true), wanted) << name;
}

TEST_P(CapturedLog, ACrashClaimsNoMoreThanTheTrace) {
  std::string log;
  for (const auto& line : captured(GetParam())) log += line + "\n";
  for (const auto& item : explain(log).items) {
    if (!item.crash || item.crash->warning) continue;
    EXPECT_EQ(item.module, "oops_init");
    // The trace goes from do_one_initcall() straight to a function that init jumped to.
    EXPECT_EQ(item.crash->init_function, "");
    EXPECT_EQ(item.crash->fault_function, "touch.constprop.0");
  }
}

TEST_P(CapturedLog, AWarningIsNotCalledLoadedWhereTheModuleWasRefused) {
  std::string log;
  for (const auto& line : captured(GetParam())) log += line + "\n";
  for (const auto& item : explain(log).items) {
    if (item.message->id == "parameter-unknown") {
      EXPECT_TRUE(item.also_refused);
    }
    if (item.message->id == "init-positive") {
      EXPECT_FALSE(item.also_refused);
    }
    if (item.message->id == "symbol-unknown" && item.module == "nolic") {
      EXPECT_THAT(item.details, Contains(HasSubstr("module license 'GPL_v2'")));
      EXPECT_THAT(item.causes.front(), HasSubstr("GPL-only"));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Debian, CapturedLog, ::testing::Values("6.1", "6.12"),
                         [](const auto& name) {
                           return name.param == std::string("6.1") ? "Linux_6_1" : "Linux_6_12";
                         });

}  // namespace
}  // namespace kovet::explain
