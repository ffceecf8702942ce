#include <fstream>

#include "tests/cli/cli_test.h"

// `kovet explain` as users call it: inputs of every kind, exit codes, both formats.

namespace kovet::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class ExplainCommand : public CliTest {
 protected:
  static ProcessOutcome explain(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "explain");
    return run_kovet(arguments);
  }
  std::string log(std::string_view text) { return dir_.write("a log.txt", text).string(); }
  /// Through a pipe, as `dmesg | kovet explain -`.
  ProcessOutcome piped(const std::string& file, const std::string& arguments) const {
    return run_program(
        "/bin/sh", {"-c", "cat '" + file + "' | '" + kovet_program() + "' explain " + arguments});
  }
};

constexpr std::string_view refused =
    "[    1.0] usb 1-1: new high-speed USB device number 2 using xhci_hcd\n"
    "[   12.3] hello: version magic '6.1.0-1-amd64 SMP mod_unload ' should be '6.1.0-2-amd64 SMP "
    "preempt mod_unload '\n";

TEST_F(ExplainCommand, ALogInTheFormatsOfContinuousIntegration) {
  const std::string file =
      log(std::string(refused) + "[   13.0] hello: unknown parameter 'x%y' ignored\n");
  const auto sarif = explain({file, "--format", "sarif"});
  EXPECT_EQ(sarif.exit_code, 1);
  const auto run = json_of(sarif).at("runs").at(0);
  ASSERT_EQ(run.at("results").size(), 2U);
  const auto& result = run.at("results").at(0);
  EXPECT_EQ(result.at("ruleId"), "vermagic");
  EXPECT_EQ(result.at("level"), "error");
  const auto& place = result.at("locations").at(0).at("physicalLocation");
  EXPECT_EQ(place.at("artifactLocation").at("uri"), file);
  EXPECT_EQ(place.at("region").at("startLine"), 2);
  EXPECT_EQ(run.at("tool").at("driver").at("rules").size(), 2U);

  const auto github = explain({file, "--format", "github"});
  EXPECT_EQ(github.exit_code, 1);
  EXPECT_THAT(github.out,
              StartsWith("::error file=" + file + ",line=2,title=vermagic::hello: version magic"));
  EXPECT_THAT(github.out,
              HasSubstr(",line=3,title=parameter-unknown::hello: unknown parameter 'x%25y'"));

  const auto junit = explain({file, "--format", "junit"});
  EXPECT_EQ(junit.exit_code, 1);
  EXPECT_THAT(junit.out, HasSubstr("<testsuites tests=\"2\" failures=\"1\" errors=\"0\">"));
  EXPECT_THAT(explain({file, "--format", "junit", "--threshold", "warning"}).out,
              HasSubstr("failures=\"2\""));
  // Standard input has no name, and a log without any such line passes.
  EXPECT_THAT(piped(file, "--format github").out, StartsWith("::error title=vermagic::"));
  const auto nothing = explain({log("[ 1.0] usb 1-1: new device\n"), "--format", "junit"});
  EXPECT_EQ(nothing.exit_code, 0);
  EXPECT_THAT(nothing.out, HasSubstr("<testsuites tests=\"1\" failures=\"0\" errors=\"0\">"));
}

TEST_F(ExplainCommand, ALogInText) {
  const auto outcome = explain({log(refused)});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_THAT(outcome.out, StartsWith("hello: version magic "));
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("(line 2 [12.3])"), HasSubstr("vermagic; refused"),
                                 HasSubstr("'preempt': the kernel has it"), HasSubstr("next:")));
}

TEST_F(ExplainCommand, SeveralMessagesBeginWithWhatDecided) {
  const auto outcome =
      explain({log("hello: loading out-of-tree module taints kernel.\n"
                   "hello: Unknown symbol foo (err -2)\n"
                   "insmod: ERROR: could not insert module hello.ko: Unknown symbol in module\n")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, StartsWith("hello: refused (symbols), ENOENT; line 2\n"));
  EXPECT_THAT(outcome.out, HasSubstr("a warning only, line 2 says why it was refused"));
}

TEST_F(ExplainCommand, JsonStandsAlone) {
  const auto outcome = explain({"--format", "json", log(refused)});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, IsEmpty());
  const auto json = json_of(outcome);
  EXPECT_EQ(json.at("schema"), "kovet.explain/1");
  EXPECT_EQ(json.at("input").at("lines"), 2);
  const auto& item = json.at("results").at(0);
  EXPECT_EQ(item.at("id"), "vermagic");
  EXPECT_EQ(item.at("gate"), "vermagic");
  EXPECT_EQ(item.at("stage"), "refused");
  EXPECT_EQ(item.at("module"), "hello");
  EXPECT_EQ(item.at("errno").at("name"), "ENOEXEC");
  EXPECT_FALSE(item.at("causes").empty());
}

TEST_F(ExplainCommand, StandardInputWithAndWithoutADash) {
  const auto file = log(refused);
  for (const char* arguments : {"-", "", "- --format json"}) {
    const auto outcome = piped(file, arguments);
    EXPECT_EQ(outcome.exit_code, 1) << arguments;
    EXPECT_THAT(outcome.out, HasSubstr("version magic")) << arguments;
    EXPECT_THAT(outcome.err, IsEmpty()) << arguments;
  }
}

TEST_F(ExplainCommand, WhatALoginShellSaysIsNoOption) {
  for (const char* text : {"-bash: insmod: command not found", "-sh: insmod: not found"}) {
    const auto outcome = explain({text});
    EXPECT_EQ(outcome.exit_code, 1) << text;
    EXPECT_THAT(outcome.out, StartsWith(text));
  }
  EXPECT_EQ(explain({"-x: insmod: not found"}).exit_code, 2);
}

TEST_F(ExplainCommand, ErrnosByNameNumberAndText) {
  for (const char* text : {"ENOEXEC", "enoexec", "-ENOEXEC", "8", "-8", "0xfffffff8", "0x8",
                           "Exec format error", "Invalid module format", "invalid module format"}) {
    const auto outcome = explain({text});
    EXPECT_EQ(outcome.exit_code, 0) << text;
    EXPECT_THAT(outcome.out, StartsWith("ENOEXEC (8): Exec format error\n")) << text;
  }
  const auto json = json_of(explain({"-22", "--format", "json"}));
  EXPECT_EQ(json.at("errno").at("name"), "EINVAL");
  EXPECT_TRUE(json.at("results").empty());
  EXPECT_THAT(explain({"4000"}).out, HasSubstr("the loader never returns this errno"));
}

TEST_F(ExplainCommand, AMessageAsAnArgument) {
  const auto outcome =
      explain({"modprobe: ERROR: could not insert 'hello': Key was rejected by service"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("EKEYREJECTED"), HasSubstr("kovet signature $(modinfo -n hello)")));
}

TEST_F(ExplainCommand, ALogWithNothingRelevantSaysSo) {
  const auto outcome = explain({log("usb 1-1: new device\nEXT4-fs (vda1): mounted\n")});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("nothing about loading modules in 2 lines"));
  EXPECT_EQ(explain({log("")}).exit_code, 0);
}

TEST_F(ExplainCommand, WarningsCountOnlyWithTheThreshold) {
  const auto file = log("hello: loading out-of-tree module taints kernel.\n");
  EXPECT_EQ(explain({file}).exit_code, 0);
  EXPECT_EQ(explain({file, "--threshold", "warning"}).exit_code, 1);
}

TEST_F(ExplainCommand, JunkIsLeftAlone) {
  std::string junk;
  unsigned state = 1;
  for (int i = 0; i < 400000; ++i)
    junk += static_cast<char>((state = state * 1103515245U + 12345U) >> 16U);
  for (const std::string& content :
       {junk, std::string(300000, '\0'), tree_.module().build(), std::string("\xff\xfe\x80\n"),
        std::string("hello: Unknown symbol "), std::string(100000, '{')}) {
    const auto outcome = explain({log(content)});
    EXPECT_EQ(outcome.signal, 0);
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(json_of(explain({"--format", "json", log(content)})).at("schema"), "kovet.explain/1");
  }
}

TEST_F(ExplainCommand, BytesThatAreNoTextDoNotHideALineNorReachTheTerminal) {
  const auto outcome = explain({log(std::string("\0\0\x1b[2J\xff", 7) +
                                    "[    1.0] hel\xfflo: x\n[    1.5] hello: Unknown symbol "
                                    "\x1b[31mfoo\x1b[0m (err -2)\n")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("Unknown symbol foo"), Not(HasSubstr("\x1b"))));
}

TEST_F(ExplainCommand, NoByteOfALogOrAModuleReachesTheTerminalRaw) {
  // C1 controls, as UTF-8 and as single bytes, and those that a module's own strings bring along.
  const std::string module = write(tree_.module().set_modinfo("vermagic",
                                                              "6.1\x1b[2J\xc2\x9b"
                                                              "31m SMP \x9b mod_unload\x7f"));
  const auto file =
      log("[ 1.0] honest: Unknown symbol a\xc2\x9b"
          "31mb (err -2)\n"
          "[Mon \x9b"
          "31m] honest: version magic 'x\x9b' should be '\xc2\x85'\n"
          "insmod: ERROR: could not insert module a\x9b.ko: Invalid module format\n");
  for (const auto& more : std::vector<std::vector<std::string>>{
           {}, {"--module", module}, {"--module", module, "--kernel", build_}})
    for (const char* format : {"text", "json"}) {
      std::vector<std::string> arguments{file, "--format", format, "--color", "never"};
      arguments.insert(arguments.end(), more.begin(), more.end());
      const auto outcome = explain(arguments);
      EXPECT_EQ(outcome.exit_code, 1);
      for (const char* raw : {"\x1b", "\x9b", "\xc2\x85", "\x7f"})
        EXPECT_THAT(outcome.out, Not(HasSubstr(raw))) << format;
    }
}

TEST_F(ExplainCommand, ALineOfFiftyMegabytesIsReadInConstantMemory) {
  const auto file = dir_.path() / "endless";
  {
    std::ofstream out(file);
    out << "hello: Unknown symbol foo (err -2)\n";
    for (int i = 0; i < 50; ++i) out << std::string(1000000, i % 2 ? '\0' : 'x');
  }
  // 100 MB of address space would not hold it twice, nor the file beside the program's libraries.
  const auto outcome = run_program("/bin/sh", {"-c", "ulimit -v 100000; '" + kovet_program() +
                                                         "' explain '" + file.string() + "'"});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("Unknown symbol foo"), HasSubstr("only the start was read")));
}

TEST_F(ExplainCommand, WhatCannotBeReadIsAnInputError) {
  for (const std::string& input :
       {std::string("no-such-log"), dir_.path().string(), std::string("/proc/self/mem")}) {
    const auto outcome = explain({input});
    EXPECT_EQ(outcome.exit_code, 2) << input;
    EXPECT_THAT(outcome.out, IsEmpty()) << input;
    EXPECT_THAT(outcome.err, HasSubstr(input)) << input;
  }
  EXPECT_EQ(explain({log(refused), "--module", "no-such.ko"}).exit_code, 2);
  EXPECT_EQ(explain({log(refused), "--kernel", "9.9.9-none"}).exit_code, 2);
  EXPECT_EQ(explain({log(refused), "--symbols", "/no/such/file"}).exit_code, 2);
}

TEST_F(ExplainCommand, ACompressedLogNamesTheCommand) {
  const auto outcome = explain({log(std::string("\x1f\x8b\x08\0\0\0\0\0", 8))});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("zcat "));
}

TEST_F(ExplainCommand, AModuleAndAKernelProveTheCause) {
  const std::string module =
      write(tree_.module().import("missing_thing").version("missing_thing", 7));
  const auto outcome =
      explain({log("[ 1.0] honest: Unknown symbol missing_thing (err -2)\n"
                   "insmod: ERROR: could not insert module honest.ko: Unknown symbol in module\n"),
               "--module", module, "--kernel", build_});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("  proven:"), HasSubstr("missing_thing"),
                                 HasSubstr("rejected with ENOENT")));
  const auto refuted = json_of(
      explain({log(refused), "--format", "json", "--module", honest(), "--kernel", build_}));
  EXPECT_TRUE(refuted.at("verdict").is_object());
}

TEST_F(ExplainCommand, ALogAboutAnotherModuleThanTheFileIsSaid) {
  const std::string other = log("[ 1.0] other: Unknown symbol missing_thing (err -2)\n");
  const auto outcome = explain({other, "--module", honest(), "--kernel", build_});
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("honest.ko is the module honest, of which this log has no "
                              "line; its lines are about other"),
                    Not(HasSubstr("  proven:"))));
  const auto alone = json_of(explain({other, "--module", honest(), "--format", "json"}));
  EXPECT_THAT(alone.at("notes").at(0).get<std::string>(), HasSubstr("about other"));
  const std::string both =
      log("[ 1.0] other: Unknown symbol missing_thing (err -2)\n"
          "[ 1.0] honest: loading out-of-tree module taints kernel.\n");
  EXPECT_THAT(explain({both, "--module", honest(), "--kernel", build_}).out,
              HasSubstr("the lines about other were not held against it"));
  // The file's own name does not matter, and '-' is '_'.
  const std::string renamed = write(tree_.module(), "renamed-1.2.ko");
  EXPECT_THAT(explain({log("[ 1.0] honest: Unknown symbol missing_thing (err -2)\n"), "--module",
                       renamed, "--kernel", build_})
                  .out,
              Not(HasSubstr("of which this log has no line")));
}

TEST_F(ExplainCommand, SynonymsAndWhatAnnouncesAnErrno) {
  for (const auto& [text, name] :
       std::vector<std::pair<std::string, std::string>>{{"EWOULDBLOCK", "EAGAIN"},
                                                        {"EDEADLOCK", "EDEADLK"},
                                                        {"err -22", "EINVAL (22)"},
                                                        {"(err -8)", "ENOEXEC (8)"},
                                                        {"errno=2", "ENOENT (2)"}}) {
    const auto outcome = explain({text});
    EXPECT_EQ(outcome.exit_code, 0) << text;
    EXPECT_THAT(outcome.out, HasSubstr(name)) << text;
  }
  // A message that is explained stays one.
  EXPECT_THAT(explain({"hello: Unknown symbol foo (err -2)"}).out, HasSubstr("symbols"));
}

TEST_F(ExplainCommand, WhatTheLineLeavesOpenTheModuleAndTheKernelDecide) {
  const std::string line = log("honest: no symbol version for missing_thing\n");
  EXPECT_EQ(json_of(explain({line, "--format", "json"})).at("results").at(0).at("stage"),
            "undecided");
  EXPECT_THAT(explain({line}).out, HasSubstr("this line alone does not tell"));
}

TEST_F(ExplainCommand, TheVerdictIsTheOneOfCheck) {
  const std::string module = write(tree_.module().signature("0123"));
  const auto report =
      json_of(explain({log("insmod: ERROR: could not insert module honest.ko: Bad message\n"),
                       "--module", module, "--kernel", build_, "--format", "json"}));
  const auto checked = check_one(module, {"--policy", "load"});
  EXPECT_EQ(report.at("verdict").at("verdict"), "reject");
  EXPECT_EQ(report.at("verdict").at("errno"), checked.at("errno"));
  EXPECT_EQ(report.at("results").at(0).at("proof").at("status"), "proven");
}

TEST_F(ExplainCommand, OutputGoesToAFile) {
  const auto target = (dir_.path() / "report.json").string();
  const auto outcome = explain({log(refused), "--format", "json", "--output", target});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  std::ifstream in(target);
  EXPECT_EQ(nlohmann::json::parse(in).at("schema"), "kovet.explain/1");
}

}  // namespace
}  // namespace kovet::testing
