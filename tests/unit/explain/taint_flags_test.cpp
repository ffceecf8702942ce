#include "explain/taint_flags.h"

#include <gmock/gmock.h>

#include "explain/taint_report.h"

namespace kovet::explain {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string letters(std::string_view text) {
  const auto reading = read_taint(text);
  return reading ? taint_letters(reading->value) + reading->foreign_letters : "error";
}

TEST(TaintReport, ALineWithoutLettersSpeaksOfTheModuleAlone) {
  TaintReport report{.source = "ext4 1159168 1 - Live 0xffffffffc04c0000"};
  report.reading = read_taint(report.source).value();
  EXPECT_THAT(taint_text(report, false), HasSubstr(": no flag of this module's"));
  report.source = "0";
  report.reading = read_taint(report.source).value();
  EXPECT_THAT(taint_text(report, false), HasSubstr("0: not tainted"));
}

TEST(TaintReport, TextAndJsonAgreeOnTheAge) {
  TaintReport report{.source = "64"};
  report.reading = read_taint(report.source).value();
  EXPECT_THAT(taint_text(report, false), HasSubstr("U USER (bit 6, before 3.0)"));
  EXPECT_THAT(taint_json(report), HasSubstr("\"since\": \"before 3.0\""));
}

TEST(TaintFlags, AreTheKernelsInItsOrder) {
  std::string all;
  for (const TaintFlag& flag : taint_flags()) {
    EXPECT_EQ(flag.bit, static_cast<int>(all.size()));
    all += flag.letter;
  }
  EXPECT_EQ(all, "PFSRMBUDAWCIOELKXTNJ");
}

TEST(ReadTaint, Numbers) {
  EXPECT_EQ(letters("0"), "");
  EXPECT_EQ(letters("12288\n"), "OE");
  EXPECT_EQ(letters("0x3000"), "OE");
  EXPECT_EQ(letters("4097"), "PO");
  EXPECT_EQ(letters("524288"), "J");
  EXPECT_EQ(letters("0012288"), "OE");  // decimal, not octal
}

TEST(ReadTaint, Letters) {
  EXPECT_EQ(letters("OE"), "OE");
  EXPECT_EQ(letters("EO"), "OE");
  EXPECT_EQ(letters("(POE)"), "POE");
  EXPECT_EQ(letters("(OE+)"), "OE");
  EXPECT_EQ(letters("G           OE"), "OE");
  EXPECT_EQ(letters("G"), "");
  EXPECT_EQ(letters("OZ"), "OZ");
}

TEST(ReadTaint, LinesOfTraces) {
  EXPECT_EQ(letters("CPU: 1 PID: 312 Comm: insmod Tainted: G           OE      6.1.0-21-amd64 #1"),
            "OE");
  EXPECT_EQ(letters("[ 1.0] CPU: 1 PID: 312 Comm: x Tainted: P        W  OE     5.10.0 #1"),
            "PWOE");
  EXPECT_EQ(letters("Tainted: [O]=OOT_MODULE, [E]=UNSIGNED_MODULE"), "OE");
  EXPECT_EQ(letters("CPU: 1 PID: 312 Comm: x Not tainted 6.1.0 #1"), "");
  EXPECT_EQ(letters("Tainted: G        W          Ubuntu-6.8 #1"), "W");
}

TEST(ReadTaint, ALineOfProcModules) {
  const auto reading = read_taint("hello 16384 0 - Live 0xffffffffc0a3f000 (OE)\n");
  ASSERT_TRUE(reading.has_value());
  EXPECT_EQ(reading->kind, TaintReading::Kind::module_line);
  EXPECT_EQ(reading->value, 0x3000U);
  EXPECT_THAT(reading->modules, ElementsAre(AllOf(Field(&TaintedModule::name, "hello"),
                                                  Field(&TaintedModule::letters, "OE"))));
  const auto clean = read_taint("ext4 1003520 1 - Live 0x0000000000000000");
  ASSERT_TRUE(clean.has_value());
  EXPECT_EQ(clean->value, 0U);
  EXPECT_THAT(clean->modules, IsEmpty());
}

TEST(ReadTaint, ModulesLinkedIn) {
  const auto reading =
      read_taint("Modules linked in: hello(OE+) ext4 nvidia(POE) [last unloaded: x(O)]");
  ASSERT_TRUE(reading.has_value());
  EXPECT_EQ(taint_letters(reading->value), "POE");
  ASSERT_THAT(reading->modules, SizeIs(2));
  EXPECT_EQ(reading->modules[0].state, '+');
  EXPECT_EQ(reading->modules[1].letters, "POE");
}

TEST(ReadTaint, BitsOfDistributionsAreNotMainlines) {
  const auto reading = read_taint("2147487744");
  ASSERT_TRUE(reading.has_value());
  EXPECT_THAT(reading->foreign_bits, ElementsAre(31));
  EXPECT_EQ(taint_letters(reading->value), "O");
}

TEST(ReadTaint, RefusesOtherText) {
  for (const char* text :
       {"", "oe", "hello", "0x", "12 34", "99999999999999999999", "-1", "()",
        "usb 1-1: Tainted: foo", "Tainted: ", "Tainted: [nothing]", "kernel.tainted ="})
    EXPECT_TRUE(read_taint(text).has_error()) << text;
}

TEST(ReadTaint, SysctlsOwnWords) {
  EXPECT_EQ(letters("kernel.tainted = 12288\n"), "OE");
  EXPECT_EQ(letters("kernel.tainted=0"), "");
}

TEST(TaintReport, NamesTheModulesOfEachFlag) {
  TaintReport report{.source = "/proc/sys/kernel/tainted"};
  auto reading = read_taint("4097");
  reading->modules = tainted_modules(
      "nvidia 1 0 - Live 0x0 (PO)\nhello 1 0 - Live 0x0 (O)\next4 1 0 - Live 0x0\n");
  report.reading = *reading;
  EXPECT_EQ(
      taint_text(report, false),
      "/proc/sys/kernel/tainted: tainted, PO (value 4097)\n"
      "  P PROPRIETARY_MODULE (bit 0, before 3.0): a module with a licence that is not compatible "
      "with the GPL was loaded\n"
      "    set by:  the loader, from MODULE_LICENSE()\n"
      "    modules: nvidia\n"
      "    advice:  find the module with (P) in /proc/modules; reports to the kernel's developers "
      "need a boot without it\n"
      "  O OOT_MODULE (bit 12, since 3.2): a module from outside the kernel tree was loaded\n"
      "    set by:  the loader, from the absence of modinfo 'intree'\n"
      "    modules: nvidia, hello\n"
      "    advice:  nothing is wrong; find the modules with (O) in /proc/modules\n"
      "  No flag is ever cleared while the kernel runs: removing the module does not help, a "
      "reboot "
      "does.\n");
}

TEST(TaintReport, SaysNotTainted) {
  TaintReport report{.source = "0"};
  report.reading = *read_taint("0");
  EXPECT_EQ(taint_text(report, false), "0: not tainted\n");
}

TEST(TaintReport, JsonHasASchema) {
  TaintReport report{.source = "12288"};
  report.reading = *read_taint("12288");
  const std::string json = taint_json(report);
  EXPECT_THAT(json, HasSubstr("\"schema\": \"kovet.taint/1\""));
  EXPECT_THAT(json, HasSubstr("\"letters\": \"OE\""));
  EXPECT_THAT(json, HasSubstr("\"forecast\": null"));
}

}  // namespace
}  // namespace kovet::explain
