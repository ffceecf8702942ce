#include "explain/report.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace kovet::explain {
namespace {

using ::testing::HasSubstr;

Report report_of(std::string_view log) {
  Explainer explainer;
  const auto size = split_lines(
      log, [&](std::string_view line, std::uint64_t number) { explainer.line(line, number); });
  return {.input = "dmesg.txt", .log = explainer.finish(size)};
}

TEST(ExplainText, ABlockOfSymbols) {
  EXPECT_EQ(explain_text(report_of("[ 7.1] hello: Unknown symbol foo (err -2)\n"
                                   "[ 7.1] hello: Unknown symbol bar (err -2)\n"),
                         false, false),
            R"(hello: Unknown symbol foo (err -2) (line 1 [7.1], 2 lines)
  check:    symbols; refused by the loader, none of the module's code ran, ENOENT
  meaning:  The loader could not link these symbols. err -2 (0 before 4.x): nothing that this module may use exports it; -22: it exists, but version or namespace do not fit; -16: its owner is still initialising.
  symbols:  foo (err -2)
            bar (err -2)
  causes:   1. the module that exports it is not loaded: insmod does not load dependencies, modprobe does
            2. this kernel does not export it: removed, renamed, trimmed, or an option is off
            3. it is GPL-only and this module's licence is not compatible with the GPL
            4. built against another kernel
  next:     kovet explain LOG --module hello.ko --kernel $(uname -r); modprobe instead of insmod; grep -w SYMBOL /lib/modules/$(uname -r)/modules.symbols

)");
}

TEST(ExplainText, NothingRelevantIsSaid) {
  const std::string text = explain_text(report_of("a\nb\n"), false, false);
  EXPECT_THAT(text, HasSubstr("dmesg.txt: nothing about loading modules in 2 lines\n"));
  EXPECT_THAT(text, HasSubstr("print nothing"));
}

TEST(ExplainText, AnErrno) {
  const std::string text = explain_text(
      {.input = "EEXIST", .is_log = false, .errno_meaning = find_errno("EEXIST"), .error = EEXIST},
      false, false);
  EXPECT_EQ(text,
            R"(EEXIST (17): File exists
  modprobe: Module already in kernel
  meaning:  A module of that name is loaded; names count, not files.
  causes:   1. the module is loaded already, perhaps another build or copy of it (already-loaded)
            2. its init registered something whose name is taken (init)
  next:     grep '^NAME ' /proc/modules; modinfo NAME; rmmod NAME first
)");
}

TEST(ExplainText, AnErrnoTheLoaderNeverReturns) {
  EXPECT_THAT(explain_text({.input = "-95", .is_log = false, .error = 133}, false, false),
              HasSubstr("EHWPOISON (133, Memory page has hardware error): the loader never returns "
                        "this errno, so the module's init did"));
}

TEST(ExplainJson, IsWhole) {
  const auto json = nlohmann::json::parse(explain_json(report_of(
      "junk \xff\xfe\n[ 7.1] hello: Unknown symbol foo (err -2)\nhello: init failed with -19\n")));
  EXPECT_EQ(json["schema"], "kovet.explain/1");
  EXPECT_EQ(json["input"]["kind"], "log");
  EXPECT_EQ(json["input"]["lines"], 3);
  ASSERT_EQ(json["results"].size(), 2U);
  const auto& first = json["results"][0];
  EXPECT_EQ(first["id"], "symbol-unknown");
  EXPECT_EQ(first["gate"], "symbols");
  EXPECT_EQ(first["stage"], "refused");
  EXPECT_EQ(first["module"], "hello");
  EXPECT_EQ(first["line"], 2);
  EXPECT_EQ(first["time"], "7.1");
  EXPECT_EQ(first["errno"]["name"], "ENOENT");
  EXPECT_EQ(first["symbols"][0]["name"], "foo");
  EXPECT_TRUE(first["proof"].is_null());
  EXPECT_EQ(json["results"][1]["stage"], "init-failed");
  EXPECT_EQ(json["results"][1]["errno"]["number"], 19);
  EXPECT_TRUE(json["verdict"].is_null());
}

TEST(ExplainJson, BytesThatAreNoTextAreReplaced) {
  const auto json = nlohmann::json::parse(
      explain_json(report_of("hello: module license '\xff' taints kernel.\n")));
  EXPECT_EQ(json["results"][0]["id"], "taint-licence");
}

}  // namespace
}  // namespace kovet::explain
